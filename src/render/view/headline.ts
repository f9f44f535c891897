// The first line of a message: how bad, what, where. A phone that is locked shows its beginning only, so the worst state
// and the name come first, and the other states behind them.

import { markOfRank } from "../../domain/severity.ts";
import { shortenChars } from "../fit/shorten-text.ts";
import type { AlertCore, CoreSettings } from "./alert-core.ts";
import { filled, type Strings } from "./strings.ts";

/** Alerts in one state: firing with one severity, without data, over. */
export interface StateCount {
  /** Empty when the config wants no marks. */
  readonly mark: string;
  readonly word: string;
  readonly count: number;
}

type HeadlineAlert = Pick<AlertCore, "name" | "mark" | "severityWord" | "stateKind" | "stateWord" | "severity">;

/** A locked phone shows 20 characters or little more. */
const phoneMaxChars = 17;

interface HeadlineOptions {
  /** Behind the mark, like 🔁. */
  readonly flags: readonly string[];
  /** Also for a single alert. */
  readonly isCounted: boolean;
  /** A long word has to leave room for the count and the beginning of the name. */
  readonly leadMaxChars?: number;
  readonly settings: Pick<CoreSettings, "display" | "strings">;
}

/** @param alerts in reading order: the worst first */
export function headlineOf(
  alerts: readonly HeadlineAlert[],
  { flags, isCounted, leadMaxChars, settings }: HeadlineOptions,
) {
  const { display, strings } = settings;
  const maxChars = leadMaxChars ?? phoneMaxChars + [...display.titlePrefix].length;
  const [first, ...others] = stateCounts(alerts);
  const [firstName = "", ...otherNames] = new Set(alerts.map(({ name }) => name));
  const moreNames = otherNames.length > 0 ? strings.ofNames(otherNames.length + 1) : "";
  if (first === undefined) return { lead: "", firstName, moreNames, others: "", aside: "" };
  const count = isCounted || alerts.length > 1 ? strings.alerts(first.count) : "";
  const lead = leadOf({ ...first, count }, { flags, display, maxChars });
  const isWhole = lead.includes(first.word);
  return {
    /** `🔴 严重 2 条`: the worst state, of a long word only the beginning. */
    lead,
    firstName,
    moreNames,
    /** `，🟡 警告 2 条，✅ 已恢复 2 条`: the other states. */
    others: others.map((one) => strings.and + stateText(one, strings)).join(""),
    /** `（警告）`: severities that the states do not say, and a long word in full. */
    aside: (isWhole ? "" : strings.aside(first.word)) + asideOf(alerts, strings),
  };
}

const leastWordChars = 3;

interface LeadOptions {
  readonly flags: readonly string[];
  readonly display: CoreSettings["display"];
  readonly maxChars: number;
}

/** Where there is no room, first without flags, which the message says in words; then with less of the word. */
function leadOf(
  { mark, word, count }: { readonly mark: string; readonly word: string; readonly count: string },
  { flags, display, maxChars }: LeadOptions,
): string {
  const lead = (shown: string, marks: readonly string[]) =>
    filled([display.marks === "emoji" ? marks.join("") : "", display.titlePrefix, shown]).join(" ");
  const whole = [lead(word + count, [mark, ...flags]), lead(word + count, [mark]), lead(word + count.trim(), [mark])];
  const wordMaxChars = maxChars - [...lead(count, [mark])].length - 1;
  const cut = lead(shortenChars(word, Math.max(leastWordChars, wordMaxChars)) + count, [mark]);
  return whole.find((text) => [...text].length <= maxChars) ?? cut;
}

export function stateText({ mark, word, count }: StateCount, strings: Strings): string {
  return `${mark === "" ? "" : `${mark} `}${word}${strings.alerts(count)}`;
}

export function stateCounts(alerts: readonly HeadlineAlert[]): readonly StateCount[] {
  const states = Map.groupBy(alerts, (alert) => JSON.stringify(shownState(alert)));
  return [...states.values()].flatMap((same) =>
    same[0] === undefined ? [] : [{ ...shownState(same[0]), count: same.length }],
  );
}

/** What an alert is called in a headline: by its severity while it fires, else by its state. */
export function shownState({ mark, severityWord, stateKind, stateWord }: HeadlineAlert) {
  return { mark, word: stateKind === "firing" ? severityWord : stateWord };
}

/** The mark says the severity, if there is one for it; without marks, and for other states, the word does. */
export function lookOf(alert: HeadlineAlert): string {
  const { mark, word } = shownState(alert);
  const isSaid = alert.stateKind === "firing" && mark !== "" && mark !== unknownMark;
  return filled([mark, isSaid ? "" : word]).join(" ");
}

const unknownMark = markOfRank(0);

/** Where no state is a severity, and the rows do not say it. */
export function asideOf(alerts: readonly HeadlineAlert[], strings: Strings): string {
  if (alerts.some(({ stateKind }) => stateKind === "firing")) return "";
  const words = Map.groupBy(
    alerts.filter(({ severity }) => severity !== ""),
    ({ severityWord }) => severityWord,
  );
  const isOver = alerts.every(({ stateKind }) => stateKind === "recovered" || stateKind === "closed");
  if (words.size === 0 || (words.size > 1 && !isOver)) return "";
  const texts = [...words].map(([word, same]) => (words.size === 1 ? word : `${word} ${same.length}`));
  return strings.aside(texts.join(strings.listMark));
}
