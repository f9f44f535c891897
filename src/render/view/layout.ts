// A group as the built-in templates lay it out: its first line, what all alerts share, sections with a row for each alert,
// and the last line.

import { commonPairs } from "../../domain/alert.ts";
import { cardAdvice } from "../../wecom/limits.ts";
import { cleanLine } from "../markup/escape.ts";
import type { AlertCore, CoreSettings } from "./alert-core.ts";
import type { DescribedAlert } from "./describe.ts";
import { asideOf, headlineOf, lookOf, stateCounts, stateText } from "./headline.ts";
import { type LastLineInput, lastLine, ownLinks, runbookOf, withoutDashboard } from "./last-line.ts";
import type { LinkView } from "./links.ts";
import { columnsMax, pairsOf } from "./rows.ts";
import { type AboutView, blockOf, keyLabels, type RowView, type SaidBlock } from "./sections.ts";
import { filled, type Strings } from "./strings.ts";
import { saysLabel, sharedSubject } from "./subject.ts";
import { hasSpan, type ShortClock, shortSpan, sinceText } from "./times.ts";

/** An alert below the others: its row, with what only the layout of its section decides. */
export interface LaidRow extends RowView {
  /** Empty where all alerts of the section have it. */
  readonly name: string;
  /** `🔴 严重`, where the alerts of the section differ in it. */
  readonly look: string;
  readonly runbook: string;
  readonly links: readonly LinkView[];
}

/** Alerts in reading order from `from` to the one before `to`. */
export interface Section {
  readonly from: number;
  readonly to: number;
  /** `over` and `unchanged`: a line for each alert. */
  readonly kind: "firing" | "over" | "unchanged";
  /** `✅ 已恢复 2 条`, or the state of a name's alerts; empty where the first line of the message says it. */
  readonly heading: string;
  /** Of alerts of one name among others; empty else. */
  readonly name: string;
  readonly runbook: string;
  readonly aside: string;
  /** ` 3 条`; empty for one. */
  readonly count: string;
  /** Of a single alert; those of more stand below. */
  readonly times: string;
  /** What the alerts of this name share; null where the message says it above. */
  readonly about: AboutView | null;
}

export interface LayoutInput extends LastLineInput {
  readonly settings: CoreSettings & { readonly short: ShortClock };
  readonly flags: readonly string[];
  readonly isCounted: boolean;
  readonly isReminder: boolean;
}

export function layOut(input: LayoutInput) {
  const { alerts, settings, flags, isCounted } = input;
  const { strings } = settings;
  const cores = alerts.map(({ core }) => core);
  const isOneName = cores.every(({ name }) => name === cores[0]?.name);
  const { about, sections, rows, shownFolded } = isOneName ? ofOneName(input) : ofManyNames(input);
  const since = sinceText(
    alerts.map(({ alert }) => alert).filter(({ status }) => status === "firing"),
    settings,
  );
  const isFiring = alerts.some(({ alert }) => alert.status === "firing");
  const repeated = isFiring ? strings.still(since ?? "") : strings.reminder;
  const head = headlineOf(cores, { flags, isCounted, settings });
  return {
    ...head,
    cardLead: headlineOf(cores, { flags, isCounted, settings, leadMaxChars: cardAdvice.sourceDesc }).lead,
    reminderText: input.isReminder ? repeated : "",
    about: input.isReminder && isFiring ? { ...about, times: "" } : about,
    sections: alerts.length > 1 ? sections : [],
    rows: rows.map((row, index) => ({ ...row, ...ownLinks(input, index) })),
    shownLinks: withoutDashboard(input.shared.shown),
    ...lastLine(input, shownFolded),
    ...forCards({ about, cores, title: head.firstName + head.moreNames }, strings),
    ...shortTimes(alerts, settings),
  };
}

interface Divided {
  readonly about: AboutView;
  readonly sections: readonly Section[];
  readonly rows: readonly Omit<LaidRow, "runbook" | "links">[];
  /** For each alert, the folded labels that its row shows. */
  readonly shownFolded: readonly (readonly string[])[];
}

/** Kinds of sections by their order. */
function sectionKind({ isOld, alert }: DescribedAlert): Section["kind"] {
  if (isOld) return "unchanged";
  return alert.status === "firing" ? "firing" : "over";
}

const noHeading = { heading: "", name: "", runbook: "", aside: "", count: "", times: "", about: null };

function ofOneName(input: LayoutInput): Divided {
  const { alerts, places, settings } = input;
  const block = blockOf(alerts, { ...settings, places, above: {}, columnsMax });
  const sections = runsOf(alerts, sectionKind).map(({ key, from, to }, index) => {
    if (index === 0) return { ...noHeading, from, to, kind: "firing" as const };
    return { ...noHeading, from, to, kind: key, heading: headingOf(key, alerts.slice(from, to), input) };
  });
  const looks = new Set(alerts.filter(isFiring).map(({ core }) => lookOf(core)));
  const rows = block.rows.map((row, index) => {
    const one = alerts[index];
    return { ...row, name: "", look: one === undefined ? "" : rowLook(one, isFiring(one) && looks.size > 1) };
  });
  return { about: block.about, sections, rows, shownFolded: alerts.map(() => block.shownFolded) };
}

/** A block for each name; what is over or unchanged is listed behind them. */
function ofManyNames(input: LayoutInput): Divided {
  const { alerts, places, settings } = input;
  const common = commonPairs(alerts.map(({ alert }) => alert.labels));
  const subjects = alerts.map(({ about }) => about);
  const subject = sharedSubject(
    subjects.map(({ text }) => text),
    settings.strings.andOthers,
  );
  const shown = pairsOf(common, places.shown).filter((pair) => !saysLabel(subject, subjects, pair));
  const runs = runsOf(alerts, (one) => `${sectionKind(one)} ${one.core.name}`);
  const blocks = runs.map((run) => {
    const members = alerts.slice(run.from, run.to);
    const isListed = members.some((one) => sectionKind(one) !== "firing");
    const block = blockOf(members, { ...settings, places, above: common, columnsMax: isListed ? 0 : columnsMax });
    return { ...run, members, block };
  });
  const rows = blocks.flatMap(({ members, block }) =>
    block.rows.map((row, index) => {
      const one = members[index] as DescribedAlert;
      if (sectionKind(one) !== "firing") return listed(one, row, block);
      return { ...row, name: "", look: members.length > 1 ? one.newsMark : "" };
    }),
  );
  const tiers = runsOf(alerts, sectionKind).flatMap(({ key, from, to }, index): readonly Section[] => {
    const heading = index > 0 ? headingOf(key, alerts.slice(from, to), input) : "";
    if (key !== "firing") return [{ ...noHeading, from, to, kind: key, heading }];
    return blocks.filter((one) => one.from >= from && one.from < to).map((one) => headed(one, { subject, input }));
  });
  const { about } = blockOf([], { ...settings, places, above: common, columnsMax });
  return {
    about: { ...about, subject, keyLabels: keyLabels(shown, settings) },
    sections: tiers,
    rows,
    shownFolded: blocks.flatMap(({ members, block }) => members.map(() => block.shownFolded)),
  };
}

interface Headed {
  readonly from: number;
  readonly to: number;
  readonly members: readonly DescribedAlert[];
  readonly block: SaidBlock;
}

function headed(
  { from, to, members, block }: Headed,
  { subject, input }: { readonly subject: string; readonly input: LayoutInput },
): Section {
  const { strings } = input.settings;
  const [first] = members;
  const core = first?.core;
  const isSpecial = core !== undefined && core.stateKind !== "firing";
  const looks = [...new Set(members.map(({ core }) => lookOf(core)))];
  const about = block.about.subject === subject ? { ...block.about, subject: "" } : block.about;
  const runbooks = new Set(members.map((_, index) => runbookOf(input, from + index)));
  return {
    from,
    to,
    kind: "firing",
    heading: withNews(members.length > 1 ? "" : (first?.newsMark ?? ""), looks.join(strings.listMark)),
    name: core?.name ?? "",
    runbook: runbooks.size === 1 ? ([...runbooks][0] ?? "") : "",
    aside: isSpecial && core.severity !== "" ? strings.aside(core.severityWord) : "",
    count: members.length > 1 ? strings.alerts(members.length) : "",
    times: members.length === 1 ? about.times : "",
    about: members.length === 1 ? { ...about, times: "" } : about,
  };
}

/** With its name, and what the alerts of its name share. */
function listed(one: DescribedAlert, row: RowView, { about }: SaidBlock) {
  const { core, isOld } = one;
  const { text, labels } = one.about;
  const summary = isOld ? "" : about.summary;
  return {
    ...row,
    name: cleanLine(core.name),
    look: rowLook(one, core.stateKind !== "recovered"),
    cells: filled([text]),
    pairs: [...about.keyLabels, ...row.pairs].filter(({ name }) => !labels.includes(name)),
    summary: row.summary || summary,
    isRich: row.isRich || summary !== "",
    times: row.times || about.times,
    reading: row.reading || about.reading,
    reason: row.reason || about.reason,
  };
}

/** An old alert stands in no section of its state. */
function rowLook(one: DescribedAlert, isShown: boolean): string {
  return withNews(one.newsMark, isShown || one.isOld ? lookOf(one.core) : "");
}

function withNews(news: string, look: string): string {
  return filled([news, look]).join(" ");
}

interface KindRun<Key> {
  readonly key: Key;
  readonly from: number;
  readonly to: number;
}

/** Neighbours with the same key. */
function runsOf<Key>(
  alerts: readonly DescribedAlert[],
  keyOf: (alert: DescribedAlert) => Key,
): readonly KindRun<Key>[] {
  const runs: KindRun<Key>[] = [];
  for (const [index, alert] of alerts.entries()) {
    const last = runs.at(-1);
    const key = keyOf(alert);
    if (last !== undefined && last.key === key) runs[runs.length - 1] = { ...last, to: index + 1 };
    else runs.push({ key, from: index, to: index + 1 });
  }
  return runs;
}

function isFiring({ alert }: DescribedAlert): boolean {
  return alert.status === "firing";
}

/** With the severities of alerts that are over, if none that fires has them. */
function headingOf(
  kind: Section["kind"],
  members: readonly DescribedAlert[],
  { alerts, settings }: LayoutInput,
): string {
  const { strings } = settings;
  if (kind === "unchanged") return strings.unchanged + strings.alerts(members.length);
  const cores = members.map(({ core }) => core);
  const said = new Set(alerts.filter(isFiring).map(({ core }) => core.severityWord));
  const aside = cores.every(({ severityWord }) => said.has(severityWord)) ? "" : asideOf(cores, strings);
  const states = stateCounts(cores).map((state) => stateText(state, strings));
  return states.join(strings.and) + aside;
}

interface CardContent {
  readonly about: AboutView;
  readonly cores: readonly AlertCore[];
  readonly title: string;
}

/** A title and a value have little room in a card. Beside a big value it shows no quote, which has the value at recovery. */
function forCards({ about: { reading, readingWord }, cores, title }: CardContent, strings: Strings) {
  const isShort = [...reading].length <= cardAdvice.emphasisTitle && cores.every(({ recovery }) => recovery === "");
  const isBig = reading !== "" && reading !== "0" && reading !== "1" && isShort;
  return {
    bigValue: isBig ? reading : "",
    valueWord: readingWord === strings.valueNow ? strings.valueNow : strings.thenHead,
    longTitle: [...title].length > cardAdvice.title ? title : "",
  };
}

/** For cards: the earliest start, and how long that is ago or how long it lasted. */
function shortTimes(alerts: readonly DescribedAlert[], { now, short, strings }: LayoutInput["settings"]) {
  const lives = alerts.map(({ alert }) => alert).filter(({ startsAt }) => startsAt !== null);
  const [first] = lives.toSorted((a, b) => (a.startsAt ?? 0) - (b.startsAt ?? 0));
  if (first?.startsAt === undefined || first.startsAt === null) return { shortStart: "", shortEnd: "", shortSpan: "" };
  const untilAt = first.endsAt ?? now;
  return {
    shortStart: short(first.startsAt),
    shortEnd: first.endsAt === null ? "" : short(first.endsAt),
    shortSpan: hasSpan(first) ? shortSpan(untilAt - first.startsAt, strings) : "",
  };
}
