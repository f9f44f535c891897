// An optional part is sent without a stored message: its attempt takes a slot of the window, and nothing of it is found again.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LaneLost, OutboxConflict } from "../../../src/outbox/errors.ts";
import type { HeldLane } from "../../../src/outbox/lane.ts";
import {
  answerFirst,
  assertStored,
  beginFirst,
  type CreateStorage,
  endedOf,
  laneOf,
  lookAt,
  notification,
  openDesk,
  planned,
  roomy,
  sendWindow,
} from "./storage.ts";

/** Sooner than any request must have ended. */
const later = 300_000;

async function beginOptional(lane: HeldLane, startedAt = 4_000) {
  const attemptId = await lane.begin({ messageId: null, keyId: "key", startedAt, upload: false });
  return { attemptId, messageId: null, answeredAt: startedAt + 100, errcode: null, key: null };
}

const sent = { kind: "sent" } as const;

export function optionalContract(create: CreateStorage): void {
  describe("an attempt without a message", () => {
    slots(create);
    answers(create);
    crashes(create);
    fences(create);
  });
}

function slots(create: CreateStorage): void {
  it("takes a slot, in memory and on disk, and no message is being sent", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);

    const begun = await beginOptional(lane);
    const inFlight = lookAt(lane);
    await lane.settle({ ...begun, outcome: sent });

    assert.deepEqual(inFlight.attempts, [{ keyId: "key", startedAt: 4_000, answeredAt: null }]);
    assert.deepEqual(
      inFlight.messages.map(({ state, tries }) => ({ state, tries })),
      [{ state: "ready", tries: 0 }],
    );
    assert.deepEqual(lookAt(lane).attempts, [{ keyId: "key", startedAt: 4_000, answeredAt: 4_100 }]);
    await assertStored(outbox, lane);
  });

  it("is never the twenty-first of a window, and a message is not after twenty of them", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    for (let n = 0; n < sendWindow.slots; n += 1) {
      await lane.settle({ ...(await beginOptional(lane, outbox.now())), answeredAt: outbox.now(), outcome: sent });
    }

    await assert.rejects(beginOptional(lane, outbox.now()), LaneLost);
    const next = await laneOf(outbox, "ops", { now: outbox.now() });
    await assert.rejects(beginFirst(next, outbox.now()), LaneLost);

    assert.equal(lookAt(await laneOf(outbox, "ops", { now: outbox.now() })).attempts.length, sendWindow.slots);
  });

  it("of two lanes that begin one with the same key at once, one gets its mark", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lanes = [await laneOf(outbox, "old name"), await laneOf(outbox, "new name")];

    const results = await Promise.allSettled(lanes.map((lane) => beginOptional(lane, outbox.now())));

    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
    assert.equal(lookAt(await laneOf(outbox, "ops", { now: outbox.now() })).attempts.length, 1);
  });
}

function answers(create: CreateStorage): void {
  const key = { keyId: "key", holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0, sentAt: 64_100 };

  it("its answer sets the state of the key, and settles nothing", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    await answerFirst(lane, sent);
    const before = await endedOf(outbox);

    const first = await lane.settle({ ...(await beginOptional(lane)), outcome: sent, key });
    const second = await lane.settle({ ...(await beginOptional(lane)), outcome: { kind: "dead", reason: "badMedia" } });

    assert.deepEqual([first, second], [null, null]);
    assert.deepEqual(lookAt(lane).keys, [key]);
    assert.deepEqual(await endedOf(outbox), before);
    assert.deepEqual(await outbox.dead({ maxDeliveries: 10 }), []);
    await assertStored(outbox, lane);
  });

  it("is not taken for the answer to a message, nor the other way round", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    const optional = await beginOptional(lane);
    const message = await beginFirst(lane);

    await assert.rejects(lane.settle({ ...optional, messageId: message.messageId, outcome: sent }), OutboxConflict);
    await assert.rejects(lane.settle({ ...message, messageId: null, outcome: sent }), OutboxConflict);

    assert.equal(lookAt(lane).messages[0]?.state, "sending");
  });

  it("does not keep its lane from being moved or taken over", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    const begun = await beginOptional(lane);

    assert.equal(await lane.move("fallback"), 1);
    await lane.settle({ ...begun, outcome: sent });

    assert.equal(lookAt(await laneOf(outbox, "fallback")).pending.length, 1);
  });
}

function crashes(create: CreateStorage): void {
  it("is counted from its discovery after a crash; nothing of it is sent again, and nothing is in doubt", async (t) => {
    const desk = await openDesk(t, create);
    const dead = await planned(desk.outbox);
    await answerFirst(dead, sent);
    await beginOptional(dead);

    const outbox = await desk.reopen();
    const lane = await laneOf(outbox, "ops", { now: later });

    assert.deepEqual(lookAt(lane).attempts, [{ keyId: "key", startedAt: 4_000, answeredAt: later }]);
    assert.deepEqual([lane.inDoubt, lane.recovered, lookAt(lane).messages], [0, [], []]);
    const again = await laneOf(outbox, "ops", { now: later + 1_000 });
    assert.deepEqual(lookAt(again).attempts, lookAt(lane).attempts, "found once");
  });
}

function fences(create: CreateStorage): void {
  it("is not begun by a holder that lost the lane, which records the answer of an earlier one", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lost = await planned(outbox);
    const begun = await beginOptional(lost);
    await outbox.accept([notification()], roomy);
    const holder = await laneOf(outbox, "ops", { now: 5_000 });
    await beginFirst(holder, 5_000);

    await assert.rejects(beginOptional(lost), LaneLost);
    await lost.settle({ ...begun, answeredAt: 9_000, outcome: sent, key: null });

    const next = await laneOf(outbox, "ops", { now: 5_000 });
    const answeredAt = lookAt(next).attempts.find(({ startedAt }) => startedAt === 4_000)?.answeredAt;
    assert.equal(answeredAt, 9_000);
  });
}
