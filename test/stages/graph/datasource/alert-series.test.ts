import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { chooseSeries, indexSeries, seriesKey, seriesNames } from "../../../../src/graph/datasource/alert-series.ts";
import type { TimeSeries } from "../../../../src/graph/datasource/answer.ts";

const series = (labels: TimeSeries["labels"], value = 1): TimeSeries => ({ labels, points: [[0, value]] });

const alertLabels = { alertname: "A", instance: "a", job: "node", severity: "page" };

describe("indexSeries", () => {
  const cases: readonly (readonly [labels: TimeSeries["labels"], isOwn: boolean])[] = [
    [{ instance: "a", job: "node" }, true],
    [{ __name__: "up", instance: "a", job: "node" }, true],
    [{ instance: "a" }, true],
    [{}, true],
    [{ instance: "b", job: "node" }, false],
    [{ instance: "a", job: "node", device: "sda" }, false],
    [{ instance: "a", device: "" }, true],
    [{ constructor: "" }, true],
    [{ constructor: "x" }, false],
  ];
  for (const [labels, isOwn] of cases) {
    it(`${isOwn ? "finds" : "does not find"} ${JSON.stringify(labels)}`, () => {
      assert.equal(indexSeries([series(labels)], [alertLabels])(alertLabels).length, isOwn ? 1 : 0);
    });
  }

  it("finds what comparing label by label finds", () => {
    const names = fc.constantFrom("__name__", "a", "b", "c", "__proto__", "");
    const labels = fc.dictionary(names, fc.constantFrom("", "1", "2"));
    fc.assert(
      fc.property(fc.array(labels), labels, fc.array(labels), (all, own, others) => {
        const given = all.map((one) => series(one));

        const found = indexSeries(given, [...others, own])(own);

        const expected = given.filter((one) =>
          Object.entries(one.labels).every(([name, value]) => {
            return name === "__name__" || value === "" || (Object.hasOwn(own, name) && own[name] === value);
          }),
        );
        assert.deepEqual(new Set(found), new Set(expected));
      }),
    );
  });
});

describe("chooseSeries", () => {
  const all = [10, 50, 20, 40, 30, 5, 60, 15].map((value, n) => series({ instance: String(n), job: "node" }, value));
  const above = [{ op: ">", value: 55 }] as const;
  const valuesOf = (chosen: ReturnType<typeof chooseSeries>) =>
    chosen.shown.map(({ series: { points }, isAlert }) => [points[0]?.[1], isAlert]);

  it("shows the series of the alert first, then its neighbours nearest to firing", () => {
    const chosen = chooseSeries(all, { alerts: [{ instance: "2", job: "node" }], thresholds: above });

    assert.deepEqual(valuesOf(chosen), [[20, true], ...[60, 50, 40, 30, 15].map((value) => [value, false])]);
    assert.equal(chosen.omitted, 2);
  });

  it("takes the lowest for nearest, where the alert fires below", () => {
    const chosen = chooseSeries(all, {
      alerts: [{ instance: "2", job: "node" }],
      thresholds: [{ op: "<=", value: 7 }],
    });

    assert.deepEqual(
      valuesOf(chosen).map(([value]) => value),
      [20, 5, 10, 15, 30, 40],
    );
  });

  it("shows at most five series of alerts, and one neighbour beside them", () => {
    const alerts = [0, 1, 2, 3, 4, 5].map((n) => ({ instance: String(n), job: "node" }));

    assert.deepEqual(
      valuesOf(chooseSeries(all, { alerts, thresholds: above })).map(([, isAlert]) => isAlert),
      [true, true, true, true, true, false],
    );
  });

  it("shows nothing where no series is of an alert", () => {
    const chosen = chooseSeries(all, { alerts: [{ instance: "9", job: "node" }], thresholds: above });

    assert.deepEqual(chosen, { shown: [], omitted: 8 });
  });

  it("chooses the same whatever the order of the answer is, where no two values are equal", () => {
    const values = fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 12 });
    const shuffled = values.chain((given) => {
      const some = given.map((value, n) => series({ instance: String(n), job: "node" }, value));
      return fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length }));
    });
    const alerts = [{ instance: "0", job: "node" }];
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const [a, b] = [one, other].map((given) => chooseSeries(given, { alerts, thresholds: [] }));

        assert.deepEqual(a, b);
      }),
    );
  });
});

describe("seriesNames", () => {
  const cases: readonly (readonly [labels: readonly TimeSeries["labels"][], names: readonly string[]])[] = [
    [
      [
        { job: "node", instance: "a" },
        { job: "node", instance: "b" },
      ],
      ["a", "b"],
    ],
    [[{ job: "node", instance: "a" }], ["a node"]],
    [[{ __name__: "up" }], ["up"]],
    [[{}], [""]],
    [
      [{ a: "1", b: "x" }, { a: "2" }],
      ["1 x", "2"],
    ],
    [
      [{ __name__: "x", a: "1" }, { __name__: "x" }],
      ["1", "x"],
    ],
  ];
  for (const [labels, names] of cases) {
    it(`of ${JSON.stringify(labels)}`, () => assert.deepEqual(seriesNames(labels), names));
  }
});

describe("seriesKey", () => {
  it("is the same for the same labels in another order", () => {
    assert.equal(seriesKey({ a: "1", b: "2" }), seriesKey({ b: "2", a: "1" }));
    assert.notEqual(seriesKey({ a: "1" }), seriesKey({ a: "2" }));
  });
});
