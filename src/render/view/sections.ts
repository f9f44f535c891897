// How a message is divided: what alerts of one name share, said once, and a row for each of them.

import { commonPairs, type LabelSet } from "../../domain/alert.ts";
import { cleanLine } from "../markup/escape.ts";
import { type DescribedAlert, nothingSaid, type Said } from "./describe.ts";
import { labelWord, type NameValue } from "./labels.ts";
import { type LabelPlaces, pairsOf, type Table, tableOf } from "./rows.ts";
import { shareText } from "./shared-text.ts";
import { filled } from "./strings.ts";
import { saysLabel, sharedSubject } from "./subject.ts";
import { hasSpan, lifeText, type MessageClock, overText, shortSpan, sinceText } from "./times.ts";

export interface KeyLabel extends NameValue {
  /** `集群 prod-sh`, else `cluster=prod-sh`. */
  readonly text: string;
  /** The name for a card. */
  readonly word: string;
}

/** What is said of alerts: of all alerts of a block, or of one. Empty texts where there is nothing to say. */
export interface SaidView {
  readonly summary: string;
  /** Lines of a quote: behind the summary, and, where they would take too much room there, at the end. */
  readonly quote: string;
  readonly longQuote: string;
  readonly error: string;
  readonly notes: readonly NameValue[];
  readonly longNotes: readonly NameValue[];
  /** Whether there is any. */
  readonly isRich: boolean;
}

export interface AboutView extends SaidView {
  readonly subject: string;
  readonly keyLabels: readonly KeyLabel[];
  readonly reading: string;
  readonly readingWord: string;
  readonly times: string;
  /** Why the state is what it is. */
  readonly reason: string;
  /** Heads of the columns of the rows, that of the value included; none for a single column. */
  readonly columns: readonly string[];
}

/** What a row shows of an alert. */
export interface RowView extends SaidView {
  readonly cells: readonly string[];
  readonly pairs: readonly KeyLabel[];
  readonly reading: string;
  readonly readingWord: string;
  readonly times: string;
  readonly reason: string;
}

export interface BlockSettings extends MessageClock {
  readonly places: LabelPlaces;
  /** Shown above already. */
  readonly above: LabelSet;
  readonly language: "zh" | "en";
  /** 0 where nothing stands above the rows: then each names its labels. */
  readonly columnsMax: number;
}

export interface SaidBlock {
  readonly about: AboutView;
  /** In the order of the alerts. */
  readonly rows: readonly RowView[];
  /** Folded labels that the rows show. */
  readonly shownFolded: readonly string[];
}

export function blockOf(alerts: readonly DescribedAlert[], settings: BlockSettings): SaidBlock {
  const { strings, places, above, columnsMax } = settings;
  const subjects = alerts.map(({ about }) => about);
  const subject = sharedSubject(
    subjects.map(({ text }) => text),
    strings.andOthers,
  );
  const table = tableOf(alerts, places, columnsMax);
  const texts = shareSaid(alerts, table);
  const common = commonPairs(alerts.map(({ alert }) => alert.labels));
  // Rows without a head have no subject above them either.
  const inSubject = (pair: NameValue) => columnsMax > 0 && saysLabel(subject, subjects, pair);
  const key = places.shown.filter((name) => !Object.hasOwn(above, name));
  const times = timesOf(alerts, settings);
  const reading = sameFor(alerts, (one) => one.reading);
  const reason = sameFor(alerts, (one) => one.reason);
  const shown = [texts.shared.summary, texts.shared.description].join("\n");
  const rows = alerts.map((one, index) => {
    const own = texts.own[index] ?? nothingSaid;
    const measured = reading === null ? one.reading : "";
    const readings = [texts.values[index] ?? "", saysNumber(texts.values[index] ?? "", measured) ? "" : measured];
    return {
      ...arranged(own),
      cells: table.rows[index]?.cells ?? [],
      pairs: keyLabels(table.rows[index]?.pairs ?? [], settings),
      reading: filled(readings).join(" · "),
      readingWord: one.readingWord,
      times: times.own[index] ?? "",
      reason: reason === null ? one.reason : "",
    };
  });
  return {
    about: {
      ...arranged(texts.shared),
      subject,
      keyLabels: keyLabels(
        pairsOf(common, key).filter((pair) => !inSubject(pair)),
        settings,
      ),
      reading: reading === null || saysNumber(shown, reading) ? "" : reading,
      readingWord: alerts[0]?.readingWord ?? "",
      times: times.shared,
      reason: reason ?? "",
      columns: columnsOf(table, {
        isPlain: table.columns[0] !== undefined && alerts[0]?.about.labels.includes(table.columns[0].name) === true,
        hasReadings: rows.some((row) => row.reading !== ""),
        settings,
      }),
    },
    rows,
    shownFolded: table.shownFolded,
  };
}

/** What is read of all; null where they differ. */
export function sameFor<T>(alerts: readonly T[], read: (alert: T) => string): string | null {
  const first = alerts[0] === undefined ? "" : read(alerts[0]);
  return alerts.every((one) => read(one) === first) ? first : null;
}

/** A number that stands in the text need not be shown again. Of a digit or two it would be a guess. */
function saysNumber(text: string, reading: string): boolean {
  if (reading.length < 3) return false;
  for (let at = text.indexOf(reading); at !== -1; at = text.indexOf(reading, at + 1)) {
    const behind = text.slice(at + reading.length, at + reading.length + 2);
    if (!/[\w.:-]/.test(text.charAt(at - 1)) && !/^(?:\w|[.:]\d)/.test(behind)) return true;
  }
  return false;
}

interface SharedSaid {
  readonly shared: Said;
  /** What each alert says besides. */
  readonly own: readonly Said[];
  /** What each alert has in place of a range. */
  readonly values: readonly string[];
}

/** What alerts that are over do not say again need not be shared by them. */
function shareSaid(alerts: readonly DescribedAlert[], { rows }: Table): SharedSaid {
  const all = [...alerts.keys()];
  const speaking = all.filter((index) => alerts[index]?.isSaid);
  const values: string[] = all.map(() => "");
  const share = (read: (said: Said) => string, indexes: readonly number[]): string | null => {
    const texts = indexes.map((index) => read(alerts[index]?.said ?? nothingSaid));
    const found = shareText(
      texts,
      indexes.map((index) => rows[index]?.own ?? []),
    );
    const isSecond = (index: number, at: number) => values[index] !== "" && values[index] !== found?.values[at];
    if (found === null || (found.range !== "" && indexes.some(isSecond))) return null;
    for (const [at, value] of found.values.entries()) values[indexes[at] ?? -1] = value;
    return found.text;
  };
  const summary = share(
    (said) => said.summary,
    all.filter((index) => !alerts[index]?.isOld),
  );
  const description = share((said) => said.description, speaking);
  const error = share((said) => said.error, speaking);
  const [first] = speaking;
  const notes = (alerts[first ?? -1]?.said.notes ?? []).flatMap(({ name }) => {
    const noteOf = (said: Said) => said.notes.find((note) => note.name === name)?.value ?? "";
    const isEverywhere = speaking.every((index) => noteOf(alerts[index]?.said ?? nothingSaid) !== "");
    const value = isEverywhere ? share(noteOf, speaking) : null;
    return value === null ? [] : [{ name, value }];
  });
  const shown = new Set(notes.map(({ name }) => name));
  return {
    shared: { summary: summary ?? "", description: description ?? "", error: error ?? "", notes },
    own: alerts.map(({ said }) => ({
      summary: summary === null ? said.summary : "",
      description: description === null ? said.description : "",
      error: error === null ? said.error : "",
      notes: said.notes.filter(({ name }) => !shown.has(name)),
    })),
    values,
  };
}

const quoteMaxChars = 220;
const quoteMaxLines = 4;

/** A description without a summary gives its first line for it; a long one goes to the end. */
function arranged({ summary, description, error, notes }: Said): SaidView {
  const [head = "", ...rest] = description.split("\n");
  const quote = (summary === "" ? rest.join("\n") : description).trim();
  return {
    summary: summary === "" ? head : summary,
    quote: isLong(description) ? "" : quote,
    longQuote: isLong(description) ? quote : "",
    error,
    notes: notes.filter(({ value }) => !isLong(value)),
    longNotes: notes.filter(({ value }) => isLong(value)),
    isRich: notes.length > 0 || summary + description + error !== "",
  };
}

function isLong(text: string): boolean {
  return text.length > quoteMaxChars || text.split("\n").length > quoteMaxLines;
}

export function keyLabels(
  pairs: readonly NameValue[],
  settings: Pick<BlockSettings, "language" | "strings">,
): readonly KeyLabel[] {
  return pairs.map(({ name, value }) => {
    const word = wordInText(name, settings);
    const text = cleanLine(word === name || value === "" ? `${name}=${value}` : `${word} ${value}`);
    return { name, value, text, word: labelWord(name, settings.strings) };
  });
}

/** English has no better words for labels than their names. */
function wordInText(name: string, { language, strings }: Pick<BlockSettings, "language" | "strings">): string {
  return language === "zh" ? labelWord(name, strings) : name;
}

interface ColumnOptions {
  /** The first column says what the alerts are about: it needs no head. */
  readonly isPlain: boolean;
  readonly hasReadings: boolean;
  readonly settings: BlockSettings;
}

function columnsOf({ columns }: Table, { isPlain, hasReadings, settings }: ColumnOptions): readonly string[] {
  const heads = columns.map(({ name, value }) => wordInText(name, settings) + value);
  const all = hasReadings && heads.length > 0 ? [...heads, settings.strings.valueHead] : heads;
  return all.length > 1 || !isPlain || columns.some(({ value }) => value !== "") ? all : [];
}

/** Once for all where they began together; else with each. */
function timesOf(alerts: readonly DescribedAlert[], clock: MessageClock) {
  const lives = alerts.map(({ alert }) => alert);
  const firing = lives.filter(({ status }) => status === "firing");
  const shared = firing.length > 0 ? sinceText(firing, clock) : overText(lives, clock);
  return {
    shared: shared ?? "",
    own: lives.map((life) => {
      if (life.status === "resolved") return firing.length === 0 && shared !== null ? "" : lifeText(life, clock);
      if (shared !== null || life.startsAt === null) return "";
      return hasSpan(life) ? shortSpan(clock.now - life.startsAt, clock.strings) : lifeText(life, clock);
    }),
  };
}
