import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { QueuedHead } from "../../../src/outbox/lane.ts";
import { type Plan, type PlanInput, plan } from "../../../src/plan/plan.ts";
import { noon, pendingHead } from "../../support/waiting.ts";

const maxAgeMs = 6 * 3_600_000;
const basic = {
  busyGroups: new Set<string>(),
  now: noon,
  maxAgeMs,
  freeSlots: 20,
  reserve: 4,
  digestMessages: 3,
  lastNormalAt: 0,
  lastUrgentAt: 0,
};

function planOf(heads: readonly QueuedHead[], input: Partial<PlanInput> = {}): Plan {
  return plan({ ...basic, ...input, heads });
}

function groups(count: number, head: Partial<QueuedHead> = {}): readonly QueuedHead[] {
  return Array.from({ length: count }, (_, i) => pendingHead({ id: i + 1, groupId: `g${i + 1}`, ...head }));
}

/** What a plan is about, short enough for a table. */
function brief(one: Plan): string {
  if (one.kind === "wait") return one.untilAt === null ? "nothing" : `wait ${one.untilAt - noon}`;
  const { delivery } = one;
  const what = delivery.kind === "group" ? delivery.group.groupId : `digest of ${delivery.groups.length}`;
  return `${delivery.urgent ? "urgent " : ""}${delivery.late ? "late " : ""}${what}`;
}

const table: readonly [string, Plan, string][] = [
  ["nothing waits", planOf([]), "nothing"],
  ["with enough slots the oldest group is delivered in full", planOf(groups(3)), "g1"],
  ["urgent before older", planOf([...groups(2), pendingHead({ id: 9, groupId: "u", urgent: true })]), "urgent u"],
  ["eleven groups fit beside the reserve and a digest", planOf(groups(11)), "g1"],
  ["twelve do not: all of them in one digest", planOf(groups(12)), "digest of 12"],
  ["without urgent routes there is no reserve, and fifteen fit", planOf(groups(15), { reserve: 0 }), "g1"],
  ["a group too big for messages is a digest of its own", planOf(groups(1, { alerts: 1_000 })), "digest of 1"],
  ["a group of a few messages is delivered in full", planOf(groups(1, { alerts: 40 })), "g1"],
  [
    "the last slots open at a pace: not yet",
    planOf(groups(1), { freeSlots: 9, lastNormalAt: noon - 2_000 }),
    "wait 10000",
  ],
  ["the last slots open at a pace: now", planOf(groups(1), { freeSlots: 9, lastNormalAt: noon - 12_000 }), "g1"],
  [
    "and deliver all that came meanwhile",
    planOf(groups(400), { freeSlots: 9, lastNormalAt: noon - 12_000 }),
    "digest of 400",
  ],
  ["the reserve is not for them", planOf(groups(400), { freeSlots: 4 }), "wait 60000"],
  [
    "an urgent group takes it at once",
    planOf([...groups(400), pendingHead({ id: 900, groupId: "u", urgent: true })], { freeSlots: 4 }),
    "urgent u",
  ],
  [
    "urgent groups merge too once they exceed the free slots",
    planOf(groups(30, { urgent: true }), { freeSlots: 4 }),
    "urgent digest of 30",
  ],
  [
    "and open their last slots at a pace of their own",
    planOf(groups(1, { urgent: true }), { freeSlots: 2, lastUrgentAt: noon - 5_000 }),
    "wait 7000",
  ],
  [
    "a group that waited a whole window while urgent ones were delivered gets the next slot",
    planOf([...groups(2, { acceptedAt: noon - 60_000 }), pendingHead({ id: 9, groupId: "u", urgent: true })], {
      freeSlots: 1,
      lastUrgentAt: noon - 1_000,
    }),
    "digest of 2",
  ],
  [
    "but not before an urgent group that waits as long",
    planOf([...groups(2, { acceptedAt: noon - 60_000 }), pendingHead({ id: 9, groupId: "u", urgent: true })]),
    "urgent u",
  ],
  ["what waited past max_age is delivered as late", planOf(groups(1, { acceptedAt: noon - maxAgeMs - 1 })), "late g1"],
  ["late groups are delivered together", planOf(groups(3, { acceptedAt: noon - maxAgeMs - 1 })), "late digest of 3"],
  ["exactly max_age is not late", planOf(groups(1, { acceptedAt: noon - maxAgeMs })), "g1"],
  ["a busy group waits", planOf(groups(2), { busyGroups: new Set(["g1"]) }), "g2"],
  ["a group that merges waits until it is ready", planOf(groups(1, { readyAt: noon + 30_000 })), "wait 30000"],
];

describe("plan", () => {
  for (const [rule, one, expected] of table) {
    it(rule, () => assert.equal(brief(one), expected));
  }

  it("a delivery of a group takes all its notifications, oldest first", () => {
    const one = planOf([pendingHead({ id: 1 }), pendingHead({ id: 2, groupId: "other" }), pendingHead({ id: 3 })]);

    assert.deepEqual(one.kind === "deliver" && one.delivery.kind === "group" && one.delivery.group.ids, [1, 3]);
  });

  it("for all storms: everything is delivered, never past the slots, and within two windows of its arrival", () => {
    const arrival = fc.record({ at: fc.nat(90_000), group: fc.nat(300), urgent: fc.boolean(), alerts: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 200 }), fc.nat(6), (arrivals, reserve) => {
        const { delivered, sent } = storm(
          arrivals.toSorted((a, b) => a.at - b.at),
          reserve,
        );

        assert.equal(delivered.size, arrivals.length);
        for (const [i, at] of sent.entries()) {
          assert.ok(sent.slice(i).filter((other) => other - at < 60_000).length <= 20);
        }
        for (const [id, at] of delivered) {
          const arrivedAt = arrivals.toSorted((a, b) => a.at - b.at)[id]?.at ?? 0;
          assert.ok(at - arrivedAt <= 120_000, `${at - arrivedAt} ms`);
        }
      }),
    );
  });
});

interface Arrival {
  readonly at: number;
  readonly group: number;
  readonly urgent: boolean;
  readonly alerts: number;
}

/** Plays arrivals against a window whose requests take no time; every delivery costs the slots of its kind. */
function storm(arrivals: readonly Arrival[], reserve: number) {
  const waiting = new Map<number, QueuedHead>();
  const delivered = new Map<number, number>();
  const sent: number[] = [];
  let [now, next, lastNormalAt, lastUrgentAt] = [0, 0, -1e9, -1e9];
  const free = () => 20 - sent.filter((at) => now - at < 60_000).length;
  while (delivered.size < arrivals.length && now < 1e6) {
    for (let one = arrivals[next]; one !== undefined && one.at <= now; one = arrivals[++next]) {
      const head = { id: next, groupId: `g${one.group}`, urgent: one.urgent, acceptedAt: one.at, readyAt: one.at };
      waiting.set(next, { ...head, alerts: one.alerts });
    }
    const freeSlots = free();
    const heads = [...waiting.values()];
    const input = { ...basic, reserve, now, freeSlots, lastNormalAt, lastUrgentAt, heads };
    const one = freeSlots === 0 ? ({ kind: "wait", untilAt: null } as const) : plan(input);
    if (one.kind === "wait") {
      now += 500;
      continue;
    }
    const { delivery } = one;
    const ids = (delivery.kind === "group" ? [delivery.group] : delivery.groups).flatMap((group) => group.ids);
    sent.push(now);
    if (!delivery.urgent) lastNormalAt = now;
    if (delivery.urgent) lastUrgentAt = now;
    for (const id of ids) {
      delivered.set(id, now);
      waiting.delete(id);
    }
  }
  return { delivered, sent };
}
