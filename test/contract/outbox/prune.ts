// Retention: what was settled before an instant is deleted, what waits stays; and the backlog for an operator.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HeldLane, MessageOutcome } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  beginFirst,
  type CreateStorage,
  endedOf,
  firstMessage,
  groupsOf,
  laneOf,
  lookAt,
  notification,
  openDesk,
  planAll,
  planned,
  roomy,
} from "./storage.ts";

async function deliverOne(outbox: Outbox, lane: HeldLane, startedAt: number, outcome: MessageOutcome): Promise<void> {
  await outbox.accept([notification({ dedup: `delivered at ${startedAt}` })], { ...roomy, acceptedAt: startedAt });
  await planAll(lane);
  await answerFirst(lane, outcome, startedAt);
}

/** Whether prune deleted the mark of the notification that was delivered at this instant: then its copy is new again. */
async function isForgotten(outbox: Outbox, deliveredAt: number): Promise<boolean> {
  const copy = notification({ dedup: `delivered at ${deliveredAt}`, bot: "copies" });
  const result = await outbox.accept([copy], { ...roomy, acceptedAt: deliveredAt, dedupWindowMs: 1e12 });
  return result.kind === "stored" && result.stored === 1;
}

const busy: MessageOutcome = { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false };

export function pruneContract(create: CreateStorage): void {
  describe("prune and backlog", () => {
    it("deliveries settled before the instant are deleted, sent and dead alike; later ones stay", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await laneOf(outbox);
      await deliverOne(outbox, lane, 10_000, { kind: "sent" });
      await deliverOne(outbox, lane, 20_000, { kind: "dead", reason: "badContent" });
      await deliverOne(outbox, lane, 30_000, { kind: "dead", reason: "badContent" });
      await deliverOne(outbox, lane, 40_000, { kind: "sent" });

      const pruned = await outbox.prune({ settledBefore: 30_100, attemptsBefore: 30_000 });

      const dead = await outbox.dead({ maxDeliveries: 10 });
      const history = await endedOf(outbox);
      const forgotten = await Promise.all([10_000, 20_000, 30_000, 40_000].map((at) => isForgotten(outbox, at)));
      const { attempts } = lookAt(await laneOf(outbox));
      assert.equal(pruned, 2, "entries of the history");
      assert.deepEqual(
        history.map(({ endedAt, outcome }) => [endedAt, outcome]),
        [
          [40_100, "delivered"],
          [30_100, "dead"],
        ],
      );
      assert.deepEqual(
        dead.map(({ settledAt }) => settledAt),
        [30_100],
      );
      assert.deepEqual(forgotten, [true, true, true, false]);
      assert.deepEqual(
        attempts.map(({ startedAt }) => startedAt),
        [30_000, 40_000],
      );
    });

    it("what waits is never pruned, however old", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox, ["one", "two"]);
      await answerFirst(lane, { kind: "sent" });
      await outbox.accept([notification()], roomy);
      const before = lookAt(lane);

      const pruned = await outbox.prune({ settledBefore: 1e12, attemptsBefore: 1e12 });

      const again = await laneOf(outbox);
      const { attempts, ...after } = lookAt(again);
      assert.equal(pruned, 0);
      assert.deepEqual(
        { pending: after.pending, messages: after.messages },
        { pending: before.pending, messages: before.messages },
      );
      assert.deepEqual(attempts, []);
      const ids = after.pending.map(({ id }) => id);
      assert.equal((await groupsOf(again, ids)).length, 1);
    });

    it("an attempt answered inside the window stays, however long ago it was begun", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox);
      await lane.settle({ ...(await beginFirst(lane, 1_000)), answeredAt: 50_000, outcome: busy });

      await outbox.prune({ settledBefore: 40_000, attemptsBefore: 40_000 });

      assert.equal(lookAt(await laneOf(outbox)).attempts.length, 1);
    });

    it("an attempt without an answer stays while its message is there", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox);
      await beginFirst(lane, 1_000);

      await outbox.prune({ settledBefore: 1e12, attemptsBefore: 1e12 });

      assert.equal((await laneOf(outbox)).inDoubt, 1);
    });

    it("an attempt without an answer is deleted once its message is gone, and only an old one", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox);
      const { id: messageId, deliveryId } = firstMessage(lane);
      for (const startedAt of [1_000, 5_000]) await lane.begin({ messageId, keyId: "key", startedAt, upload: true });
      await lane.retract(deliveryId);

      await outbox.prune({ settledBefore: 5_000, attemptsBefore: 5_000 });

      const { attempts } = lookAt(await laneOf(outbox, "ops, renamed"));
      assert.deepEqual(attempts, [{ keyId: "key", startedAt: 5_000, answeredAt: null }]);
    });

    it("thousands of rows of one delivery are deleted, with accepts in between", async (t) => {
      for (const outcome of [{ kind: "sent" }, { kind: "dead", reason: "badContent" }] as const) {
        const { outbox } = await openDesk(t, create);
        await outbox.accept(
          Array.from({ length: 3_000 }, () => notification()),
          roomy,
        );
        const lane = await laneOf(outbox);
        await planAll(lane);
        await answerFirst(lane, outcome);

        const pruning = outbox.prune({ settledBefore: 1e12, attemptsBefore: 1e12 });
        const [pruned, meanwhile] = await Promise.all([pruning, outbox.accept([notification()], roomy)]);

        assert.equal(pruned, 3_000);
        assert.equal(meanwhile.kind, "stored");
        assert.equal((await outbox.backlog())[0]?.notifications, 1);
        assert.deepEqual(await outbox.dead({ maxDeliveries: 10 }), []);
        assert.deepEqual(await endedOf(outbox), []);
      }
    });

    it("marks of copies are pruned by their age, however many there are, and the young stay", async (t) => {
      const { outbox } = await openDesk(t, create);
      const named = (n: number) => notification({ dedup: `number ${n}` });
      const numbers = Array.from({ length: 1_200 }, (_, n) => n);
      await outbox.accept(numbers.map(named), { ...roomy, acceptedAt: 1_000 });
      await outbox.accept(numbers.filter((n) => n % 3 === 0).map(named), { ...roomy, acceptedAt: 90_000 });

      await outbox.prune({ settledBefore: 50_000, attemptsBefore: 50_000 });

      const again = await outbox.accept(numbers.map(named), { ...roomy, acceptedAt: 90_000, dedupWindowMs: 1e12 });
      assert.deepEqual(again, { kind: "stored", stored: 800, duplicates: 400 });
    });

    it("the backlog has every bot with work, and since when", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox);
      await outbox.accept([notification(), notification({ bot: "forgotten" })], { ...roomy, acceptedAt: 5_000 });
      await outbox.accept([notification({ bot: "forgotten" })], { ...roomy, acceptedAt: 4_000 });

      const before = await outbox.backlog();
      await answerFirst(lane, { kind: "sent" });
      const after = await outbox.backlog();

      const byBot = (a: { readonly bot: string }, b: { readonly bot: string }) => a.bot.localeCompare(b.bot);
      assert.deepEqual([...before].sort(byBot), [
        { bot: "forgotten", notifications: 2, oldestAcceptedAt: 4_000 },
        { bot: "ops", notifications: 2, oldestAcceptedAt: 1_000 },
      ]);
      assert.deepEqual([...after].sort(byBot), [
        { bot: "forgotten", notifications: 2, oldestAcceptedAt: 4_000 },
        { bot: "ops", notifications: 1, oldestAcceptedAt: 5_000 },
      ]);
    });
  });
}
