// Alerts of many groups of one bot as templates see them: their rows, what is the same in every part (`digestFacts`), and
// a run of rows (`viewRun`). A file lists the same rows.

import { type Alert, commonPairs } from "../../domain/alert.ts";
import type { DigestDelivery, GroupDelivery } from "../../domain/notification.ts";
import { severityLevel } from "../../domain/severity.ts";
import { cleanLine } from "../markup/escape.ts";
import type { RenderSettings } from "../settings.ts";
import { type AlertCore, coreOf, coreSettings, urgencyRank } from "./alert-core.ts";
import { fewestLabels } from "./chosen-labels.ts";
import { type RunView, viewRun } from "./group-view.ts";
import { headlineOf, lookOf, shownState, stateCounts, stateText } from "./headline.ts";
import { labelOf, type NameValue, shownAsHeading } from "./labels.ts";
import { type KeyLabel, keyLabels } from "./sections.ts";
import { filled, type Strings, stringsFor } from "./strings.ts";
import { alertSubject, isFolded } from "./subject.ts";
import { lateText, shortClockOf } from "./times.ts";

export interface AlertRow extends AlertCore {
  readonly status: Alert["status"];
  readonly labels: Alert["labels"];
  readonly differing: readonly NameValue[];
}

export interface SourcedRow {
  readonly row: AlertRow;
  readonly alert: Alert;
  readonly receiver: string;
}

/** News first, then firing before resolved, then the worst severity, then the most frequent name, then as they were accepted. */
export function rowsOf(deliveries: readonly GroupDelivery[], settings: RenderSettings): readonly SourcedRow[] {
  const plain = deliveries.flatMap((delivery) => {
    const { alerts, receiver } = delivery.routed.group;
    const core = coreSettings(delivery, settings);
    return alerts.map((alert) => ({ alert, receiver, core: coreOf(alert, core) }));
  });
  const labels = new Map(
    [...Map.groupBy(plain, ({ core }) => core.name)].map(([name, rows]) => [
      name,
      {
        fewest: fewestLabels(rows.map(({ alert }) => alert)),
        subjects: Map.groupBy(rows, ({ core }) => core.subject),
      },
    ]),
  );
  return inBlocks(plain).map(({ alert, receiver, core }) => {
    const named = labels.get(core.name);
    const differing = (named?.fewest ?? []).flatMap((name) => {
      const value = labelOf(alert.labels, name);
      return value === "" ? [] : [{ name: cleanLine(name), value: cleanLine(value) }];
    });
    const isUnique = core.subject !== "" && named?.subjects.get(core.subject)?.length === 1;
    const more = isUnique ? [] : differing.filter(({ value }) => !core.subject.includes(value));
    const subject = [cleanLine(core.subject), ...more.map(({ name, value }) => `${name}=${value}`)];
    const row = {
      ...core,
      name: cleanLine(core.name),
      severity: cleanLine(core.severity),
      subject: subject.join(" ").trim(),
      status: alert.status,
      labels: alert.labels,
      differing,
    };
    return { alert, receiver, row };
  });
}

interface Ranked {
  readonly alert: Alert;
  readonly core: AlertCore;
}

function inBlocks<Row extends Ranked>(rows: readonly Row[]): readonly Row[] {
  const blocks = [
    ...Map.groupBy(rows, ({ alert, core }) =>
      JSON.stringify([isOld(core), alert.status, shownState(core), core.name]),
    ).values(),
  ];
  const rank = ([first]: readonly Row[]) => (first === undefined ? 0 : urgencyRank(first.alert.status, first.core));
  return blocks.toSorted((a, b) => rank(b) - rank(a) || b.length - a.length).flat();
}

function isOld({ news }: AlertCore): boolean {
  return news === "unchanged";
}

/** Alerts of one name and state in one message. */
interface NameBlock {
  /** `🔴`, `🔔 urgent`; empty for what has recovered. */
  readonly look: string;
  readonly name: string;
  readonly count: number;
  /** ` 3 条`; empty for one. */
  readonly countText: string;
  /** In one text. */
  readonly subjects: string;
}

interface DigestRun extends RunView<AlertRow> {
  readonly byName: readonly NameBlock[];
  readonly resolvedByName: readonly NameBlock[];
  /** `✅ 已恢复 5 条`. */
  readonly resolvedText: string;
  readonly unchangedByName: readonly NameBlock[];
  /** `未变化 5 条`. */
  readonly unchangedText: string;
}

export function viewDigestRun(
  rows: readonly AlertRow[],
  place: Parameters<typeof viewRun>[1],
  strings: Strings,
): DigestRun {
  const run = viewRun(rows, place);
  const resolved = run.resolved.filter((row) => !isOld(row));
  const unchanged = rows.filter(isOld);
  const states = stateCounts(resolved);
  return {
    ...run,
    byName: namedBlocks(
      run.firing.filter((row) => !isOld(row)),
      strings,
    ),
    resolvedByName: namedBlocks(resolved, strings),
    unchangedByName: namedBlocks(unchanged, strings),
    unchangedText: unchanged.length === 0 ? "" : strings.unchanged + strings.alerts(unchanged.length),
    resolvedText: states.map((state) => stateText(state, strings)).join(strings.and),
  };
}

function namedBlocks(rows: readonly AlertRow[], strings: Strings): readonly NameBlock[] {
  const blocks = Map.groupBy(rows, (row) => JSON.stringify([shownState(row), row.name]));
  return [...blocks.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const subjects = same.map(({ subject, recoveredWhileWaiting, caveat }) => {
      const remarks = filled([recoveredWhileWaiting ? strings.recoveredWhileWaiting : "", caveat]);
      return remarks.length === 0 ? subject : subject + strings.aside(remarks.join(strings.and));
    });
    const shown = filled(subjects).join(strings.listMark);
    const look = first.stateKind === "recovered" && !isOld(first) ? "" : lookOf(first);
    const countText = same.length > 1 ? strings.alerts(same.length) : "";
    return [{ look, name: first.name, count: same.length, countText, subjects: shown }];
  });
}

interface Tally {
  readonly name: string;
  readonly count: number;
}

/** What is the same in every part. */
export type DigestFacts = Readonly<ReturnType<typeof digestFacts>>;

export type DigestView = DigestFacts & DigestRun;

const tallies = 8;

/** @param announcements lines about alerts, which may be none of the digest's */
export function digestFacts(
  delivery: DigestDelivery,
  { rows, announcements }: { readonly rows: readonly AlertRow[]; readonly announcements: readonly string[] },
  settings: RenderSettings,
) {
  const strings = stringsFor(settings.language);
  const resolved = rows.filter((row) => row.status === "resolved");
  const truncated = delivery.groups.reduce((sum, { routed }) => sum + routed.group.truncatedAlerts, 0);
  const allRecovered = resolved.every((row) => row.stateKind === "recovered");
  const flags = ["📦", delivery.late ? "⏰" : "", rows.every(isOld) ? "🔁" : ""];
  return {
    bot: delivery.bot,
    ...headlineOf(rows, { flags, isCounted: true, settings: { display: settings.display, strings } }),
    summaryLine: summaryLine(delivery, settings),
    keyLabels: commonLabels(delivery, settings),
    late: lateText(delivery, settings),
    /** What was done about alerts of the chat, a line each. */
    announcements,
    /** Says how many alerts the senders left out. */
    truncated: truncated > 0 ? strings.truncated(truncated) : "",
    alertCount: rows.length,
    groupCount: delivery.groups.length,
    firingCount: rows.length - resolved.length,
    resolvedCount: resolved.length,
    firingWord: strings.states.firing,
    resolvedWord: strings.states[allRecovered ? "recovered" : "closed"],
    /** The worst first. */
    severities: tally(filled(rows.map((row) => row.severity))).toSorted(
      (a, b) => severityLevel(b.name, settings.severities).rank - severityLevel(a.name, settings.severities).rank,
    ),
    /** The most frequent first; the last counts those not listed. */
    names: countedNames(
      rows.map(({ name }) => name),
      strings,
    ),
    notices: filled([
      ...announcements,
      lateText(delivery, settings),
      truncated > 0 ? strings.mayStillFire(strings.truncated(truncated)) : "",
    ]),
    /** Says that only some are listed and a file follows; empty when all are. */
    inFile: "",
  };
}

/** Whether it is known of every alert how bad it is: then the first are the most urgent. */
export function areRanked(rows: readonly AlertRow[], { severities }: RenderSettings): boolean {
  return rows.every(({ severity }) => severityLevel(severity, severities).rank % 1 === 0);
}

/** `告警汇总：33 组合并发送，最早 13:55 起`. */
function summaryLine({ groups }: DigestDelivery, { language, timezone, now }: RenderSettings): string {
  const strings = stringsFor(language);
  const starts = groups.flatMap(({ routed }) =>
    routed.group.alerts.flatMap(({ status, startsAt }) => (status === "firing" && startsAt !== null ? [startsAt] : [])),
  );
  const first = starts.length === 0 ? null : starts.reduce((a, b) => Math.min(a, b));
  const oldest = first === null ? [] : [strings.earliest(shortClockOf(timezone, now)(first))];
  const texts = [strings.combined(groups.length), ...oldest, strings.onlySubjects];
  return strings.digest + strings.colon + texts.join(strings.and);
}

/** Labels that all alerts have, without those that are folded. */
function commonLabels({ groups }: DigestDelivery, settings: RenderSettings): readonly KeyLabel[] {
  const strings = stringsFor(settings.language);
  const labels = commonPairs(groups.flatMap(({ routed }) => routed.group.alerts.map((alert) => alert.labels)));
  const [first] = groups;
  if (first === undefined) return [];
  const rules = coreSettings(first, settings);
  const heading = shownAsHeading(labels);
  const subject = alertSubject(first.routed.group.alerts[0]?.labels ?? {}, rules);
  const shown = Object.entries(labels).filter(
    ([name, value]) => value !== "" && !heading.has(name) && !isFolded(name, labels, { subject, rules }),
  );
  return keyLabels(
    shown.map(([name, value]) => ({ name, value })),
    { language: settings.language, strings },
  );
}

/** The most frequent first. */
function tally(names: readonly string[]): readonly Tally[] {
  const groups = Map.groupBy(names, (name) => name);
  return [...groups].map(([name, all]) => ({ name, count: all.length })).toSorted((a, b) => b.count - a.count);
}

/** The most frequent names, and the others as one. */
export function countedNames(names: readonly string[], strings: Strings): readonly Tally[] {
  const all = tally(names);
  const rest = all.slice(tallies);
  if (rest.length < 2) return all;
  const count = rest.reduce((sum, one) => sum + one.count, 0);
  return [...all.slice(0, tallies), { name: strings.otherNames(rest.length), count }];
}
