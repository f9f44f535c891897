// What somebody did about alerts, as a notification for the group that has them.

import type { LabelMatcher } from "../domain/action.ts";
import { type Alert, commonPairs } from "../domain/alert.ts";
import type { Language } from "../domain/message-kind.ts";
import type { Notification, RoutedGroup } from "../domain/notification.ts";
import { shortenChars } from "../render/fit/shorten-text.ts";
import { cleanLine } from "../render/markup/escape.ts";
import { alertName, labelOf } from "../render/view/labels.ts";
import { stringsFor } from "../render/view/strings.ts";
import { alertSubject } from "../render/view/subject.ts";
import { shortClockOf } from "../render/view/times.ts";
import { identify } from "../route/identity.ts";
import { matcherText } from "../route/matcher.ts";

export type AnnouncedAction =
  | { readonly kind: "acknowledged"; readonly by: string }
  | {
      readonly kind: "silenced";
      readonly by: string;
      /** Epoch ms. */
      readonly until: number;
      /** It is removed once nothing matches it any more. */
      readonly untilRecovered: boolean;
      readonly scope: "alert" | "instance" | "rule";
      /** Alerts that it covers now; null when that is not known. */
      readonly covered: number | null;
      /** What it excludes from its scope. */
      readonly except: readonly LabelMatcher[];
    };

/** The alerts that an action is about, at least one, and the routed group that they are of. */
export interface ActedAlerts {
  readonly routed: RoutedGroup;
  readonly alerts: readonly Alert[];
}

const zh = {
  acknowledged: (by: string, what: string) => `${by} 在处理 ${what}`,
  silenced: (by: string, what: string, until: string) => `${by} 已静默 ${what} 至 ${until}`,
  untilRecovered: (by: string, what: string, until: string) => `${by} 已静默 ${what}，恢复后解除，最迟 ${until}`,
  some: (first: string, count: number) => `${first} 等 ${count} 条`,
  instance: (name: string) => `实例 ${name} 的所有告警`,
  rule: (name: string) => `规则 ${name} 的所有告警`,
  covered: (count: number) => `现有 ${count} 条`,
  except: (what: string) => `不含 ${what}`,
  aside: (texts: readonly string[]) => `（${texts.join("，")}）`,
};

const en: typeof zh = {
  acknowledged: (by, what) => `${by} is on ${what}`,
  silenced: (by, what, until) => `${by} silenced ${what} until ${until}`,
  untilRecovered: (by, what, until) => `${by} silenced ${what} until it recovers, at most until ${until}`,
  some: (first, count) => `${first} and ${count - 1} more`,
  instance: (name) => `every alert of instance ${name}`,
  rule: (name) => `every alert of rule ${name}`,
  covered: (count) => `${count} now`,
  except: (what) => `except ${what}`,
  aside: (texts) => ` (${texts.join(", ")})`,
};

const byLanguage: Readonly<Record<Language, typeof zh>> = { zh, en };

/**
 * `张三 已静默 队列积压 · orders 至 14:36`, in the language and the zone of the destination.
 *
 * @param now by the machine's clock
 */
export function noticeOf(acted: ActedAlerts, action: AnnouncedAction, now: number): string {
  const { language, timezone } = acted.routed.destination;
  const strings = byLanguage[language];
  const by = shown(action.by);
  if (action.kind === "acknowledged") return strings.acknowledged(by, namesOf(acted));
  const until = shortClockOf(timezone, now)(action.until);
  const text = action.untilRecovered ? strings.untilRecovered : strings.silenced;
  return text(by, silencedText(acted, action), until);
}

function silencedText(
  acted: ActedAlerts,
  { scope, covered, except }: Extract<AnnouncedAction, { readonly kind: "silenced" }>,
): string {
  const strings = byLanguage[acted.routed.destination.language];
  if (scope === "alert") return namesOf(acted);
  const label = scope === "instance" ? "instance" : "alertname";
  const name = shown(labelOf(acted.alerts[0]?.labels ?? {}, label));
  const texts = [
    ...(covered === null ? [] : [strings.covered(covered)]),
    ...(except.length === 0 ? [] : [strings.except(shown(except.map(matcherText).join(", ")))]),
  ];
  return strings[scope](name) + (texts.length === 0 ? "" : strings.aside(texts));
}

function namesOf({ routed, alerts }: ActedAlerts): string {
  const { language, display } = routed.destination;
  const names = alerts.map(({ labels }) => {
    const rules = { display, groupLabels: routed.group.groupLabels, plumbingNames: new Map<string, boolean>() };
    const subject = alertSubject(labels, rules).text;
    const name = shown(alertName(labels, stringsFor(language)));
    return subject === "" ? name : `${name} · ${shown(subject)}`;
  });
  const [first = ""] = names;
  return names.length > 1 ? byLanguage[language].some(first, names.length) : first;
}

/** Of a name or a subject. */
const mostChars = 80;

function shown(text: string): string {
  return shortenChars(cleanLine(text), mostChars);
}

export interface Announcement extends ActedAlerts {
  readonly notice: string;
  /** The same for the same action: announced twice, it is a duplicate. */
  readonly key: string;
}

/** Never urgent. It has a group of its own, so that no state of an alert takes its place; its labels are in the history. */
export function announcementOf({ routed, alerts, notice, key }: Announcement): Notification {
  const { destination, group, routes } = routed;
  return identify({
    destination: { ...destination, urgent: false },
    routes: routes.slice(0, 1),
    grouping: "as_sent",
    mergeWaitMs: 0,
    notice,
    group: {
      ...group,
      alerts: [],
      groupKey: `announcement ${key}`,
      groupLabels: commonPairs(alerts.map(({ labels }) => labels)),
      commonLabels: {},
      commonAnnotations: {},
      routeLabels: {},
      truncatedAlerts: 0,
      notificationReason: null,
      title: "",
      message: "",
      lossyBody: null,
    },
  });
}
