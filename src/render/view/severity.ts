// How bad an alert is: which of its labels says so, and which word is worse than which.

import type { LabelSet } from "../../domain/alert.ts";

export function own(labels: LabelSet, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? "") : "";
}

/** The label that says how bad it is: `level` and `priority` are what others use for `severity`. */
export function severityName(labels: LabelSet): string | null {
  return ["severity", "level", "priority"].find((name) => own(labels, name) !== "") ?? null;
}

const severityRanks: readonly (readonly string[])[] = [
  ["info", "information", "informational", "notice", "none", "debug", "low", "p4", "p5", "提示", "信息", "通知"],
  ["warning", "warn", "average", "medium", "minor", "p3", "警告", "次要", "一般"],
  ["error", "high", "major", "p2", "重要"],
  ["critical", "crit", "p1", "严重"],
  ["fatal", "emergency", "disaster", "alert", "page", "blocker", "p0", "紧急", "致命", "灾难"],
];

/** 0 for a word that is not known. */
export function severityRank(severity: string): number {
  return severityRanks.findIndex((strings) => strings.includes(severity.trim().toLowerCase())) + 1;
}
