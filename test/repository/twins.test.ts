// The Chinese pages of metrics and errors have the rows of the English ones, in their order, and each of them is translated.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headings, read } from "./pages.ts";

interface Twins {
  readonly english: string;
  readonly chinese: string;
}

const twins: readonly Twins[] = [
  { english: "docs/metrics.md", chinese: "docs/metrics.zh-CN.md" },
  { english: "docs/errors.md", chinese: "docs/errors.zh-CN.md" },
];

/** The cells of every table's rows, without the two that open a table. */
function rowsOf(page: string): readonly (readonly string[])[] {
  const tables = read(page).matchAll(/^\|.*\n\|[ -|]*\n((?:\|.*\n?)+)/gmu);
  return [...tables].flatMap(([, body = ""]) =>
    body
      .trimEnd()
      .split("\n")
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );
}

/** What must not be translated: cells of code, numbers and WeCom's own words. */
function fixedCells(row: readonly string[]): readonly string[] {
  return row.filter((cell) => /^(?:`[^`]+`(?:, |–)?)+$|^\d+$|^counter$|^gauge$|^histogram$/u.test(cell));
}

describe("pages in two languages", () => {
  for (const { english, chinese } of twins) {
    it(`${chinese} has the rows of ${english}`, () => {
      assert.deepEqual(rowsOf(chinese).map(fixedCells), rowsOf(english).map(fixedCells));
      assert.equal(headings(read(chinese)).length, headings(read(english)).length);
    });

    it(`${chinese} says in Chinese what ${english} says, and nothing where it is silent`, () => {
      const blanks = (row: readonly string[]) => row.map((cell) => cell === "");
      const [theirs, ours] = [rowsOf(english), rowsOf(chinese)];

      assert.deepEqual(ours.map(blanks), theirs.map(blanks));
      for (const [row, cells] of ours.entries()) {
        const fixed = fixedCells(theirs[row] ?? []);
        const words = cells.filter((cell) => cell !== "" && !fixed.includes(cell));
        assert.ok(
          words.some((cell) => /\p{Script=Han}/u.test(cell)),
          cells.join(" | "),
        );
      }
    });
  }
});
