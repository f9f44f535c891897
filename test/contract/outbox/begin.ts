// A message is marked before its request leaves; the attempts fill a key's window.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LaneLost, OutboxConflict } from "../../../src/outbox/errors.ts";
import type { HeldLane, LaneWork } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
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
  sendWindow,
} from "./storage.ts";

export function beginContract(create: CreateStorage): void {
  describe("begin, and the window of a key", () => {
    beginning(create);
    windows(create);
    marks(create);
    sharedKeys(create);
  });
}

function beginning(create: CreateStorage): void {
  it("a begun message is sending, and its try counts", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);

    await beginFirst(lane);

    const { messages, attempts } = lookAt(lane);
    assert.deepEqual(
      messages.map(({ state, tries, body }) => ({ state, tries, body })),
      [{ state: "sending", tries: 1, body: "body" }],
    );
    assert.deepEqual(attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: null }]);
  });

  it("only a ready message of the lane can be begun", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    const other = await laneOf(outbox, "elsewhere");
    const start = { messageId: firstMessage(lane).id, keyId: "key", startedAt: 3_000, upload: false };

    await assert.rejects(other.begin(start), OutboxConflict);
    await assert.rejects(lane.begin({ ...start, messageId: 99_999 }), OutboxConflict);
    await lane.begin(start);
    await assert.rejects(lane.begin(start), OutboxConflict);

    assert.equal(lookAt(lane).attempts.length, 1);
  });
}

function byStart({ attempts }: LaneWork) {
  return attempts.toSorted((a, b) => a.startedAt - b.startedAt);
}

function windows(create: CreateStorage): void {
  it("a key's window counts open attempts and those answered in it, of any bot", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    for (const startedAt of [1_000, 2_000]) {
      await answerFirst(lane, { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false }, startedAt);
    }
    await beginFirst(lane, 3_000);

    const now = 1_100 + sendWindow.spanMs;
    const renamed = await laneOf(outbox, "ops, renamed", { keyIds: ["other", "key"], now });
    const withOtherKey = await laneOf(outbox, "dba", { keyIds: ["other"], now });

    const inWindow = [
      { keyId: "key", startedAt: 2_000, answeredAt: 2_100 },
      { keyId: "key", startedAt: 3_000, answeredAt: null },
    ];
    assert.deepEqual(byStart(lookAt(renamed)), inWindow);
    assert.deepEqual(lane.work(now, 1).attempts, inWindow, "in the memory of the lane, too");
    assert.deepEqual(lookAt(withOtherKey).attempts, []);
  });

  it("attempts and key states survive a restart", async (t) => {
    const desk = await openDesk(t, create);
    const lane = await planned(desk.outbox);
    const key = {
      keyId: "key",
      holdUntilAt: 70_000,
      offReason: "keyInvalid",
      probeAt: 9_000,
      failures: 2,
      sentAt: 0,
    } as const;
    const outcome = { kind: "again", notBeforeAt: 8_000, reason: "rateLimited", inDoubt: false } as const;
    await lane.settle({ ...(await beginFirst(lane)), outcome, key });

    const outbox = await desk.reopen();

    const work = lookAt(await laneOf(outbox, "ops", { now: 4_000 }));
    assert.deepEqual(work.attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: 3_100 }]);
    assert.deepEqual(work.keys, [key]);
    assert.equal(work.messages[0]?.notBeforeAt, 8_000);
    assert.equal(work.messages[0]?.lastReason, "rateLimited");
  });

  it("a key has no state until it gets one; null leaves it as it is", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    const key = { keyId: "key", holdUntilAt: 1, offReason: null, probeAt: 0, failures: 0, sentAt: 0 };
    const outcome = { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false } as const;

    const before = lookAt(lane).keys;
    await lane.settle({ ...(await beginFirst(lane)), outcome, key });
    await lane.settle({ ...(await beginFirst(lane)), outcome, key: null });
    const after = lookAt(lane).keys;

    assert.deepEqual(before, []);
    assert.deepEqual(after, [key]);
  });
}

const again = { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false } as const;

/** Begins the first ready message of the lane. */
async function beginReady(lane: HeldLane, startedAt: number) {
  const message = lookAt(lane).messages.find(({ state }) => state === "ready");
  const messageId = message?.id ?? 0;
  const attemptId = await lane.begin({ messageId, keyId: "key", startedAt, upload: false });
  return { attemptId, messageId, errcode: null, key: null };
}

function marks(create: CreateStorage): void {
  const { spanMs, longestRequestMs } = sendWindow;
  const cases = [
    { rule: "twenty in flight leave none", startedAgoMs: 1_000, answeredAgoMs: null, begins: false },
    {
      rule: "twenty answered inside the window leave none",
      startedAgoMs: 40_000,
      answeredAgoMs: 30_000,
      begins: false,
    },
    { rule: "an answer frees its slot a window later", startedAgoMs: 70_000, answeredAgoMs: spanMs, begins: true },
    {
      rule: "without an answer a slot is taken as long as the request may be on its way",
      startedAgoMs: longestRequestMs + spanMs / 2,
      answeredAgoMs: null,
      begins: false,
    },
    {
      rule: "without an answer a slot frees a window after the longest request",
      startedAgoMs: longestRequestMs + spanMs,
      answeredAgoMs: null,
      begins: true,
    },
  ];
  for (const { rule, startedAgoMs, answeredAgoMs, begins } of cases) {
    it(`the twenty-first mark: ${rule}, by the outbox's clock`, async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(
        outbox,
        Array.from({ length: 21 }, (_, n) => `part ${n}`),
      );
      for (let n = 0; n < sendWindow.slots; n += 1) {
        const begun = await beginReady(lane, outbox.now() - startedAgoMs);
        const answeredAt = answeredAgoMs === null ? null : outbox.now() - answeredAgoMs;
        if (answeredAt !== null) await lane.settle({ ...begun, answeredAt, outcome: again });
      }

      const last = beginReady(lane, outbox.now());

      if (begins) await last;
      else await assert.rejects(last, LaneLost);
      assert.equal(lane.isOutOfDate(), !begins);
      const next = await laneOf(outbox, "ops", { now: outbox.now() - longestRequestMs });
      assert.equal(lookAt(next).attempts.length, begins ? 21 : 20);
    });
  }

  it("a message is planned and begun in one turn of the event loop", async (t) => {
    const { outbox, reopen } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);

    await Promise.all([planAll(lane), beginFirst(lane)]);

    const next = await laneOf(await reopen());
    assert.equal(next.inDoubt, 1);
    assert.deepEqual(lookAt(next).pending, []);
  });
}

function sharedKeys(create: CreateStorage): void {
  /** Lanes of two bots that have the same key for a moment, each with a ready message. */
  async function twoLanes(outbox: Outbox, window = sendWindow): Promise<readonly [HeldLane, HeldLane]> {
    await outbox.accept([notification({ bot: "old name" }), notification({ bot: "new name" })], roomy);
    const lanes = [await laneOf(outbox, "old name", { window }), await laneOf(outbox, "new name", { window })] as const;
    for (const lane of lanes) await planAll(lane);
    return lanes;
  }

  it("of two lanes that begin with one key at once, one gets its mark", async (t) => {
    const { outbox } = await openDesk(t, create);
    const [first, second] = await twoLanes(outbox);

    const results = await Promise.allSettled([first, second].map((lane) => beginFirst(lane, outbox.now())));

    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected"],
    );
    assert.ok(results[1]?.status === "rejected" && results[1].reason instanceof LaneLost);
    const next = await laneOf(outbox, "new name", { now: outbox.now() });
    assert.equal(next.inDoubt, 0);
    assert.equal(lookAt(next).attempts.length, 1);
    await beginFirst(next, outbox.now());
  });

  it("the window of a key is one for all bots, also for a lane that knows nothing of the other", async (t) => {
    const { outbox } = await openDesk(t, create);
    const window = { ...sendWindow, slots: 1 };
    const [first, second] = await twoLanes(outbox, window);
    await beginFirst(first, outbox.now());

    await assert.rejects(beginFirst(second, outbox.now()), LaneLost);
    const informed = await laneOf(outbox, "new name", { window, now: outbox.now() });
    await assert.rejects(beginFirst(informed, outbox.now()), LaneLost);

    assert.deepEqual(
      lookAt(await laneOf(outbox, "new name", { now: outbox.now() })).messages.map(({ state, tries }) => ({
        state,
        tries,
      })),
      [{ state: "ready", tries: 0 }],
    );
  });
}
