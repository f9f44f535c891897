import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Unit } from "../../../src/graph/unit.ts";
import { thresholdText, valueText, valueTexts } from "../../../src/graph/value-text.ts";

const cases: readonly (readonly [Unit, readonly (readonly [value: number, text: string])[]])[] = [
  [
    "none",
    [
      [0, "0"],
      [-0, "0"],
      [1284, "1284"],
      [999_999, "999999"],
      [-42, "-42"],
      [1_234_567, "1.235M"],
      [-2.5e12, "-2.5T"],
      [0.1 + 0.2, "0.3"],
      [12.3456, "12.35"],
      [1234.56, "1235"],
      [99_999.96, "100000"],
      [0.00012346, "0.0001235"],
      [0.0000123, "1.23e-5"],
      [1e-5, "1e-5"],
      [1e20, "1e20"],
      [Number.NaN, "NaN"],
      [Number.POSITIVE_INFINITY, "+Inf"],
      [Number.NEGATIVE_INFINITY, "-Inf"],
    ],
  ],
  [
    "ratio",
    [
      [0.9, "90%"],
      [0.07, "7%"],
      [0.12345, "12.35%"],
      [3.5, "350%"],
      [-0.1, "-10%"],
    ],
  ],
  [
    "percent",
    [
      [90, "90%"],
      [99.95, "99.95%"],
    ],
  ],
  [
    "bytes",
    [
      [0, "0 B"],
      [512, "512 B"],
      [1024, "1 KiB"],
      [15 * 1024 ** 3, "15 GiB"],
      [1.5 * 1024 ** 4, "1.5 TiB"],
      [-1536, "-1.5 KiB"],
      [0.5, "0.5 B"],
    ],
  ],
  ["bytes_per_second", [[2 * 1024 ** 2, "2 MiB/s"]]],
  ["celsius", [[-38.25, "-38.25 °C"]]],
  [
    "seconds",
    [
      [0, "0s"],
      [0.00025, "250µs"],
      [0.25, "250ms"],
      [1.5, "1.5s"],
      [59.99, "59.99s"],
      [60, "1m"],
      [90, "1m 30s"],
      [5400, "1h 30m"],
      [86_399, "1d"],
      [93_784, "1d 2h"],
      [-86_400, "-1d"],
      [400 * 86_400, "400d"],
      [1e13, "1e13s"],
    ],
  ],
];

describe("a number in a graph", () => {
  for (const [unit, rows] of cases) {
    it(`is written with its unit: ${unit}`, () => {
      for (const [value, text] of rows) assert.equal(valueText(value, unit), text, String(value));
    });
  }

  it("does not look equal to a threshold that it is not", () => {
    assert.equal(valueText(0.900_04, "ratio", [0.9]), "90.004%");
    assert.equal(valueText(86_399, "seconds", [86_400]), "23h 59m 59s");
    assert.equal(valueText(1_000_001, "none", [1_000_000]), "1.000001M");
    assert.equal(valueText(0.9, "ratio", [0.9]), "90%");
  });

  it("has the digits of a threshold that a person wrote", () => {
    assert.equal(thresholdText({ op: ">=", value: 0.90004 }, "ratio"), "≥ 90.004%");
    assert.equal(thresholdText({ op: "!=", value: 15 * 1024 ** 3 }, "bytes"), "≠ 15 GiB");
    assert.equal(thresholdText({ op: "==", value: 5400 }, "seconds"), "= 1h 30m");
  });

  it("is distinguished from all others, in order and in every unit", () => {
    const unit = fc.constantFrom<Unit>("none", "ratio", "percent", "bytes", "bytes_per_second", "seconds", "celsius");
    const value = fc.integer({ min: -1e9, max: 1e9 }).map((number) => number / 1000);

    fc.assert(
      fc.property(unit, fc.uniqueArray(value, { maxLength: 5 }), (unit, values) => {
        assert.equal(new Set(valueTexts(values, unit)).size, values.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is within a thousandth of what is written", () => {
    const value = fc.double({ min: 1e-6, max: 1e17, noNaN: true });

    fc.assert(
      fc.property(value, (given) => {
        const [, number = "", prefix = ""] = /^([\d.e-]+)([MGTP]?)$/u.exec(valueText(given, "none")) ?? [];
        const scale = { "": 1, M: 1e6, G: 1e9, T: 1e12, P: 1e15 }[prefix] ?? Number.NaN;

        assert.ok(Math.abs(Number(number) * scale - given) <= given / 1000);
      }),
    );
  });
});
