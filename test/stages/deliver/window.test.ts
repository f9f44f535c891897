import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { freeSlots, nextSlotAt } from "../../../src/deliver/keys.ts";
import type { AttemptTimes } from "../../../src/outbox/lane.ts";

const now = 1_000_000;
const attempt = (answeredAt: number | null, startedAt = now): AttemptTimes => ({ keyId: "k1", startedAt, answeredAt });
const answered = (...agoMs: number[]) => agoMs.map((ago) => attempt(now - ago));
const open = (count: number) => Array.from({ length: count }, () => attempt(null));

describe("window", () => {
  const slots: readonly [string, readonly AttemptTimes[], number][] = [
    ["an unused key has 20 slots", [], 20],
    ["an answer within 60 s takes a slot", answered(0, 1, 59_999), 17],
    ["an answer exactly 60 s ago has freed its slot", answered(60_000), 20],
    ["a request in flight takes a slot", open(1), 19],
    ["until a window after the longest time that a request may take", [attempt(null, now - 659_999)], 19],
    ["an attempt without an answer that was begun before that is over", [attempt(null, now - 660_000)], 20],
    ["20 answers leave none", answered(...Array(20).keys()), 0],
    ["more than 20 leave none, not less than none", answered(...Array(25).keys()), 0],
  ];
  for (const [rule, attempts, expected] of slots) {
    it(rule, () => assert.equal(freeSlots(attempts, now), expected));
  }

  const instants: readonly [string, readonly AttemptTimes[], number][] = [
    ["a free key may speak now", answered(1), now],
    ["a full key may speak when its oldest answer is 60 s old", answered(...Array(20).fill(5_000)), now + 55_000],
    ["the oldest answer counts, not the order", answered(1_000, ...Array(19).fill(500)), now + 59_000],
    ["over-full: enough must leave first", answered(9_000, 8_000, ...Array(19).fill(0)), now + 52_000],
    ["when requests in flight hold all slots, when the first of them must be over", open(20), now + 660_000],
    ["a slot in flight does not hide one that frees", [...open(19), ...answered(10_000)], now + 50_000],
  ];
  for (const [rule, attempts, expected] of instants) {
    it(rule, () => assert.equal(nextSlotAt(attempts, now), expected));
  }

  it("for all latencies: a sender that keeps the window never lets 21 arrive in any 60 s, and uses all 20", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ outward: fc.nat(70_000), back: fc.nat(70_000) }), { minLength: 21, maxLength: 90 }),
        (trips) => {
          const attempts: AttemptTimes[] = [];
          const arrivals: number[] = [];
          let clock = 0;

          for (const trip of trips) {
            clock = nextSlotAt(attempts, clock);
            arrivals.push(clock + trip.outward);
            clock += trip.outward + trip.back;
            attempts.push(attempt(clock));
          }

          for (const [i, at] of arrivals.entries()) {
            const within = arrivals.slice(i).filter((other) => other - at < 60_000).length;
            assert.ok(within <= 20, `${within} arrivals within 60 s of ${at}`);
          }
          assert.equal(arrivals.slice(0, 20).length, 20);
        },
      ),
    );
  });
});
