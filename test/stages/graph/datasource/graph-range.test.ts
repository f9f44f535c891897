import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { graphRange, resolvedAtOf } from "../../../../src/graph/datasource/graph-range.ts";

const now = Date.UTC(2026, 10, 22, 8, 30, 7, 123);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

type Life = Parameters<typeof graphRange>[0][number];

const firing = (forMs: number): Life => ({ status: "firing", startsAt: now - forMs, endsAt: null });
const resolved = (forMs: number, agoMs: number): Life => ({
  status: "resolved",
  startsAt: now - agoMs - forMs,
  endsAt: now - agoMs,
});

describe("graphRange", () => {
  const cases: readonly (readonly [name: string, alerts: readonly Life[], fromMs: number, untilMs: number])[] = [
    ["an alert that just fired: the last hour", [firing(minute)], hour, 0],
    ["one that fires for two hours: an hour before it", [firing(2 * hour)], 3 * hour, 0],
    ["one that fires for a month: the last week", [firing(30 * day)], 7 * day, 0],
    ["one that just recovered: the last hour", [resolved(10 * minute, minute)], hour, 0],
    [
      "one that recovered a day ago: some time after it, not until now",
      [resolved(2 * hour, day)],
      27 * hour,
      23.33 * hour,
    ],
    ["the earliest start and the latest end", [resolved(minute, minute), resolved(2 * hour, 2 * hour)], 6 * hour, 0],
    ["no start", [{ status: "firing", startsAt: null, endsAt: null }], hour, 0],
    ["a start ahead of our clock", [{ status: "firing", startsAt: now + hour, endsAt: null }], hour, 0],
  ];
  for (const [name, alerts, fromMs, untilMs] of cases) {
    it(`shows, of ${name}`, () => {
      const { startAt, endAt, stepMs } = graphRange(alerts, now);

      const slack = Math.max(stepMs * 2, fromMs * 0.08);
      assert.ok(Math.abs(now - startAt - fromMs) <= slack, `from ${(now - startAt) / hour} h`);
      assert.ok(Math.abs(now - endAt - untilMs) <= slack, `until ${(now - endAt) / hour} h`);
    });
  }

  it("has 240 points on whole steps, never in the future, an hour at least and a week at most", () => {
    const instant = fc.option(fc.integer({ min: now - 100 * day, max: now + day }));
    const life = fc.record({ status: fc.constantFrom("firing", "resolved"), startsAt: instant, endsAt: instant });
    fc.assert(
      fc.property(fc.array(life), (alerts) => {
        const { startAt, endAt, stepMs } = graphRange(alerts as readonly Life[], now);

        assert.equal((endAt - startAt) / stepMs, 239);
        assert.ok(stepMs >= 1_000 && endAt % stepMs === 0 && endAt <= now);
        assert.ok(endAt - startAt >= hour - stepMs && endAt - startAt <= 7 * day + 239_000);
      }),
    );
  });

  it("is the same within one step", () => {
    const alert = firing(minute);
    const { endAt, stepMs } = graphRange([alert], now);

    assert.deepEqual(graphRange([alert], endAt), graphRange([alert], endAt + stepMs - 1));
  });
});

describe("resolvedAtOf", () => {
  it("is the latest end, and none while one fires or has no end", () => {
    assert.equal(resolvedAtOf([resolved(hour, 2 * minute), resolved(hour, minute)]), now - minute);
    assert.equal(resolvedAtOf([resolved(hour, minute), firing(hour)]), null);
    assert.equal(resolvedAtOf([{ ...resolved(hour, minute), endsAt: null }]), null);
  });
});
