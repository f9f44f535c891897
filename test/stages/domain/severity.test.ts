import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { builtInSeverities, severityLevel } from "../../../src/domain/severity.ts";

const level = (sent: string) => severityLevel(sent, builtInSeverities);

/** Rank, mark, and the words as senders write them. */
const ranks: readonly (readonly [number, string, readonly string[]])[] = [
  [5, "🚨", ["page", "emergency", "fatal", "disaster", "P0", "S0", "SEV0", "紧急", "致命", "灾难"]],
  [4, "🔴", ["critical", "Critical", " CRITICAL\n", "crit", "P1", "S1", "sev1", "严重", "一级"]],
  [3.5, "🔔", ["", " ", "weird", "0", "1", "2", "3", "4", "5", "constructor", "__proto__"]],
  [3, "🟠", ["error", "err", "high", "major", "P2", "S2", "sev2", "错误", "重要", "二级"]],
  [2, "🟡", ["warning", "warn", "average", "medium", "minor", "P3", "S3", "sev3", "警告", "次要", "一般", "三级"]],
  [1, "🔵", ["info", "informational", "notice", "none", "debug", "low", "P4", "S4", "sev4", "提示", "通知", "四级"]],
];

describe("severityLevel", () => {
  for (const [rank, mark, words] of ranks) {
    it(`gives rank ${rank} and ${mark} to ${words.map((word) => JSON.stringify(word)).join(", ")}`, () => {
      for (const word of words) assert.deepEqual([level(word).rank, level(word).mark], [rank, mark], word);
    });
  }

  it("has words of both languages for what both have, and none for what is shown as sent", () => {
    const words = ["page", "emerg", "crit", "严重", "错误", "warn", "info", "P1", "一级", "major", "weird"].map(
      (word) => level(word).word,
    );

    assert.deepEqual(words, [
      { zh: "紧急", en: "Page" },
      { zh: "紧急", en: "Emergency" },
      { zh: "严重", en: "Critical" },
      { zh: "严重", en: "Critical" },
      { zh: "错误", en: "Error" },
      { zh: "警告", en: "Warning" },
      { zh: "提示", en: "Info" },
      null,
      null,
      null,
      null,
    ]);
  });
});
