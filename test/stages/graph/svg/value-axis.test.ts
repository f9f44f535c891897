import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { valueAxisOf } from "../../../../src/graph/svg/value-axis.ts";
import type { Unit } from "../../../../src/graph/unit.ts";

const ticksOf = (values: readonly number[], unit: Unit = "none") => valueAxisOf(values, unit, 4).ticks;

describe("the axis of values", () => {
  it("has round ticks of its unit", () => {
    assert.deepEqual(ticksOf([0, 1284]), [0, 500, 1000, 1500]);
    assert.deepEqual(ticksOf([0.63, 0.94], "ratio"), [0.6, 0.7, 0.8, 0.9, 1]);
    assert.deepEqual(ticksOf([62, 94], "percent"), [60, 70, 80, 90, 100]);
    assert.deepEqual(
      ticksOf([0, 7 * 1024 ** 3], "bytes"),
      [0, 2, 4, 6, 8].map((count) => count * 1024 ** 3),
    );
    assert.deepEqual(ticksOf([0, 80_000], "seconds"), [0, 21_600, 43_200, 64_800, 86_400]);
    assert.deepEqual(ticksOf([-52, -28], "celsius"), [-60, -50, -40, -30, -20]);
  });

  it("has room around a constant", () => {
    assert.deepEqual(ticksOf([5]), [0, 2, 4, 6, 8]);
    assert.deepEqual(ticksOf([0, 0.5, 0.5, 0]).at(0), 0);
    assert.deepEqual(ticksOf([]), [0, 0.5, 1, 1.5]);
  });

  it("of 0 and 1 has just these", () => {
    const { ticks, low, high, isBinary } = valueAxisOf([0, 1, 1, 0], "none", 4);

    assert.deepEqual(ticks, [0, 1]);
    assert.ok(isBinary && low < 0 && high > 1);
    assert.equal(valueAxisOf([0, 1, 2], "none", 4).isBinary, false);
  });

  it("has a few ticks in order that span all values that can be drawn", () => {
    const value = fc.oneof(fc.double(), fc.double({ min: -100, max: 100, noNaN: true }), fc.integer());
    const unit = fc.constantFrom<Unit>("none", "ratio", "percent", "bytes", "seconds");

    fc.assert(
      fc.property(fc.array(value, { maxLength: 8 }), unit, (values, unit) => {
        const { low, high, ticks } = valueAxisOf(values, unit, 4);

        assert.ok(Number.isFinite(low) && Number.isFinite(high) && low < high);
        assert.ok(ticks.length >= 2 && ticks.length <= 8, String(ticks));
        assert.deepEqual(
          ticks,
          [...new Set(ticks)].toSorted((a, b) => a - b),
        );
        for (const one of values.filter((value) => Math.abs(value) <= 1e300)) {
          const slack = (high - low) * 1e-6;
          assert.ok(one >= low - slack && one <= high + slack, `${one} in ${low} to ${high}`);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
