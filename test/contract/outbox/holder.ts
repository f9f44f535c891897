// Who holds a lane: whoever writes to it moves its version on, and a holder that knows an older one changes nothing.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LaneLost } from "../../../src/outbox/errors.ts";
import type { HeldLane } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  beginFirst,
  type CreateStorage,
  groupsOf,
  laneOf,
  lookAt,
  noNews,
  notification,
  openDesk,
  planAll,
  planned,
  roomy,
} from "./storage.ts";

export function holderContract(create: CreateStorage): void {
  describe("holders of a lane", () => {
    holders(create);
    fences(create);
    successor(create);
    changes(create);
  });
}

function holders(create: CreateStorage): void {
  it("of many that hold a lane at once, one can write", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);

    const lanes = await Promise.all(Array.from({ length: 4 }, () => laneOf(outbox)));
    const results = await Promise.allSettled(lanes.map((lane) => planAll(lane)));

    const lost = results.filter((result) => result.status === "rejected" && result.reason instanceof LaneLost);
    assert.equal(lost.length, 3);
    assert.equal(lanes.filter((lane) => lane.isOutOfDate()).length, 3);
    assert.equal(lookAt(await laneOf(outbox)).messages.length, 1);
  });

  it("a lane that was read again is not lost before the new holder writes; who writes first, stays", async (t) => {
    const { outbox } = await openDesk(t, create);
    const older = await planned(outbox);
    const newer = await laneOf(outbox);

    await beginFirst(older);

    await assert.rejects(beginFirst(newer), LaneLost);
    assert.deepEqual([older.isOutOfDate(), newer.isOutOfDate()], [false, true]);
  });

  it("one that only reads disturbs nobody, and sees what the holder wrote", async (t) => {
    const { outbox } = await openDesk(t, create);
    const holder = await planned(outbox, ["one", "two"]);
    await answerFirst(holder, { kind: "sent" });

    const reader = await laneOf(outbox);

    assert.deepEqual(lookAt(reader), lookAt(holder));
    await answerFirst(holder, { kind: "sent" });
    assert.equal(holder.isOutOfDate(), false);
  });
}

function fences(create: CreateStorage): void {
  const writes: Record<string, (lost: HeldLane, ids: Ids) => Promise<unknown>> = {
    plan: (lost, { pendingId }) =>
      lost.plan({
        ...noNews,
        mode: "full",
        urgent: false,
        notificationIds: [pendingId],
        alerts: 1,
        parts: [{ body: "b", media: null }],
        plannedAt: 1,
      }),
    retract: (lost, { idleDeliveryId }) => lost.retract(idleDeliveryId),
    begin: (lost, { readyId }) => lost.begin({ messageId: readyId, keyId: "key", startedAt: 1, upload: false }),
    "begin without a message": (lost) => lost.begin({ messageId: null, keyId: "key", startedAt: 1, upload: false }),
    move: (lost) => lost.move("fallback"),
  };
  for (const [name, write] of Object.entries(writes)) {
    it(`${name} by a holder that lost the lane rejects with LaneLost and changes nothing`, async (t) => {
      const { outbox } = await openDesk(t, create);
      const { lost, ids } = await busyLane(outbox);
      const holder = await laneOf(outbox, "ops", { now: 5_000 });
      const before = lookAt(holder);

      await assert.rejects(write(lost, ids), LaneLost);

      assert.ok(lost.isOutOfDate());
      assert.deepEqual(lookAt(await laneOf(outbox, "ops", { now: 5_000 })), before);
      assert.deepEqual(lookAt(await laneOf(outbox, "fallback")).pending, []);
      await beginFirst(holder);
    });
  }
}

/** A holder that was paused: its successor has delivered everything, and nothing is left to be written. */
function successor(create: CreateStorage): void {
  it("what a successor has delivered cannot be read any more: the lane is lost", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lost = await laneOf(outbox);
    const [head] = lookAt(lost).pending;
    const holder = await laneOf(outbox);
    await planAll(holder);
    await answerFirst(holder, { kind: "sent" });

    await assert.rejects(groupsOf(lost, [head?.id ?? 0]), LaneLost);

    assert.ok(lost.isOutOfDate());
  });
}

interface Ids {
  readonly pendingId: number;
  readonly idleDeliveryId: number;
  readonly readyId: number;
}

/** One notification waits, one is planned in two parts of which the first is being sent, and one is planned and idle. */
async function busyLane(outbox: Outbox): Promise<{ readonly lost: HeldLane; readonly ids: Ids }> {
  const lost = await planned(outbox, ["one", "two"]);
  const ready = lookAt(lost).messages[1];
  await outbox.accept([notification()], roomy);
  await planAll(lost, ["idle"]);
  const idle = lookAt(lost).messages[2];
  await outbox.accept([notification()], roomy);
  await beginFirst(lost);
  const pendingId = lookAt(lost).pending[0]?.id ?? 0;
  return { lost, ids: { pendingId, idleDeliveryId: idle?.deliveryId ?? 0, readyId: ready?.id ?? 0 } };
}

function changes(create: CreateStorage): void {
  it("what is accepted here comes to the lane that is held, which stays up to date", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await laneOf(outbox);

    await outbox.accept([notification({ group: "a" }), notification({ group: "b", urgent: true })], roomy);

    const { pending } = lookAt(lane);
    assert.deepEqual(
      pending.map(({ groupId }) => groupId),
      ["a", "b"],
    );
    assert.equal(lane.isOutOfDate(), false);
    assert.deepEqual(lookAt(await laneOf(outbox)).pending, pending);
  });

  it("a lane that gets work beside its holder must be held again: replayed, or moved to it", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    await answerFirst(lane, { kind: "dead", reason: "badContent" });
    const fallback = await laneOf(outbox, "fallback");
    const [dead] = await outbox.dead({ maxDeliveries: 1 });

    await outbox.replay([dead?.id ?? 0]);
    const again = await laneOf(outbox);
    await again.move("fallback");

    assert.ok(lane.isOutOfDate());
    assert.equal(again.isOutOfDate(), false);
    assert.ok(fallback.isOutOfDate());
    assert.equal(lookAt(await laneOf(outbox, "fallback")).pending.length, 1);
  });

  /** Many enough to be read in several turns of the event loop. */
  const many = 6_000;

  it("what is accepted while a lane is read is in it, or the lane is out of date", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept(
      Array.from({ length: many }, () => notification()),
      { ...roomy, acceptedAt: 2_000 },
    );

    const holding = laneOf(outbox);
    await nextTurn();
    await outbox.accept([notification({ group: "early" })], { ...roomy, acceptedAt: 1_000 });
    await outbox.accept([notification({ group: "late" })], { ...roomy, acceptedAt: 3_000 });
    const lane = await holding;

    const found = new Set(lane.work(0, 1e6).pending.map(({ groupId }) => groupId));
    assert.ok(lane.isOutOfDate() || (found.has("early") && found.has("late")));
    const read = (await laneOf(outbox)).work(0, 1e6).pending;
    assert.equal(read.length, many + 2);
  });

  it("what is replayed while a lane is read is in it, or the lane is out of date", async (t) => {
    const { outbox } = await openDesk(t, create);
    const before = await planned(outbox);
    await answerFirst(before, { kind: "dead", reason: "badContent" });
    const [dead] = await outbox.dead({ maxDeliveries: 1 });
    await outbox.accept(
      Array.from({ length: many }, () => notification()),
      { ...roomy, acceptedAt: 2_000 },
    );

    const holding = laneOf(outbox);
    await nextTurn();
    await outbox.replay([dead?.id ?? 0]);
    const lane = await holding;

    const read = lane.work(0, 1e6).pending;
    assert.ok(lane.isOutOfDate() || read.length === many + 1, `${read.length}`);
  });
}
