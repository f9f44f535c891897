// A message is marked before its request leaves; the attempts fill a key's window.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { OutboxConflict } from "../../../src/outbox/errors.ts";
import { beginFirst, type CreateStorage, firstMessage, leaseOf, lookAt, openDesk, planned } from "./storage.ts";

export function beginContract(create: CreateStorage): void {
  describe("begin, and the window of a key", () => {
    beginning(create);
    windows(create);
  });
}

function beginning(create: CreateStorage): void {
  it("a begun message is sending, and its body is the text that was sent", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    const { id } = await firstMessage(outbox, lease);

    await outbox.begin(lease, { messageId: id, keyId: "key", startedAt: 3_000, body: "body, possibly repeated" });

    const { messages, attempts } = await lookAt(outbox, lease);
    assert.deepEqual(
      messages.map(({ state, tries, body }) => ({ state, tries, body })),
      [{ state: "sending", tries: 1, body: "body, possibly repeated" }],
    );
    assert.deepEqual(attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: null }]);
  });

  it("only a ready message of the lane can be begun", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    const other = await leaseOf(outbox, "elsewhere");
    const start = { messageId: (await firstMessage(outbox, lease)).id, keyId: "key", startedAt: 3_000, body: "b" };

    await assert.rejects(outbox.begin(other, start), OutboxConflict);
    await assert.rejects(outbox.begin(lease, { ...start, messageId: 99_999 }), OutboxConflict);
    await outbox.begin(lease, start);
    await assert.rejects(outbox.begin(lease, start), OutboxConflict);

    assert.equal((await lookAt(outbox, lease)).attempts.length, 1);
  });
}

function windows(create: CreateStorage): void {
  it("a key's window counts open attempts and those answered in it, of any bot", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    for (const startedAt of [1_000, 2_000]) {
      const begun = await beginFirst(outbox, lease, startedAt);
      await outbox.settle(lease, {
        ...begun,
        outcome: { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false },
      });
    }
    await beginFirst(outbox, lease, 3_000);
    const renamed = await leaseOf(outbox, "ops, renamed");

    const { attempts } = await outbox.read(renamed, { keyIds: ["other", "key"], windowStartAt: 1_100, maxHeads: 1 });
    const ofOthers = await outbox.read(lease, { keyIds: ["other"], windowStartAt: 0, maxHeads: 1 });

    assert.deepEqual(attempts, [
      { keyId: "key", startedAt: 2_000, answeredAt: 2_100 },
      { keyId: "key", startedAt: 3_000, answeredAt: null },
    ]);
    assert.deepEqual(ofOthers.attempts, []);
  });

  it("attempts and key states survive a restart", async (t) => {
    const desk = await openDesk(t, create);
    const lease = await planned(desk.outbox);
    const key = { keyId: "key", holdUntilAt: 70_000, offReason: "keyInvalid", probeAt: 9_000, failures: 2 } as const;
    const outcome = { kind: "again", notBeforeAt: 8_000, reason: "rateLimited", inDoubt: false } as const;
    await desk.outbox.settle(lease, { ...(await beginFirst(desk.outbox, lease)), outcome, key });

    const outbox = await desk.reopen();

    const work = await lookAt(outbox, await leaseOf(outbox, "ops", "second", 1e9));
    assert.deepEqual(work.attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: 3_100 }]);
    assert.deepEqual(work.keys, [key]);
    assert.equal(work.messages[0]?.notBeforeAt, 8_000);
    assert.equal(work.messages[0]?.lastReason, "rateLimited");
  });

  it("a key has no state until it gets one; null leaves it as it is", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    const key = { keyId: "key", holdUntilAt: 1, offReason: null, probeAt: 0, failures: 0 };
    const outcome = { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false } as const;

    const before = (await lookAt(outbox, lease)).keys;
    await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome, key });
    await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome, key: null });
    const after = (await lookAt(outbox, lease)).keys;

    assert.deepEqual(before, []);
    assert.deepEqual(after, [key]);
  });
}
