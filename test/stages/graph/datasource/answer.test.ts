import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  maxSeries,
  readSeries as readingSeries,
  readRules,
  type SeriesAnswer,
} from "../../../../src/graph/datasource/answer.ts";

const success = (data: unknown) => JSON.stringify({ status: "success", data });
const vector = (...result: readonly unknown[]) => success({ resultType: "vector", result });

/** In one go. */
function readSeries(text: string): SeriesAnswer {
  const reading = readingSeries(text);
  for (;;) {
    const step = reading.next();
    if (step.done === true) return step.value;
  }
}

describe("readSeries", () => {
  it("lets others have the event loop after each thousand series", () => {
    const result = Array(20_000).fill({ metric: {}, value: [1, "1"] });
    const reading = readingSeries(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));

    let steps = 0;
    while (reading.next().done !== true) steps += 1;

    assert.equal(steps, 20);
  });

  it("reads an instant query", () => {
    const text = vector({ metric: { __name__: "up", job: "a" }, value: [1435781451.781, "1"] });

    assert.deepEqual(readSeries(text), {
      kind: "series",
      set: { series: [{ labels: { __name__: "up", job: "a" }, points: [[1_435_781_451_781, 1]] }], isPartial: false },
    });
  });

  it("reads a range query", () => {
    const values = [
      [1435781430.781, "1"],
      [1435781445.781, "NaN"],
      [1435781460.781, "-Inf"],
      [1435781475.781, "1e-9"],
    ];
    const text = success({ resultType: "matrix", result: [{ metric: {}, values }] });

    const answer = readSeries(text);

    assert.deepEqual(answer.kind === "series" ? answer.set.series[0]?.points.map(([, value]) => value) : null, [
      1,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      1e-9,
    ]);
  });

  it("reads a scalar as one series without labels", () => {
    const text = success({ resultType: "scalar", result: [1435781451.781, "42"] });

    assert.deepEqual(readSeries(text), {
      kind: "series",
      set: { series: [{ labels: {}, points: [[1_435_781_451_781, 42]] }], isPartial: false },
    });
  });

  it("reads a native histogram as a series without a value", () => {
    const text = vector({ metric: { job: "a" }, histogram: [1, {}] });

    assert.deepEqual(readSeries(text), {
      kind: "series",
      set: { series: [{ labels: { job: "a" }, points: [] }], isPartial: false },
    });
  });

  it("knows the partial answers of Thanos and VictoriaMetrics", () => {
    const data = { resultType: "vector", result: [] };
    const partial = [
      { warnings: ["No StoreAPIs matched"] },
      { isPartial: true },
      { warnings: [] },
      { isPartial: false },
    ];

    const answers = partial.map((mark) => readSeries(JSON.stringify({ status: "success", data, ...mark })));

    assert.deepEqual(
      answers.map((answer) => answer.kind === "series" && answer.set.isPartial),
      [true, true, false, false],
    );
  });

  it("keeps labels of any name", () => {
    const text = `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__proto__":"a"},"value":[1,"1"]}]}}`;

    const answer = readSeries(text);

    assert.deepEqual(answer.kind === "series" ? Object.entries(answer.set.series[0]?.labels ?? {}) : null, [
      ["__proto__", "a"],
    ]);
  });

  it(`reads ${maxSeries} series and no more`, () => {
    const one = { metric: {}, value: [1, "1"] };

    assert.equal(readSeries(vector(...Array(maxSeries).fill(one))).kind, "series");
    assert.equal(readSeries(vector(...Array(maxSeries + 1).fill(one))).kind, "tooLarge");
  });

  it("does not read more samples than any graph has", () => {
    const series = (samples: number) => ({ metric: {}, values: Array(samples).fill([1, "1"]) });
    const matrix = (...result: readonly object[]) => success({ resultType: "matrix", result });

    assert.equal(readSeries(matrix(...Array(20).fill(series(2_400)))).kind, "series");
    assert.equal(readSeries(matrix(series(50_001))).kind, "tooLarge");
    assert.equal(readSeries(matrix(...Array(300).fill(series(200)))).kind, "tooLarge");
  });

  const unreadable: readonly string[] = [
    "",
    "<html>",
    "null",
    "[]",
    '{"status":"error","errorType":"bad_data","error":"…"}',
    success(null),
    success({ resultType: "string", result: [1, "a"] }),
    success({ resultType: "vector", result: {} }),
    vector(null),
    vector({ metric: null, value: [1, "1"] }),
    vector({ metric: { a: 1 }, value: [1, "1"] }),
    vector({ metric: {}, value: [1, 1] }),
    vector({ metric: {}, value: ["1", "1"] }),
    vector({ metric: {}, value: [1, "one"] }),
    vector({ metric: {}, value: [1, ""] }),
    vector({ metric: {}, value: "1" }),
    // No dates.
    vector({ metric: {}, value: [8.64e12, "1"] }),
    vector({ metric: {}, value: [1e308, "1"] }),
    vector({ metric: {}, value: [-1e13, "1"] }),
    success({ resultType: "scalar", result: null }),
  ];
  for (const text of unreadable) {
    it(`does not read ${text.slice(0, 100)}`, () => assert.deepEqual(readSeries(text), { kind: "unreadable" }));
  }

  it("never throws", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        readSeries(text);
        readRules(text);
        readSeries(success(JSON.parse(text)));
        readRules(success({ groups: [JSON.parse(text), { rules: [JSON.parse(text)] }] }));
      }),
    );
  });
});

describe("readRules", () => {
  it("reads alerting rules with their group", () => {
    const rules = [
      { type: "recording", name: "a:b", query: "x" },
      { type: "alerting", name: "A", query: "x > 1", labels: { severity: "page" }, alerts: [{}] },
      { type: "alerting", name: "B" },
      7,
    ];
    const text = success({ groups: [{ id: "17", name: "g", rules }, { rules: null }, null] });

    assert.deepEqual(readRules(text), {
      kind: "rules",
      rules: [{ name: "A", query: "x > 1", labels: { severity: "page" }, groupId: "17" }],
    });
  });

  it("reads the answer of a server without rules", () => {
    assert.deepEqual(readRules(success({ groups: null })), { kind: "rules", rules: [] });
    assert.deepEqual(readRules(success({ groups: [] })), { kind: "rules", rules: [] });
    assert.deepEqual(readRules(success({})), { kind: "unreadable" });
  });
});
