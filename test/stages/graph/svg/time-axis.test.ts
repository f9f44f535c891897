import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { momentText, periodText, timeTicksOf } from "../../../../src/graph/svg/time-axis.ts";

const minute = 60_000;
const hour = 60 * minute;

const textsOf = (start: string, spanMs: number, timezone: string) =>
  timeTicksOf(Date.parse(start), Date.parse(start) + spanMs, { timezone, mostTicks: 6 }).map(({ text }) => text);

describe("the axis of times", () => {
  it("has round times of the zone's wall clock", () => {
    assert.deepEqual(textsOf("2026-11-30T05:27Z", hour, "Asia/Shanghai"), [
      "13:30",
      "13:40",
      "13:50",
      "14:00",
      "14:10",
      "14:20",
    ]);
    assert.deepEqual(textsOf("2026-11-30T05:27Z", 6 * hour, "Asia/Kathmandu"), [
      "12:00",
      "13:00",
      "14:00",
      "15:00",
      "16:00",
      "17:00",
    ]);
    assert.deepEqual(textsOf("2026-11-30T05:27Z", 3 * hour, "Asia/Kolkata"), [
      "11:00",
      "11:30",
      "12:00",
      "12:30",
      "13:00",
      "13:30",
    ]);
    assert.deepEqual(textsOf("2026-11-30T05:27:10Z", 2 * minute, "UTC").slice(0, 2), ["05:27:30", "05:28:00"]);
  });

  it("has the date at midnight", () => {
    assert.deepEqual(textsOf("2026-11-30T10:00Z", 24 * hour, "Asia/Shanghai"), [
      "18:00",
      "12-01",
      "06:00",
      "12:00",
      "18:00",
    ]);
    assert.deepEqual(textsOf("2026-11-25T10:00Z", 100 * hour, "Asia/Shanghai"), ["11-26", "11-27", "11-28", "11-29"]);
    assert.deepEqual(textsOf("2026-11-01T10:00Z", 24 * 24 * hour, "UTC"), [
      "11-05",
      "11-09",
      "11-13",
      "11-17",
      "11-21",
      "11-25",
    ]);
  });

  it("follows the clock where it is changed", () => {
    // New York goes from 01:59 to 03:00, and in autumn from 01:59 back to 01:00.
    assert.deepEqual(textsOf("2026-03-08T04:30Z", 6 * hour, "America/New_York"), [
      "00:00",
      "01:00",
      "03:00",
      "04:00",
      "05:00",
      "06:00",
    ]);
    assert.deepEqual(textsOf("2026-11-01T04:30Z", 5 * hour, "America/New_York"), [
      "01:00",
      "01:00",
      "02:00",
      "03:00",
      "04:00",
    ]);
    assert.deepEqual(textsOf("2026-03-07T10:00Z", 72 * hour, "America/New_York"), [
      "12:00",
      "03-08",
      "12:00",
      "03-09",
      "12:00",
      "03-10",
    ]);
  });

  it("is in order, inside the period, not crowded, and round on the wall clock, in any zone", () => {
    const zone = fc.constantFrom(
      "Asia/Shanghai",
      "America/St_Johns",
      "Australia/Lord_Howe",
      "Pacific/Chatham",
      "Europe/London",
    );
    const start = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) });
    const span = fc.oneof(fc.integer({ min: 1, max: hour }), fc.integer({ min: hour, max: 30 * 24 * hour }));

    fc.assert(
      fc.property(zone, start, span, (timezone, startAt, spanMs) => {
        const ticks = timeTicksOf(startAt, startAt + spanMs, { timezone, mostTicks: 6 });

        assert.ok(ticks.length <= 9);
        for (const [n, { at, text }] of ticks.entries()) {
          assert.ok(at >= startAt && at <= startAt + spanMs && at > (ticks[n - 1]?.at ?? 0));
          const wall = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, timeStyle: "medium" }).format(at);
          assert.ok(text.includes(":") ? wall.startsWith(text) : wall === "00:00:00", `${text} at ${wall}`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("has a period with the dates that it needs", () => {
    const at = Date.parse("2026-12-31T15:30Z");

    assert.equal(periodText(at, at + 20 * minute, "Asia/Shanghai"), "2026-12-31 23:30 – 23:50");
    assert.equal(periodText(at, at + hour, "Asia/Shanghai"), "2026-12-31 23:30 – 01-01 00:30");
    assert.equal(momentText(at, at + hour, "Asia/Shanghai"), "12-31 23:30");
    assert.equal(momentText(at, at + hour, "UTC"), "15:30");
  });
});
