// Dead deliveries: listed, delivered again, or taken off the list.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HeldLane, MessageOutcome } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  type CreateStorage,
  laneOf,
  lookAt,
  notification,
  openDesk,
  planAll,
  planned,
  roomy,
} from "./storage.ts";

const refused: MessageOutcome = { kind: "dead", reason: "badContent" };

/** A lane whose one delivery of one notification died in its second part. */
async function died(outbox: Outbox, startedAt = 3_000): Promise<HeldLane> {
  const lane = await planned(outbox, ["one", "two"]);
  await answerFirst(lane, { kind: "sent" }, startedAt);
  await answerFirst(lane, refused, startedAt + 1_000);
  return lane;
}

const list = (outbox: Outbox) => outbox.dead({ maxDeliveries: 100 });

export function deadContract(create: CreateStorage): void {
  describe("dead deliveries", () => {
    listing(create);
    counting(create);
    replaying(create);
    dropping(create);
  });
}

function listing(create: CreateStorage): void {
  it("a delivery is listed with the parts that were refused, and no others", async (t) => {
    const { outbox } = await openDesk(t, create);
    await died(outbox);

    const [delivery, ...others] = await list(outbox);

    assert.deepEqual(others, []);
    const { id, ...shown } = delivery ?? { id: 0 };
    assert.ok(id > 0);
    assert.deepEqual(shown, {
      bot: "ops",
      notifications: 1,
      alerts: 1,
      acceptedAt: roomy.acceptedAt,
      settledAt: 4_100,
      parts: [{ part: 2, reason: "badContent", body: "two" }],
    });
  });

  it("the latest comes first, and no more than asked for", async (t) => {
    const { outbox } = await openDesk(t, create);
    await died(outbox, 3_000);
    await died(outbox, 6_000);

    const [all, one] = [await list(outbox), await outbox.dead({ maxDeliveries: 1 })];

    assert.deepEqual(
      all.map(({ settledAt }) => settledAt),
      [7_100, 4_100],
    );
    assert.deepEqual(one, all.slice(0, 1));
  });

  it("what was sent, what waits and what still has a part to send is not listed", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox, ["sent"]);
    await answerFirst(lane, { kind: "sent" }, 3_000);
    await outbox.accept([notification()], roomy);
    await planAll(lane, ["dead", "waits"]);
    await answerFirst(lane, refused, 4_000);

    assert.deepEqual(await list(outbox), []);
  });
}

function counting(create: CreateStorage): void {
  it("dead messages are counted by bot until they are replayed or dropped; an open delivery has none yet", async (t) => {
    const { outbox } = await openDesk(t, create);
    await died(outbox);
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);
    await planAll(lane, ["dead", "waits"]);
    await answerFirst(lane, refused, 9_000);
    const [delivery] = await list(outbox);

    const counted = await outbox.countDead();
    await outbox.drop([delivery?.id ?? 0]);

    assert.deepEqual([...counted], [["ops", 1]]);
    assert.deepEqual([...(await outbox.countDead())], []);
  });
}

function replaying(create: CreateStorage): void {
  it("a replayed delivery's notifications wait as before, in its lane, and listeners are called", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await died(outbox);
    const [delivery] = await list(outbox);
    const woken: (readonly string[])[] = [];
    outbox.onWork((bots, origin) => {
      if (origin === "here") woken.push(bots);
    });

    const replayed = await outbox.replay([delivery?.id ?? 0]);

    assert.ok(lane.isOutOfDate());
    const { pending, messages } = lookAt(await laneOf(outbox));
    assert.deepEqual(replayed, [delivery?.id]);
    assert.deepEqual(
      pending.map(({ acceptedAt, alerts }) => ({ acceptedAt, alerts })),
      [{ acceptedAt: roomy.acceptedAt, alerts: 1 }],
    );
    assert.deepEqual(messages, []);
    assert.deepEqual(await list(outbox), []);
    assert.deepEqual(woken, [["ops"]]);
    assert.equal((await outbox.backlog())[0]?.notifications, 1);
  });

  it("what is replayed counts against the limits again", async (t) => {
    const { outbox } = await openDesk(t, create);
    await died(outbox);
    const [delivery] = await list(outbox);

    await outbox.replay([delivery?.id ?? 0]);

    const next = await outbox.accept([notification()], { ...roomy, maxNotifications: 1 });
    assert.equal(next.kind, "full");
  });

  it("it is planned and sent like any other, and its slots stay used", async (t) => {
    const { outbox } = await openDesk(t, create);
    await died(outbox);
    await outbox.replay((await list(outbox)).map(({ id }) => id));
    const lane = await laneOf(outbox);

    await planAll(lane, ["better"]);
    await answerFirst(lane, { kind: "sent" }, 9_000);

    assert.deepEqual(await outbox.backlog(), []);
    assert.deepEqual(await list(outbox), []);
    assert.equal(lookAt(lane).attempts.length, 3);
  });

  const doubted: MessageOutcome = { kind: "again", notBeforeAt: 0, reason: "answerNeverSeen", inDoubt: true };
  const ends: readonly (readonly [what: string, outcomes: readonly MessageOutcome[], mayRepeat: boolean])[] = [
    ["a part of it was sent", [{ kind: "sent" }, refused], true],
    ["a part of it may have been sent before it died", [doubted, refused, refused], true],
    ["none of it was sent", [refused, refused], false],
  ];
  for (const [what, outcomes, mayRepeat] of ends) {
    it(`it is ${mayRepeat ? "" : "not "}marked as a possible repeat where ${what}, also after a crash`, async (t) => {
      const { outbox, reopen } = await openDesk(t, create);
      const lane = await planned(outbox, ["one", "two"]);
      for (const [n, outcome] of outcomes.entries()) await answerFirst(lane, outcome, 3_000 + n * 1_000);
      await outbox.replay((await list(outbox)).map(({ id }) => id));

      const replayed = await laneOf(await reopen());
      await planAll(replayed, ["one", "two"]);

      assert.deepEqual(
        lookAt(replayed).messages.map(({ inDoubt }) => inDoubt),
        [mayRepeat, mayRepeat],
      );
    });
  }

  it("only dead deliveries are replayed: not sent, waiting or unknown ones, and none twice", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await died(outbox);
    const [delivery] = await list(outbox);
    const id = delivery?.id ?? 0;
    await outbox.accept([notification()], roomy);
    await planAll(lane, ["waits"]);
    const [waiting] = lookAt(lane).messages;

    const replayed = await outbox.replay([id, id, waiting?.deliveryId ?? 0, 99_999]);
    const again = await outbox.replay([id]);

    assert.deepEqual(replayed, [id]);
    assert.deepEqual(again, []);
    assert.equal(lookAt(lane).messages.length, 1);
  });
}

function dropping(create: CreateStorage): void {
  it("a dropped delivery is off the list and cannot be replayed; its copy is still a duplicate", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ dedup: "dropped" })], roomy);
    const lane = await laneOf(outbox);
    await planAll(lane);
    await answerFirst(lane, refused, 3_000);
    const [delivery] = await list(outbox);
    const id = delivery?.id ?? 0;

    const dropped = await outbox.drop([id, 99_999]);

    assert.deepEqual(dropped, [id]);
    assert.deepEqual(await outbox.drop([id]), []);
    assert.deepEqual(await list(outbox), []);
    assert.deepEqual(await outbox.replay([id]), []);
    const copy = await outbox.accept([notification({ dedup: "dropped" })], roomy);
    assert.deepEqual(copy, { kind: "stored", stored: 0, duplicates: 1 });
  });

  it("of an operator that replays and one that drops the same delivery at once, one gets it", async (t) => {
    const { outbox } = await openDesk(t, create);
    await died(outbox, 3_000);
    await died(outbox, 6_000);
    const ids = (await list(outbox)).map(({ id }) => id);

    const [replayed, dropped, again] = await Promise.all([outbox.replay(ids), outbox.drop(ids), outbox.replay(ids)]);

    assert.deepEqual(
      [...replayed, ...dropped, ...again].sort((a, b) => a - b),
      ids.toSorted((a, b) => a - b),
    );
    assert.deepEqual(await list(outbox), []);
    const waiting = (await outbox.backlog()).reduce((sum, { notifications }) => sum + notifications, 0);
    assert.equal(waiting, replayed.length + again.length);
  });

  it("the list is the same after a crash", async (t) => {
    const { outbox, reopen } = await openDesk(t, create);
    await died(outbox);
    const before = await list(outbox);

    const after = await list(await reopen());

    assert.deepEqual(after, before);
  });
}
