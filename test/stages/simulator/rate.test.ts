import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { afterRequest, isOverRate, largestWindow, noRate } from "../../../src/simulator/rate.ts";
import { type Switches, switchesOf } from "../../../src/simulator/rules/switches.ts";

/** The requests at these instants that are rejected. */
function refusedAt(instants: readonly number[], overrides: Partial<Switches> = {}): readonly number[] {
  const switches = switchesOf("documented", overrides);
  let state = noRate;
  return instants.filter((at) => {
    const over = isOverRate(state, at, switches);
    state = afterRequest(state, { at, over, accepted: !over }, switches);
    return over;
  });
}

const twentyAt = (at: number) => Array<number>(20).fill(at);

test("the 20th request of a window passes, the 21st does not", () => {
  assert.deepEqual(refusedAt(twentyAt(0)), []);
  assert.deepEqual(refusedAt([...twentyAt(0), 1]), [1]);
});

test("sliding: a slot is free again exactly 60 s later", () => {
  assert.deepEqual(refusedAt([...twentyAt(1000), 60_999]), [60_999]);
  assert.deepEqual(refusedAt([...twentyAt(1000), 61_000]), []);
});

test("sliding: twenty just before the start of a minute and one just after it are over the rate", () => {
  assert.deepEqual(refusedAt([...twentyAt(59_000), 61_000]), [61_000]);
});

test("fixed: the count starts again with each calendar minute", () => {
  const fixed = { window: "fixed" } as const;

  assert.deepEqual(refusedAt([...twentyAt(59_000), 60_000], fixed), []);
  assert.deepEqual(refusedAt([...twentyAt(0), 59_999], fixed), [59_999]);
});

test("rejected requests count by default, and by switch they do not", () => {
  const instants = [...twentyAt(0), ...twentyAt(30_000), 60_000];

  assert.equal(refusedAt(instants).includes(60_000), true);
  assert.equal(refusedAt(instants, { countRejected: false }).includes(60_000), false);
});

test("by switch, a key over the rate is blocked for a time that more requests do not extend", () => {
  const blocking = { blockMs: 60_000, countRejected: false };

  assert.deepEqual(refusedAt([...twentyAt(0), 1000, 60_500, 61_000], blocking), [1000, 60_500]);
});

const instants = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 200 });

test("for all arrivals, no sliding 60 s contain more than 20 accepted requests", () => {
  fc.assert(
    fc.property(instants, fc.boolean(), (unsorted, countRejected) => {
      const sorted = unsorted.toSorted((a, b) => a - b);
      const numbered = sorted.map((at, index) => at + index / 1000);

      const refused = new Set(refusedAt(numbered, { countRejected }));

      const accepted = numbered.filter((at) => !refused.has(at));
      assert.ok(largestWindow(accepted, 60_000) <= 20);
    }),
  );
});

test("for all arrivals, the largest window is the one found by counting from each arrival", () => {
  fc.assert(
    fc.property(instants, (all) => {
      const counts = all.map((start) => all.filter((at) => at >= start && at < start + 60_000).length);

      assert.equal(largestWindow(all, 60_000), Math.max(0, ...counts));
    }),
  );
});
