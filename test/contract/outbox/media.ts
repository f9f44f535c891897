// Files, the key of a delivery, merging and moving.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Media } from "../../../src/domain/media.ts";
import { OutboxConflict } from "../../../src/outbox/errors.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  type CreateStorage,
  firstMessage,
  leaseOf,
  lookAt,
  muchLater,
  notification,
  openDesk,
  roomy,
} from "./storage.ts";

const file: Media = { type: "file", name: "告警.csv", content: new Uint8Array([0xef, 0xbb, 0xbf, 0, 1, 255]) };

export function mediaContract(create: CreateStorage): void {
  describe("files", () => files(create));
  describe("merging, the key of a delivery, and moving", () => lanes(create));
}

function files(create: CreateStorage): void {
  it("a file is read byte for byte, and stored once for all messages that carry it", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await withFile(outbox, 2);

    const { messages } = await lookAt(outbox, lease);
    const hashes = new Set(messages.map(({ mediaHash }) => mediaHash));
    const back = await outbox.media(lease, messages[0]?.mediaHash ?? "");

    assert.equal(hashes.size, 1);
    assert.deepEqual({ ...back, content: [...back.content] }, { ...file, content: [...file.content] });
    await assert.rejects(outbox.media(lease, "unknown"), OutboxConflict);
  });

  it("an upload takes a slot, leaves its message ready, and its id is stored for that key", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await withFile(outbox);
    const message = await firstMessage(outbox, lease);

    const attemptId = await outbox.begin(lease, { messageId: message.id, keyId: "k1", startedAt: 3_000, body: null });
    const during = await lookAt(outbox, lease);
    const uploaded = { kind: "uploaded", mediaId: "m1", expiresAt: 9_000 } as const;
    const settled = await outbox.settle(lease, {
      attemptId,
      messageId: message.id,
      answeredAt: 3_100,
      outcome: uploaded,
      key: null,
    });

    const after = await lookAt(outbox, lease);
    assert.equal(settled, null);
    assert.equal(during.messages[0]?.state, "ready");
    assert.deepEqual(
      after.mediaIds.map((id) => ({ ...id })),
      [{ keyId: "k1", mediaHash: message.mediaHash, mediaId: "m1", expiresAt: 9_000 }],
    );
    assert.deepEqual(after.messages[0]?.tries, 0);
  });

  it("an upload whose answer was never seen uses a slot and leaves nothing in doubt", async (t) => {
    const desk = await openDesk(t, create);
    const lease = await withFile(desk.outbox);
    const message = await firstMessage(desk.outbox, lease);
    await desk.outbox.begin(lease, { messageId: message.id, keyId: "key", startedAt: 3_000, body: null });

    const outbox = await desk.reopen();
    const next = await leaseOf(outbox, "ops", "second", muchLater);
    const before = await lookAt(outbox, next);
    const found = await outbox.discover(next, muchLater);

    const work = await lookAt(outbox, next);
    assert.equal(found, 0);
    assert.deepEqual([before.unanswered, work.unanswered], [1, 0]);
    assert.equal(work.messages[0]?.inDoubt, false);
  });

  it("a file that WeCom does not know any more is uploaded again: its id is deleted, the repair is counted", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await withFile(outbox);
    const message = await firstMessage(outbox, lease);
    await uploadFor(outbox, lease, message.id);
    const attemptId = await outbox.begin(lease, {
      messageId: message.id,
      keyId: "k1",
      startedAt: 4_000,
      body: message.body,
    });

    const outcome = { kind: "reupload", reason: "badMedia" } as const;
    await outbox.settle(lease, { attemptId, messageId: message.id, answeredAt: 4_100, outcome, key: null });

    const { messages, mediaIds } = await lookAt(outbox, lease);
    assert.deepEqual([messages[0]?.state, messages[0]?.repairs, mediaIds], ["ready", 1, []]);
  });

  it("prune deletes files that no message carries any more", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await withFile(outbox);
    const message = await firstMessage(outbox, lease);
    const { mediaHash } = message;
    const attemptId = await outbox.begin(lease, {
      messageId: message.id,
      keyId: "k1",
      startedAt: 4_000,
      body: message.body,
    });
    await outbox.settle(lease, {
      attemptId,
      messageId: message.id,
      answeredAt: 4_100,
      outcome: { kind: "sent" },
      key: null,
    });

    await outbox.prune(muchLater);

    await assert.rejects(outbox.media(lease, mediaHash ?? ""), OutboxConflict);
  });
}

function lanes(create: CreateStorage): void {
  it("a notification that merges is ready when its wait is over", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ mergeWaitMs: 30_000 }), notification()], roomy);

    const { pending } = await lookAt(outbox, await leaseOf(outbox));

    assert.deepEqual(
      pending.map(({ readyAt }) => readyAt - roomy.acceptedAt),
      [30_000, 0],
    );
  });

  it("later parts know the key that sent an earlier one", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await withFile(outbox, 2);
    const first = await firstMessage(outbox, lease);
    const attemptId = await outbox.begin(lease, {
      messageId: first.id,
      keyId: "k7",
      startedAt: 4_000,
      body: first.body,
    });

    await outbox.settle(lease, {
      attemptId,
      messageId: first.id,
      answeredAt: 4_100,
      outcome: { kind: "sent" },
      key: null,
    });

    assert.equal((await firstMessage(outbox, lease)).keyId, "k7");
  });

  it("groups are busy while their delivery is open", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await withFile(outbox);
    const busy = (await lookAt(outbox, lease)).busyGroups;
    const message = await firstMessage(outbox, lease);
    const attemptId = await outbox.begin(lease, {
      messageId: message.id,
      keyId: "k1",
      startedAt: 4_000,
      body: message.body,
    });

    await outbox.settle(lease, {
      attemptId,
      messageId: message.id,
      answeredAt: 4_100,
      outcome: { kind: "sent" },
      key: null,
    });

    assert.equal(busy.size, 1);
    assert.equal((await lookAt(outbox, lease)).busyGroups.size, 0);
  });

  it("the instant of the last delivery is known, and that of the last urgent one", async (t) => {
    const { outbox } = await openDesk(t, create);
    const before = await lookAt(outbox, await leaseOf(outbox));
    const lease = await withFile(outbox);

    const after = await lookAt(outbox, lease);

    assert.deepEqual([before.lastNormalAt, before.lastUrgentAt], [0, 0]);
    assert.deepEqual([after.lastNormalAt, after.lastUrgentAt], [2_000, 0]);
  });

  it("what is moved waits for the other bot, and listeners are called; what was begun is delivered again there, as a whole", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await withFile(outbox, 2);
    const message = await firstMessage(outbox, lease);
    const start = { messageId: message.id, keyId: "k1", startedAt: 4_000, body: message.body };
    const attemptId = await outbox.begin(lease, start);
    const sent = { attemptId, messageId: message.id, answeredAt: 4_100, outcome: { kind: "sent" }, key: null } as const;
    await outbox.settle(lease, sent);
    await outbox.accept([notification(), notification()], roomy);
    const woken: string[] = [];
    outbox.onWork((bots, origin) => {
      if (origin === "here") woken.push(...bots);
    });

    const moved = await outbox.move(lease, "fallback");

    const own = await lookAt(outbox, lease);
    const theirs = await lookAt(outbox, await leaseOf(outbox, "fallback"));
    assert.equal(moved, 3);
    assert.deepEqual([own.pending.length, own.messages.length, theirs.pending.length], [0, 0, 3]);
    assert.deepEqual(woken, ["fallback"]);
  });
}

async function withFile(outbox: Outbox, parts = 1) {
  await outbox.accept([notification()], roomy);
  const lease = await leaseOf(outbox);
  const [head] = (await lookAt(outbox, lease)).pending;
  await outbox.plan(lease, {
    mode: "file",
    urgent: false,
    notificationIds: [head?.id ?? 0],
    alerts: 1,
    parts: Array.from({ length: parts }, (_, i) => ({ body: `part ${i}`, media: file })),
    plannedAt: 2_000,
  });
  return lease;
}

async function uploadFor(outbox: Outbox, lease: Awaited<ReturnType<typeof leaseOf>>, messageId: number): Promise<void> {
  const attemptId = await outbox.begin(lease, { messageId, keyId: "k1", startedAt: 3_000, body: null });
  const outcome = { kind: "uploaded", mediaId: "m1", expiresAt: muchLater * 2 } as const;
  await outbox.settle(lease, { attemptId, messageId, answeredAt: 3_100, outcome, key: null });
}
