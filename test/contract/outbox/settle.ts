// What an answer does to its message, its delivery and the sending order.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OutboxConflict } from "../../../src/outbox/errors.ts";
import type { KeyState } from "../../../src/outbox/lane.ts";
import {
  answerFirst,
  assertStored,
  beginFirst,
  type CreateStorage,
  firstMessage,
  laneOf,
  lookAt,
  notification,
  openDesk,
  planAll,
  planned,
  roomy,
} from "./storage.ts";

export function settleContract(create: CreateStorage): void {
  describe("settle", () => {
    outcomes(create);
    replacements(create);
  });
}

function outcomes(create: CreateStorage): void {
  it("settling the last part returns the delivery", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ alerts: 2 }), notification({ alerts: 3 })], roomy);
    const lane = await laneOf(outbox);
    await planAll(lane, ["one", "two", "three"]);

    const first = await answerFirst(lane, { kind: "dead", reason: "badContent" });
    const second = await answerFirst(lane, { kind: "sent" });
    const third = await answerFirst(lane, { kind: "dead", reason: "tooLong" });

    assert.deepEqual([first, second], [null, null]);
    const { id, groupIds, ...settled } = third ?? assert.fail("it is not settled");
    assert.ok(Number.isSafeInteger(id));
    assert.equal(groupIds.length, 2);
    assert.deepEqual(settled, {
      mode: "full",
      notifications: 2,
      alerts: 5,
      acceptedAt: roomy.acceptedAt,
      failures: ["badContent", "tooLong"],
      keyId: "key",
    });
    assert.deepEqual(lookAt(lane).messages, []);
    assert.deepEqual(await outbox.backlog(), []);
    await assertStored(outbox, lane);
  });

  it("a delivery of which no part was sent says so; `dead` lists it by its id", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);

    const settled = await answerFirst(lane, { kind: "dead", reason: "badContent" });

    assert.equal(settled?.keyId, null);
    const dead = await outbox.dead({ maxDeliveries: 10 });
    assert.deepEqual(
      dead.map(({ id }) => id),
      [settled.id],
    );
  });

  it("a delivery of which every part was sent has no failures, whatever the number of tries", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);

    await answerFirst(lane, { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false });
    await answerFirst(lane, { kind: "replaced", bodies: ["shorter"], reason: "tooLong" });
    const settled = await answerFirst(lane, { kind: "sent" });

    assert.deepEqual(settled?.failures, []);
    await assertStored(outbox, lane);
  });

  it("a message to be sent again waits with its reason, and stays in doubt once it was", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);

    await answerFirst(lane, { kind: "again", notBeforeAt: 7_000, reason: "connectionError", inDoubt: true });
    const doubted = firstMessage(lane);
    await answerFirst(lane, { kind: "again", notBeforeAt: 9_000, reason: "busy", inDoubt: false });
    const refused = firstMessage(lane);

    const seen = [doubted, refused].map(({ state, tries, inDoubt, notBeforeAt, lastReason }) => {
      return { state, tries, inDoubt, notBeforeAt, lastReason };
    });
    assert.deepEqual(seen, [
      { state: "ready", tries: 1, inDoubt: true, notBeforeAt: 7_000, lastReason: "connectionError" },
      { state: "ready", tries: 2, inDoubt: true, notBeforeAt: 9_000, lastReason: "busy" },
    ]);
    await assertStored(outbox, lane);
  });

  it("a key's state is stored when an answer changes it, and else not", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox, ["1", "2", "3"]);
    const unused = { keyId: "key", holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0, sentAt: 0 };
    const failed = { ...unused, holdUntilAt: 9, failures: 1 };
    const stored: (readonly KeyState[])[] = [];

    for (const key of [unused, failed, unused]) {
      await lane.settle({ ...(await beginFirst(lane)), outcome: { kind: "sent" }, key });
      stored.push(lookAt(await laneOf(outbox)).keys);
    }

    assert.deepEqual(stored, [[], [failed], [unused]]);
  });

  it("the last sent message of a key is known at once, on disk up to a minute later, and read without the lane", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox, ["1", "2", "3"]);
    const key = { keyId: "key", holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0, sentAt: 0 };
    const known: unknown[] = [];

    for (const sentAt of [61_000, 119_000, 121_000]) {
      await lane.settle({ ...(await beginFirst(lane)), outcome: { kind: "sent" }, key: { ...key, sentAt } });
      const [onDisk] = await outbox.keyStates(["key", "other"]);
      known.push([lookAt(lane).keys[0]?.sentAt, onDisk?.sentAt]);
    }

    assert.deepEqual(known, [
      [61_000, 61_000],
      [119_000, 61_000],
      [121_000, 121_000],
    ]);
    assert.deepEqual(await outbox.keyStates(["other"]), []);
  });

  it("settling an attempt of another message throws OutboxConflict and changes nothing", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    const begun = await beginFirst(lane);
    const before = lookAt(lane);
    const key = { keyId: "key", holdUntilAt: 1, offReason: null, probeAt: 0, failures: 0, sentAt: 0 };

    const wrong = lane.settle({ ...begun, attemptId: 99_999, outcome: { kind: "sent" }, key });
    await assert.rejects(wrong, OutboxConflict);

    assert.deepEqual(lookAt(lane), before);
  });
}

function replacements(create: CreateStorage): void {
  it("replacements stand where their original stood, even when one of them is replaced again", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox, ["1", "2", "3"]);
    await answerFirst(lane, { kind: "sent" });

    await answerFirst(lane, { kind: "replaced", bodies: ["2a", "2b"], reason: "tooLong" });
    await answerFirst(lane, { kind: "replaced", bodies: ["2a-i", "2a-ii"], reason: "badContent" });

    const messages = lookAt(lane).messages;
    assert.deepEqual(
      messages.map(({ body, part, repairs, tries, state }) => ({ body, part, repairs, tries, state })),
      [
        { body: "2a-i", part: 2, repairs: 2, tries: 0, state: "ready" },
        { body: "2a-ii", part: 2, repairs: 2, tries: 0, state: "ready" },
        { body: "2b", part: 2, repairs: 1, tries: 0, state: "ready" },
        { body: "3", part: 3, repairs: 0, tries: 0, state: "ready" },
      ],
    );
    await assertStored(outbox, lane);
  });

  it("what replaces a message that may have been delivered is in doubt, too", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    await answerFirst(lane, { kind: "again", notBeforeAt: 0, reason: "contextDeadlineExceeded", inDoubt: true });

    await answerFirst(lane, { kind: "replaced", bodies: ["a", "b"], reason: "tooLong" });

    assert.deepEqual(
      lookAt(lane).messages.map(({ body, inDoubt, retractable }) => ({ body, inDoubt, retractable })),
      [
        { body: "a", inDoubt: true, retractable: false },
        { body: "b", inDoubt: true, retractable: false },
      ],
    );
    await assertStored(outbox, lane);
  });

  it("a replacement without a body throws OutboxConflict and changes nothing", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    const begun = await beginFirst(lane);
    const before = lookAt(lane);

    const empty = lane.settle({ ...begun, outcome: { kind: "replaced", bodies: [], reason: "tooLong" } });
    await assert.rejects(empty, OutboxConflict);

    assert.deepEqual(lookAt(lane), before);
  });
}
