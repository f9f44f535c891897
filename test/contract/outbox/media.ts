// Files, the key of a delivery, merging and moving.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Media } from "../../../src/domain/media.ts";
import { OutboxConflict } from "../../../src/outbox/errors.ts";
import type { HeldLane } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  assertStored,
  beginFirst,
  type CreateStorage,
  firstMessage,
  groupsOf,
  laneOf,
  lookAt,
  muchLater,
  noNews,
  notification,
  openDesk,
  planAll,
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
    const lane = await withFile(outbox, 2);

    const { messages } = lookAt(lane);
    const hashes = new Set(messages.map(({ mediaHash }) => mediaHash));
    const back = await lane.media(messages[0]?.mediaHash ?? "");

    assert.equal(hashes.size, 1);
    assert.deepEqual({ ...back, content: [...back.content] }, { ...file, content: [...file.content] });
    await assert.rejects(lane.media("unknown"), OutboxConflict);
  });

  it("an upload takes a slot, leaves its message ready, and its id is stored for that key", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await withFile(outbox);
    const message = firstMessage(lane);

    const begun = await beginUpload(lane);
    const during = lookAt(lane);
    const uploaded = { kind: "uploaded", mediaId: "m1", expiresAt: 9_000 } as const;
    const settled = await lane.settle({ ...begun, outcome: uploaded });

    const after = lookAt(lane);
    assert.equal(settled, null);
    assert.equal(during.messages[0]?.state, "ready");
    assert.deepEqual(
      during.attempts.map(({ answeredAt }) => answeredAt),
      [null],
    );
    assert.deepEqual(after.mediaIds, [{ keyId: "key", mediaHash: message.mediaHash, mediaId: "m1", expiresAt: 9_000 }]);
    assert.deepEqual(after.messages[0]?.tries, 0);
    await assertStored(outbox, lane);
  });

  it("a file that is uploaded again has its new id", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await withFile(outbox);
    for (const mediaId of ["m1", "m2"]) {
      await lane.settle({ ...(await beginUpload(lane)), outcome: { kind: "uploaded", mediaId, expiresAt: 9_000 } });
    }

    assert.deepEqual(
      lookAt(lane).mediaIds.map(({ mediaId }) => mediaId),
      ["m2"],
    );
    await assertStored(outbox, lane);
  });

  it("an upload whose answer was never seen uses a slot and leaves nothing in doubt", async (t) => {
    const desk = await openDesk(t, create);
    await beginUpload(await withFile(desk.outbox));

    const next = await laneOf(await desk.reopen(), "ops", { now: muchLater });

    const work = lookAt(next);
    assert.equal(next.inDoubt, 0);
    assert.deepEqual(work.attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: muchLater }]);
    assert.deepEqual([work.messages[0]?.inDoubt, work.messages[0]?.tries], [false, 0]);
  });

  it("a file that WeCom does not know any more is uploaded again: its id is deleted, the repair is counted", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await withFile(outbox);
    const uploaded = { kind: "uploaded", mediaId: "m1", expiresAt: muchLater * 2 } as const;
    await lane.settle({ ...(await beginUpload(lane)), outcome: uploaded });

    await answerFirst(lane, { kind: "reupload", reason: "badMedia" }, 4_000);

    const { messages, mediaIds } = lookAt(lane);
    assert.deepEqual([messages[0]?.state, messages[0]?.repairs, mediaIds], ["ready", 1, []]);
    await assertStored(outbox, lane);
  });

  it("prune deletes files that no message carries any more, and ids that WeCom does not know any more", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await withFile(outbox, 2);
    const { mediaHash } = firstMessage(lane);
    await lane.settle({ ...(await beginUpload(lane)), outcome: { kind: "uploaded", mediaId: "m1", expiresAt: 9_000 } });
    const limits = { settledBefore: muchLater, attemptsBefore: muchLater };
    await answerFirst(lane, { kind: "sent" }, 4_000);

    await outbox.prune(limits);
    const whileCarried = await lane.media(mediaHash ?? "");
    const { mediaIds } = lookAt(await laneOf(outbox));
    await answerFirst(lane, { kind: "sent" }, 5_000);
    await outbox.prune(limits);

    assert.equal(whileCarried.name, file.name);
    assert.deepEqual(mediaIds, []);
    await assert.rejects(lane.media(mediaHash ?? ""), OutboxConflict);
  });
}

function lanes(create: CreateStorage): void {
  it("a notification that merges is ready when its wait is over", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ mergeWaitMs: 30_000 }), notification()], roomy);

    const { pending } = lookAt(await laneOf(outbox));

    assert.deepEqual(
      pending.map(({ readyAt }) => readyAt - roomy.acceptedAt),
      [30_000, 0],
    );
  });

  it("later parts know the key that sent an earlier one", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await withFile(outbox, 2);
    const messageId = firstMessage(lane).id;
    const attemptId = await lane.begin({ messageId, keyId: "k7", startedAt: 4_000, upload: false });

    await lane.settle({ attemptId, messageId, answeredAt: 4_100, outcome: { kind: "sent" }, errcode: null, key: null });

    assert.equal(firstMessage(lane).keyId, "k7");
    assert.equal(firstMessage(await laneOf(outbox)).keyId, "k7");
  });

  it("groups are busy while their delivery is open", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await withFile(outbox, 2);
    const busy = lookAt(lane).busyGroups;
    await answerFirst(lane, { kind: "sent" });
    const halfSent = lookAt(await laneOf(outbox)).busyGroups;

    await answerFirst(lane, { kind: "sent" });

    assert.equal(busy.size, 1);
    assert.deepEqual(halfSent, busy);
    assert.equal(lookAt(lane).busyGroups.size, 0);
    await assertStored(outbox, lane);
  });

  it("the instant of the last delivery is known, and that of the last urgent one", async (t) => {
    const { outbox } = await openDesk(t, create);
    const before = lookAt(await laneOf(outbox));
    const lane = await withFile(outbox);
    const after = lookAt(lane);
    await outbox.accept([notification({ urgent: true })], roomy);

    await planAll(lane);

    assert.deepEqual([before.lastNormalAt, before.lastUrgentAt], [0, 0]);
    assert.deepEqual([after.lastNormalAt, after.lastUrgentAt], [1_500, 0]);
    assert.deepEqual([lookAt(lane).lastNormalAt, lookAt(lane).lastUrgentAt], [1_500, 2_000]);
    await assertStored(outbox, lane);
  });

  it("what is moved waits for the other bot, and listeners are called; what was begun is delivered again there, as a whole", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await withFile(outbox, 2);
    await answerFirst(lane, { kind: "sent" });
    await outbox.accept([notification(), notification()], roomy);
    const woken: string[] = [];
    outbox.onWork((bots, origin) => {
      if (origin === "here") woken.push(...bots);
    });

    const moved = await lane.move("fallback");

    const own = lookAt(lane);
    const theirs = await laneOf(outbox, "fallback");
    const ids = lookAt(theirs).pending.map(({ id }) => id);
    assert.equal(moved, 3);
    assert.deepEqual([own.pending.length, own.messages.length, ids.length], [0, 0, 3]);
    assert.equal((await groupsOf(theirs, ids)).length, 3);
    assert.deepEqual(woken, ["fallback"]);
    await assertStored(outbox, lane);
  });

  it("a delivery with a request in flight is not moved", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await withFile(outbox, 2);
    await outbox.accept([notification()], roomy);
    const begun = await beginFirst(lane);

    const moved = await lane.move("fallback");
    await lane.settle({ ...begun, outcome: { kind: "sent" } });

    assert.equal(moved, 1);
    assert.deepEqual(
      lookAt(lane).messages.map(({ body }) => body),
      ["part 1"],
    );
    await assertStored(outbox, lane);
  });
}

async function withFile(outbox: Outbox, parts = 1): Promise<HeldLane> {
  await outbox.accept([notification()], roomy);
  const lane = await laneOf(outbox);
  const [head] = lookAt(lane).pending;
  await lane.plan({
    ...noNews,
    mode: "file",
    urgent: false,
    notificationIds: [head?.id ?? 0],
    alerts: 1,
    parts: Array.from({ length: parts }, (_, i) => ({ body: `part ${i}`, media: file })),
    plannedAt: 1_500,
  });
  return lane;
}

/** Begins an upload for the first message of the lane. */
async function beginUpload(lane: HeldLane) {
  const messageId = firstMessage(lane).id;
  const attemptId = await lane.begin({ messageId, keyId: "key", startedAt: 3_000, upload: true });
  return { attemptId, messageId, answeredAt: 3_100, errcode: null, key: null };
}
