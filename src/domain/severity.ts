// What the words of severity labels mean. The built-in words are those of Prometheus' mixins, syslog, Zabbix, Nightingale and
// PagerDuty. Bare digits are not among them: scales of digits run both ways.

import type { Language } from "./message-kind.ts";

export interface SeverityLevel {
  /** The higher, the worse: 1 informs, 5 wakes somebody up; between two of them for an unknown word. */
  readonly rank: number;
  readonly mark: string;
  /** Null: shown as the sender writes it. */
  readonly word: Readonly<Record<Language, string>> | null;
}

/** Levels by the words for them, in lower case. */
export type SeverityScale = ReadonlyMap<string, SeverityLevel>;

const marks = ["🔵", "🟡", "🟠", "🔴", "🚨"];

/** @param rank the bell is for all but 1 to 5 */
export function markOfRank(rank: number): string {
  return marks[rank - 1] ?? "🔔";
}

/** Just below `critical`: an unknown word may be worse than `error`, and must not be hidden behind many of those. */
const unknownRank = 3.5;

type Row = readonly [rank: number, word: SeverityLevel["word"], words: string];

const rows: readonly Row[] = [
  [5, { zh: "紧急", en: "Page" }, "page"],
  [5, { zh: "紧急", en: "Emergency" }, "emergency emerg 紧急"],
  [5, null, "fatal disaster blocker alert p0 s0 sev0 致命 灾难 特急"],
  [4, { zh: "严重", en: "Critical" }, "critical crit 严重"],
  [4, null, "p1 s1 sev1 一级"],
  [3, { zh: "错误", en: "Error" }, "error err 错误"],
  [3, null, "high major p2 s2 sev2 重要 二级"],
  [2, { zh: "警告", en: "Warning" }, "warning warn 警告"],
  [2, null, "average medium minor p3 s3 sev3 次要 一般 三级"],
  [1, { zh: "提示", en: "Info" }, "info information informational 提示"],
  [1, null, "notice none debug low p4 p5 s4 sev4 信息 通知 四级"],
];

export const builtInSeverities: SeverityScale = new Map(
  rows.flatMap(([rank, word, words]) =>
    words.split(" ").map((one) => [one, { rank, mark: markOfRank(rank), word }] as const),
  ),
);

/** No word counts as an unknown one. */
export function severityLevel(sent: string, scale: SeverityScale): SeverityLevel {
  return scale.get(scaleWord(sent)) ?? { rank: unknownRank, mark: markOfRank(unknownRank), word: null };
}

/** How a word is looked up: senders differ in case and in white space around it. */
export function scaleWord(text: string): string {
  return text.trim().toLowerCase();
}
