import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readDuration } from "../../../src/config/fields.ts";

const cases: readonly (readonly [string, number | null])[] = [
  ["0", 0],
  ["0s", 0],
  ["500ms", 500],
  ["5s", 5_000],
  ["90m", 5_400_000],
  ["1h30m", 5_400_000],
  ["7d", 604_800_000],
  ["1w", 604_800_000],
  ["1y1w1d1h1m1s1ms", 31_536_000_000 + 604_800_000 + 86_400_000 + 3_600_000 + 60_000 + 1_001],
  ["", null],
  ["5", null],
  ["s", null],
  ["5 s", null],
  ["1.5h", null],
  ["-5s", null],
  ["5S", null],
  ["30m1h", null],
  ["1h1h", null],
  ["5s\n", null],
];

describe("readDuration", () => {
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)} as ${expected ?? "no duration"}`, () => {
      assert.equal(readDuration(text), expected);
    });
  }

  it("adds up the units, whatever their counts", () => {
    const count = fc.nat(1_000);

    fc.assert(
      fc.property(count, count, count, (h, m, ms) => {
        assert.equal(readDuration(`${h}h${m}m${ms}ms`), h * 3_600_000 + m * 60_000 + ms);
      }),
    );
  });
});
