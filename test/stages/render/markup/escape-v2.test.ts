import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { escapeMarked, escapeMarkedText, markData } from "../../../../src/render/markup/escape.ts";

const d = markData;

describe("a text printed into markdown_v2 cannot be markup", () => {
  const cases: readonly (readonly [rule: string, marked: string, shown: string])[] = [
    ["a cell ends where the template says", `| ${d("a | b")} | c |`, "| a ｜ b | c |"],
    ["a cell ends where the template says, in code too", `| \`${d("a|b")}\` |`, "| `a｜b` |"],
    ["a row is one line", `| ${d("a\n| b")} |`, "| a ｜ b |"],
    ["a table is not begun", d("x\n| a |\n| --- |"), "x\n｜ a ｜\n｜ --- ｜"],
    ["emphasis is broken", d("*a* **b** 2*3"), "＊a＊ ＊＊b＊＊ 2＊3"],
    ["struck text is broken", d("~~a~~ ~b"), "～～a～～ ~b"],
    ["a list is not begun", d("- a\n+ b\n* c"), "－ a\n＋ b\n＊ c"],
    ["a numbered list is not begun", d("1. a\n2) b\n3.14"), "1． a\n2） b\n3.14"],
    [
      "a line of dashes is no rule and makes no heading of the line above",
      d("x\n---\n===\n___"),
      "x\n－--\n＝==\n＿__",
    ],
    ["a code block is not begun", d("```\nx"), "'''\nx"],
    ["a minus elsewhere stays", `is ${d("-1 + 2")}`, "is -1 + 2"],
    ["underscores stay", d("node_load_1"), "node_load_1"],
    ["a mention is broken", d("<@all>"), "＜@all>"],
    ["the template's own markup stays", `- **${d("a")}** *b*`, "- **a** *b*"],
  ];
  for (const [rule, marked, shown] of cases) {
    test(rule, () => assert.equal(escapeMarked(marked, "markdown_v2"), shown));
  }
});

describe("a text printed into a text message cannot mention", () => {
  const cases: readonly (readonly [rule: string, marked: string, shown: string])[] = [
    ["a mention is broken", d("hi <@all>"), "hi ＜@all>"],
    ["one made of two texts is broken", d("<") + d("@bob>"), "＜@bob>"],
    ["one made with the template's sign is broken", `<${d("@bob>")}`, "<＠bob>"],
    ["the template's own mention stays", "<@bob>", "<@bob>"],
    ["nothing else has a meaning", d("**a** `b` # [x](y) | < 5"), "**a** `b` # [x](y) | < 5"],
    ["controls go", d("a\u0000\u202Eb\r\nc"), "ab\nc"],
  ];
  for (const [rule, marked, shown] of cases) {
    test(rule, () => assert.equal(escapeMarkedText(marked), shown));
  }
});
