// The page of one alert: what it is now, its graph, and what the reader may do about it.

import type { SilenceSettings } from "../config/links.ts";
import { isAcknowledgeable } from "../domain/action.ts";
import type { RoutedGroup } from "../domain/notification.ts";
import { cleanText } from "../render/markup/escape.ts";
import { findError, findTexts, findValue, notesOf } from "../render/view/annotations.ts";
import { labelOf, type NameValue } from "../render/view/labels.ts";
import { alertLinks } from "../render/view/links.ts";
import { stringsFor } from "../render/view/strings.ts";
import { humanSpan, shortClockOf } from "../render/view/times.ts";
import { matcherText } from "../route/matcher.ts";
import type { AlertLook, AlertNow, ScopeNow } from "./alert-now.ts";
import type { CurrentSilence } from "./alertmanager-answers.ts";
import {
  acknowledgedFacts,
  type PageContext,
  type PhoneView,
  type PlacedPage,
  pageState,
  shellOf,
} from "./page-parts.ts";
import { type ShownAlert, shownAlerts } from "./shown-alert.ts";
import { isNeverSilenced } from "./silence.ts";
import type { PageStrings } from "./strings.ts";

export interface AlertPageInput {
  /** With this alert alone. */
  readonly routed: RoutedGroup;
  readonly look: AlertLook;
  /** SVG; empty when there is none. */
  readonly graph: string;
  readonly rules: SilenceSettings;
}

export function alertPage({ routed, look, graph, rules }: AlertPageInput, context: PageContext): PhoneView {
  const { language, now, severities } = context;
  const { timezone } = routed.destination;
  const [shown] = shownAlerts(routed, { now, severities, language });
  if (shown === undefined) throw new Error("the page of an alert needs one");
  const state = pageState(shown, look.now, { context, timezone });
  const texts = bodyOf(shown, routed, context);
  return {
    view: "alert",
    title: shown.title,
    model: {
      ...shellOf(context),
      state,
      name: shown.name,
      subject: shown.subject,
      facts: factsOf(shown, look, { context, timezone }),
      ...texts,
      hasText: texts.summary !== "" || texts.description !== "" || texts.value !== null,
      graph,
      canAct: state.fires,
      // One that was delivered as over may fire again: its next message has its start.
      canAcknowledge: state.fires && isAcknowledgeable(shown.alert, routed.group),
      silence: state.fires ? silenceOf(shown, { look, rules }, context) : null,
      whyNoSilence: state.fires ? whyNoSilence(routed, { look, rules }, context) : [],
    },
  };
}

/** In the order in which they matter. */
function factsOf(
  { alert, caveat }: ShownAlert,
  { now }: AlertLook,
  { context, timezone }: PlacedPage,
): readonly string[] {
  const { strings } = context;
  const short = shortClockOf(timezone, context.now);
  const silenced = ({ endsAt, createdBy }: CurrentSilence) =>
    strings.silencedUntil(short(endsAt), cleanText(createdBy));
  return [
    ...acknowledgedFacts([alert.identity], { context, timezone }),
    ...(now.kind === "firing" ? now.silences.map(silenced) : []),
    ...(now.kind === "firing" && now.current.isInhibited ? [strings.inhibited] : []),
    ...(now.kind === "gone" && alert.status === "firing" ? [strings.notThere] : []),
    ...(now.kind === "unknown" ? [unknownText(now, strings)] : []),
    ...(caveat === "" ? [] : [caveat]),
  ];
}

function unknownText({ why, detail }: Extract<AlertNow, { kind: "unknown" }>, strings: PageStrings): string {
  if (why === "unknownAlertmanager") return strings.asDelivered;
  return why === "rejected" ? strings.rejectedLook(cleanText(detail)) : strings.noAnswer;
}

function bodyOf({ alert, summary, description, value }: ShownAlert, { group }: RoutedGroup, context: PageContext) {
  const words = stringsFor(context.language);
  const { labels, annotations } = alert;
  const found = findTexts(annotations, context.language);
  const error = findError(annotations);
  const placed = [found.summary, found.description, ...(value === "" ? [] : [findValue(annotations)]), error];
  const links = alertLinks(alert, group, { strings: words, silence: null }).shown;
  return {
    summary: cleanText(summary),
    description: cleanText([description, error.text].filter((text) => text !== "").join("\n")),
    value: value === "" ? null : { word: words.valueThen, text: cleanText(value) },
    labels: Object.entries(labels).map(cleanPair),
    notes: notesOf(annotations, placed)
      .filter(({ name }) => !isLinked(name, annotations, links))
      .map(({ name, value: text }) => cleanPair([name, text])),
    links,
  };
}

function isLinked(name: string, annotations: Readonly<Record<string, string>>, links: readonly { url: string }[]) {
  return links.some(({ url }) => url === labelOf(annotations, name));
}

function cleanPair([name, value]: readonly [string, string]): NameValue {
  return { name: cleanText(name), value: cleanText(value) };
}

interface Silenceable {
  readonly look: AlertLook;
  readonly rules: SilenceSettings;
}

/** Null when nothing can be silenced. */
function silenceOf({ alert }: ShownAlert, { look, rules }: Silenceable, { strings, language, reader }: PageContext) {
  const scopes = look.scopes.filter(({ scope, covered }) => (scope !== "rule" || reader.isAdmin) && covered !== null);
  if (scopes.length === 0 || isNeverSilenced(alert.labels, rules.never)) return null;
  const words = stringsFor(language);
  const needsLogIn = rules.scopes.includes("rule") && !reader.isAdmin;
  return {
    scopes: scopes.map((one, n) => ({ ...scopeText(one, strings), value: one.scope, checked: n === 0 })),
    durations: rules.durationsMs.map((ms) => ({ value: ms, text: humanSpan(ms, words) })),
    untilRecovered: strings.untilRecovered(humanSpan(rules.maxMs, words)),
    logIn: needsLogIn ? reader.logIn : null,
  };
}

function scopeText({ scope, matchers, except, covered }: ScopeNow, strings: PageContext["strings"]) {
  const needed = { alert: "", instance: "instance", rule: "alertname" }[scope];
  const value = matchers.find(({ name }) => name === needed)?.value ?? "";
  return {
    text: strings.scopes[scope] + (value === "" ? "" : strings.covers(cleanText(value))),
    matches: strings.matches(covered?.length ?? 0),
    // "This alert only" excludes alerts with more labels. No reader expects those, so nothing is shown.
    except:
      scope === "alert" || except.length === 0 ? "" : strings.except(cleanText(except.map(matcherText).join(", "))),
  };
}

/** Empty if the alert can be silenced, or if the page shows elsewhere why not. */
function whyNoSilence(
  { group }: RoutedGroup,
  { look: { now }, rules }: Silenceable,
  { strings }: PageContext,
): readonly string[] {
  if (rules.scopes.length === 0) return [];
  if (now.kind === "unknown" && now.why === "unknownAlertmanager") {
    return [strings.failures.unknownAlertmanager, strings.unnamed(cleanText(group.externalURL ?? ""))];
  }
  const isProtected = group.alerts.some(({ labels }) => isNeverSilenced(labels, rules.never));
  return isProtected ? [strings.failures.neverSilenced] : [];
}
