// What the alerts of a group have in common, and how many there are.

import type { AlertGroup } from "../../domain/alert.ts";
import type { AlertView } from "./alert-view.ts";
import { highlightsOf } from "./chosen-labels.ts";
import { alertName, type NameValue, shownAsHeading } from "./labels.ts";
import { sameFor } from "./sections.ts";
import type { StateKind, Strings } from "./strings.ts";

const namesShown = 3;

export function groupNames(group: AlertGroup, alerts: readonly AlertView[], strings: Strings) {
  const distinct = [...new Set(alerts.map((alert) => alert.name))];
  const shown = distinct.slice(0, namesShown).join(strings.listMark);
  const more = distinct.length > namesShown ? strings.moreNames(distinct.length) : "";
  const common = commonLabelPairs(group);
  return {
    common,
    highlights: highlightsOf(common, group, strings),
    name: distinct.length === 0 ? alertName(group.commonLabels, strings) : shown + more,
    severity: alerts.toSorted((a, b) => b.rank - a.rank).find(({ severity }) => severity !== "")?.severity ?? "",
  };
}

/** The labels that the sender groups by come first. */
function commonLabelPairs({ commonLabels, groupLabels }: AlertGroup): readonly NameValue[] {
  const heading = shownAsHeading(commonLabels);
  const pairs = Object.entries(commonLabels).filter(([name]) => !heading.has(name));
  const isGroup = ([name]: readonly [string, string]) => Object.hasOwn(groupLabels, name);
  const ordered = [...pairs.filter(isGroup), ...pairs.filter((pair) => !isGroup(pair))];
  return ordered.map(([name, value]) => ({ name, value }));
}

/** What is the same for all alerts is shown once, for the group; empty where they differ. */
export function sharedTexts(alerts: readonly AlertView[]) {
  const same = (read: (alert: AlertView) => string) => sameFor(alerts, read) ?? "";
  const times = same((alert) =>
    JSON.stringify([alert.start, alert.end, alert.stateWord, alert.stateReason, alert.caveat]),
  );
  const [first] = times === "" ? [] : alerts;
  return {
    summary: same((alert) => alert.summary),
    description: same((alert) => alert.description),
    value: same((alert) => alert.value),
    caveat: same((alert) => alert.caveat),
    start: first?.start ?? "",
    end: first?.end ?? "",
    duration: first?.duration ?? "",
    stateKind: first?.stateKind ?? "",
    stateReason: first?.stateReason ?? "",
    sameTimes: first !== undefined,
  } as const;
}

/** `张三 在处理`; of several alerts, which: `张三 在处理 db-1、db-2`. */
export function acknowledgedTexts(alerts: readonly AlertView[], strings: Strings): readonly string[] {
  const byPerson = Map.groupBy(
    alerts.filter(({ acknowledgedBy }) => acknowledgedBy !== ""),
    ({ acknowledgedBy }) => acknowledgedBy,
  );
  const firing = alerts.filter(({ status }) => status === "firing").length;
  return [...byPerson].map(([by, own]) => {
    const subjects = [...new Set(own.map(({ subject, name }) => subject || name))];
    const first = subjects.slice(0, namesShown).join(strings.listMark);
    const which = subjects.length > namesShown ? strings.andOthers(first) : first;
    return strings.acknowledged(by, own.length === firing ? "" : which);
  });
}

export function groupCounts(alerts: readonly AlertView[], strings: Strings) {
  const firing = alerts.filter((alert) => alert.status === "firing");
  const resolved = alerts.filter((alert) => alert.status === "resolved");
  const allRecovered = resolved.every((alert) => alert.stateKind === "recovered");
  return {
    firingCount: firing.length,
    resolvedCount: resolved.length,
    alertCount: alerts.length,
    firingWord: strings.states[onlyKind(firing) ?? "firing"],
    resolvedWord: strings.states[allRecovered ? "recovered" : "closed"],
    allRecovered,
  };
}

function onlyKind(alerts: readonly AlertView[]): StateKind | null {
  const kinds = new Set(alerts.map((alert) => alert.stateKind));
  return kinds.size === 1 ? ([...kinds][0] ?? null) : null;
}
