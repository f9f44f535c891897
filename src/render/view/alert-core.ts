// What one alert says of itself, whatever its group: its name, how bad it is, in which state, since when, and in which words.
// In: the alert as it was sent; out: texts that a message only has to place.

import type { Alert, LabelSet } from "../../domain/alert.ts";
import { own, severityName } from "./severity.ts";
import { humanSpan, type StateKind, type Strings } from "./strings.ts";

export interface AlertCore {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
  readonly description: string;
  readonly value: string;
  readonly start: string;
  readonly end: string;
  readonly duration: string;
  readonly stateKind: StateKind;
  readonly stateWord: string;
  readonly stateReason: string;
  readonly recoveredWhileWaiting: boolean;
}

export interface CoreSettings {
  readonly now: number;
  readonly strings: Strings;
  readonly language: "zh" | "en";
  readonly clock: (at: number) => string;
  readonly recoveredWhileWaiting: ReadonlySet<string>;
}

export function coreOf(alert: Alert, settings: CoreSettings): AlertCore {
  const severityLabel = severityName(alert.labels);
  return {
    name: alertName(alert.labels, settings.strings),
    severity: severityLabel === null ? "" : own(alert.labels, severityLabel),
    ...texts(alert.annotations, settings.language),
    value: readings(alert),
    ...times(alert, settings),
    ...state(alert, settings),
    recoveredWhileWaiting: settings.recoveredWhileWaiting.has(alert.fingerprint),
  };
}

function firstOwn(labels: LabelSet, names: readonly string[]): string {
  for (const name of names) {
    const text = own(labels, name).trim();
    if (text !== "") return text;
  }
  return "";
}

export function alertName(labels: LabelSet, strings: Strings): string {
  const name = own(labels, "alertname");
  return (isReplacedName(labels) && own(labels, "rulename")) || name || own(labels, "rulename") || strings.unnamed;
}

/** Grafana puts these in the place of the rule's own name. */
function isReplacedName(labels: LabelSet): boolean {
  return ["DatasourceNoData", "DatasourceError"].includes(own(labels, "alertname"));
}

function texts(annotations: LabelSet, language: "zh" | "en") {
  const names = (plain: readonly string[], chinese: string) =>
    language === "zh" ? [chinese, ...plain] : [...plain, chinese];
  const first = firstOwn(annotations, names(["summary"], "summary_cn"));
  const second = firstOwn(annotations, names(["description", "message"], "description_cn"));
  const summary = first === "" ? second : first;
  return { summary, description: second === summary ? "" : second };
}

/** Grafana's has some hundred characters for each value. Of a longer one every character may begin a look ahead of a thousand. */
const longestValueString = 20_000;

/** `A=92.5, B=1`: Grafana's numbers, or what its text form says of them; the text itself when it says it otherwise. */
function readings(alert: Alert): string {
  const values = Object.entries(alert.values ?? {});
  if (values.length > 0) return values.map(([id, value]) => `${id}=${Number(value.toPrecision(6))}`).join(", ");
  const said = alert.valueString.length > longestValueString ? "" : alert.valueString;
  // Each from its own `var=` on: one search over all of them would look at the same text again for each that has no value.
  const pairs = said.split(/(?=\bvar=')/).flatMap((text) => {
    const found = /^var='([^']*)'.*?\bvalue=(\S+)/.exec(text);
    return found === null ? [] : [`${found[1]}=${found[2]}`];
  });
  if (pairs.length > 0) return pairs.join(", ");
  return alert.valueString || own(alert.annotations, "value");
}

function times(alert: Alert, { clock, now, strings }: CoreSettings) {
  const { startsAt, endsAt } = alert;
  const untilAt = alert.status === "firing" ? now : endsAt;
  return {
    start: startsAt === null ? "" : clock(startsAt),
    end: alert.status === "firing" || endsAt === null ? "" : clock(endsAt),
    duration: startsAt === null || untilAt === null ? "" : humanSpan(untilAt - startsAt, strings),
  };
}

/** Names of the labels that stand in a message as its name and its severity. */
export function saidElsewhere(labels: LabelSet): ReadonlySet<string> {
  const severity = severityName(labels);
  return new Set([
    "alertname",
    ...(severity === null ? [] : [severity]),
    ...(isReplacedName(labels) ? ["rulename"] : []),
  ]);
}

const notRecoveries = ["Updated", "Paused", "RuleDeleted", "MissingSeries"];

function state(alert: Alert, { strings }: CoreSettings) {
  const said = own(alert.annotations, "grafana_state_reason");
  const reasons = said.split(",").map((reason) => reason.trim());
  const kind = stateKind(alert, reasons);
  const stateReason = reasons.map((reason) =>
    Object.hasOwn(strings.reasons, reason) ? strings.reasons[reason] : reason,
  );
  const stateWord = strings.states[kind];
  return {
    stateKind: kind,
    stateWord,
    stateReason: stateReason.filter((text) => text !== stateWord).join(strings.listMark),
  };
}

function stateKind(alert: Alert, reasons: readonly string[]): StateKind {
  if (alert.status === "resolved")
    return reasons.some((reason) => notRecoveries.includes(reason)) ? "closed" : "recovered";
  const name = own(alert.labels, "alertname");
  if (name === "DatasourceNoData") return "noData";
  return name === "DatasourceError" ? "error" : "firing";
}
