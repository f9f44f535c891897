import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Expression, readExpression } from "../../../src/graph/expression.ts";

/** `>0.9` for a threshold with that operator and value. */
const short = ({ draw, thresholds, comparable }: Expression) => [
  draw,
  thresholds.map(({ op, value }) => `${op}${value}`).join(" "),
  comparable,
];

type Row = readonly [text: string, draw: string, compared: string, comparable: boolean];

function check(rows: readonly Row[]): void {
  for (const [text, draw, compared, comparable] of rows) {
    assert.deepEqual(short(readExpression(text)), [draw, compared, comparable], text);
  }
}

describe("an alert's expression", () => {
  it("is drawn without its comparison with a constant", () => {
    check([
      ['disk_used_ratio{env="生产"} > 0.9', 'disk_used_ratio{env="生产"}', ">0.9", true],
      ["up == 0", "up", "==0", true],
      ["up != 1", "up", "!=1", true],
      ["free <= 5", "free", "<=5", true],
      ["a # a comment\n  > 5 # another", "a", ">5", true],
      ["time() - last_backup_seconds > 86400", "time() - last_backup_seconds", ">86400", true],
      ["count(up == 0) by (job) > 1e3", "count(up == 0) by (job)", ">1000", true],
      ['{"磁盘.使用率"} > 0.9', '{"磁盘.使用率"}', ">0.9", true],
      [
        "(1 - node_filesystem_avail_bytes / node_filesystem_size_bytes) * 100 > 80",
        "(1 - node_filesystem_avail_bytes / node_filesystem_size_bytes) * 100",
        ">80",
        true,
      ],
      ["topk(3, a) > 5", "topk(3, a)", ">5", true],
      ["-a > 5", "-a", ">5", true],
      ["vector(1) > 0", "vector(1)", ">0", true],
    ]);
  });

  it("may have the constant on the left", () => {
    check([
      ["0.9 < a / b", "a / b", ">0.9", true],
      ["0 == up", "up", "==0", true],
      ["100 >= (a)", "a", "<=100", true],
    ]);
  });

  it("has constants that are computed as Prometheus computes them", () => {
    check([
      ["a > 3 * 100", "a", ">300", true],
      ["a > (2 + 4) / 3 - 1", "a", ">1", true],
      ["a > 7 % 4", "a", ">3", true],
      ["a > 2 ^ 3 ^ 2", "a", ">512", true],
      ["a < -1", "a", "<-1", true],
      ["a < -(1 + 1)", "a", "<-2", true],
      ["a > 0x1F", "a", ">31", true],
      ["a > 010", "a", ">8", true],
      ["a > 1_000_000", "a", ">1000000", true],
      ["a > 1h30m", "a", ">5400", true],
      ["a > 100ms", "a", ">0.1", true],
      ["a > 7d", "a", ">604800", true],
      ["a > .5", "a", ">0.5", true],
    ]);
  });

  it("has no threshold where the constant is infinite or cannot be computed", () => {
    check([
      ["a > Inf", "a", "", false],
      ["a > 1 / 0", "a", "", false],
      ["a != NaN", "a", "", false],
      ["a > -2 ^ 2", "a", "", false],
    ]);
  });

  it("has the values of the left side of `and` and `unless`", () => {
    check([
      ["sum by (queue) (depth) >= 3 * 100 and on () up == 1", "sum by (queue) (depth)", ">=300", true],
      ["(a > 80) and predict_linear(b[6h], 24*3600) < 0", "a", ">80", true],
      ["a + b > 80 and c", "a + b", ">80", true],
      ["a and b > 5", "a", "", false],
      ["a / b and c", "a / b", "", false],
      ["a == 1 unless b", "a", "==1", false],
    ]);
  });

  it("may have several thresholds of one series", () => {
    check([
      ["(a > 10) < 100", "a", ">10 <100", true],
      ["a > 10 < 100", "a", ">10 <100", true],
      ["a > 1 or a < -1", "a", ">1 <-1", false],
    ]);
  });

  it("is drawn whole where its series would hide each other", () => {
    check([
      ["a > 1 or b > 2", "a > 1 or b > 2", "", false],
      ["(a or b) > 10", "a or b", ">10", false],
      ["(a > 5 or b) > 10", "a > 5 or b", ">10", false],
    ]);
  });

  it("can be compared with another series, if the result keeps the labels of the left side", () => {
    check([
      ["x > on(instance) group_left() y", "x", "", false],
      ["x > y / 2", "x", "", false],
      ["(x > 10) < y", "x", ">10", false],
      ["x > scalar(y)", "x", "", false],
      ["scalar(y) < x", "x", "", false],
      ["x > on(instance) y", "x > on(instance) y", "", false],
      ["x > ignoring(pod) y", "x > ignoring(pod) y", "", false],
      ["x > on(instance) group_right() y", "x > on(instance) group_right() y", "", false],
      ["x > fill(0) y", "x > fill(0) y", "", false],
      ["(x > on(instance) y) > 5", "x > on(instance) y", ">5", true],
    ]);
  });

  it("says that an alert with `bool` does not depend on the comparison", () => {
    check([
      ["rate(a[5m]) / rate(b[5m]) > bool 0.05", "rate(a[5m]) / rate(b[5m])", ">0.05", false],
      ["(a > bool 0.05) and b", "a", ">0.05", false],
      ["(a > bool 0.05) == 1", "a > bool 0.05", "==1", true],
      ["sum(a > bool 0.05) > 3", "sum(a > bool 0.05)", ">3", true],
    ]);
  });

  it("says nothing by its value where something is absent", () => {
    check([
      ['absent(up{job="x"})', 'absent(up{job="x"})', "", false],
      ['absent(up{job="x"}) == 1', 'absent(up{job="x"})', "==1", false],
      ["absent_over_time(up[5m]) > 0", "absent_over_time(up[5m])", ">0", false],
      ["sum(a or vector(0)) < 1", "sum(a or vector(0))", "<1", false],
    ]);
  });

  it("is drawn whole where it is no PromQL or compares nothing", () => {
    check([
      ["rate(x[5m:1m] offset 1h) > 1k", "rate(x[5m:1m] offset 1h) > 1k", "", false],
      ["WITH (x = y) x > 1", "WITH (x = y) x > 1", "", false],
      ["", "", "", false],
      ["# only a comment", "# only a comment", "", false],
      ["a >", "a >", "", false],
      ["2 > bool 1", "2 > bool 1", "", false],
      ["(a)", "a", "", false],
      ["42", "42", "", false],
      ['"text"', '"text"', "", false],
    ]);
  });

  it("may draw a series that ends although nothing is lost", () => {
    const filtered = [
      "count(up == 0) > 1",
      "a > on(x) b",
      "topk(3, a) > 1",
      "(a and b) * 2 > 1",
      "sum(a unless b) > 1",
    ];
    const whole = ["a > 1k", "a > 1 or b > 2"];
    const others = ["a > 1", "a > 1 and b > 2", "sum(a > bool 1) > 2", "up == 0", "a or b"];

    assert.deepEqual(
      [...filtered, ...whole, ...others].filter((text) => readExpression(text).filtered),
      [...filtered, ...whole],
    );
  });

  it("is drawn whole where no person wrote it", () => {
    for (const text of [
      `${"(".repeat(9_000)}a${")".repeat(9_000)} > 1`,
      `${"-".repeat(9_000)}1 > a`,
      `a${" + a".repeat(4_000)} > 1`,
      `a{b="${"x".repeat(30_000)}"} > 1`,
    ]) {
      check([[text, text, "", false]]);
    }
  });

  it("is read without an error, whatever its text: it is part of the text, and thresholds are numbers", () => {
    const pieces = fc.constantFrom(
      ...'a b up ( ) > >= < == != and or unless on by bool 1 0.9 5m -  ^ * / [ ] { } , " # \n 磁'.split(" "),
    );
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(" ")),
    );

    fc.assert(
      fc.property(text, (given) => {
        const { draw, thresholds, comparable } = readExpression(given);

        assert.ok(given.includes(draw));
        assert.ok(thresholds.every(({ value }) => Number.isFinite(value)));
        assert.ok(!comparable || thresholds.length > 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("gives a series that is read as itself: nothing is left to take off", () => {
    const series = fc.constantFrom("a", "rate(a[5m])", "a / b", "sum by (x) (a)", "-a");
    const op = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");

    fc.assert(
      fc.property(series, op, fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }), (left, op, value) => {
        const read = readExpression(`${left} ${op} ${value}`);

        assert.deepEqual(read, {
          draw: left,
          thresholds: [{ op, value }],
          comparable: true,
          filtered: false,
        });
        assert.equal(readExpression(read.draw).draw, left);
      }),
    );
  });
});
