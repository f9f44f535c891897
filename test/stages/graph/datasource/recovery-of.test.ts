import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { indexSeries } from "../../../../src/graph/datasource/alert-series.ts";
import { recoveryFrom, recoverySeenAt } from "../../../../src/graph/datasource/recovery-of.ts";
import { readExpression } from "../../../../src/graph/expression.ts";

function recoveryOf(expression: string, value: number) {
  const find = indexSeries([{ labels: { instance: "a" }, points: [[1_000, value]] }], [{ instance: "a" }]);
  const recovery = recoveryFrom(find, { labels: { instance: "a" } }, readExpression(expression));
  return recovery === null || recovery === "absent" || recovery.kind === "gone"
    ? recovery
    : [recovery.value, ...recovery.thresholds, recovery.isBreaching];
}

describe("recoveryFrom", () => {
  const cases: readonly (readonly [expression: string, value: number, expected: ReturnType<typeof recoveryOf>])[] = [
    ["x > 10", 9, ["9", "> 10", false]],
    ["x > 10", 10, ["10", "> 10", false]],
    ["x > 10", 11, ["11", "> 10", true]],
    ["x >= 10", 10, ["10", "≥ 10", true]],
    ["x < 10", 10, ["10", "< 10", false]],
    ["x < 10", 9, ["9", "< 10", true]],
    ["x <= 10", 10, ["10", "≤ 10", true]],
    ["up == 0", 1, ["1", "= 0", false]],
    ["up == 0", 0, ["0", "= 0", true]],
    ["up != 1", 1, ["1", "≠ 1", false]],
    ["10 < x", 9, ["9", "> 10", false]],
    ["(x > 10) < 100", 5, ["5", "> 10", "< 100", false]],
    ["(x > 10) < 100", 50, ["50", "> 10", "< 100", true]],
    ["disk_used_ratio > 0.9", 0.65, ["65%", "> 90%", false]],
    // Rounded, it would be the threshold.
    ["disk_used_ratio > 0.9", 0.89996, ["89.996%", "> 90%", false]],
    ["free_bytes < 10 * 1024 ^ 3", 20 * 1024 ** 3, ["20 GiB", "< 10 GiB", false]],
    ["x > 10", Number.POSITIVE_INFINITY, ["+Inf", "> 10", true]],
    ["x > 10", Number.NaN, null],
  ];
  for (const [expression, value, expected] of cases) {
    it(`of ${expression} at ${value}`, () => {
      assert.deepEqual(recoveryOf(expression, value), expected);
    });
  }

  it("is absent where there is no series, unless the expression takes series away itself", () => {
    const none = indexSeries([], []);

    assert.equal(recoveryFrom(none, { labels: {} }, readExpression("x > 10")), "absent");
    assert.equal(recoveryFrom(none, { labels: {} }, readExpression("count(up == 0) > 2")), null);
  });
});

describe("recoverySeenAt", () => {
  it("is five seconds after the end, but not in the future and not before the end", () => {
    assert.equal(recoverySeenAt(100_000, 200_000), 105_000);
    assert.equal(recoverySeenAt(100_000, 102_000), 102_000);
    assert.equal(recoverySeenAt(100_000, 90_000), 100_000);
  });
});
