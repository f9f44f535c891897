// Retention: what was settled before an instant is deleted, what waits stays; and the backlog for an operator.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Lease, MessageOutcome, Outbox } from "../../../src/outbox/store.ts";
import {
  beginFirst,
  type CreateStorage,
  leaseOf,
  lookAt,
  notification,
  openDesk,
  planAll,
  planned,
  roomy,
} from "./storage.ts";

async function deliverOne(outbox: Outbox, lease: Lease, startedAt: number, outcome: MessageOutcome): Promise<void> {
  await outbox.accept([notification({ dedup: `delivered at ${startedAt}` })], { ...roomy, acceptedAt: startedAt });
  await planAll(outbox, lease);
  await outbox.settle(lease, { ...(await beginFirst(outbox, lease, startedAt)), outcome });
}

/** Whether prune deleted the notification that was delivered at this instant: then its copy is new again. */
async function isGone(outbox: Outbox, deliveredAt: number): Promise<boolean> {
  const copy = notification({ dedup: `delivered at ${deliveredAt}`, bot: "copies" });
  const result = await outbox.accept([copy], { ...roomy, acceptedAt: deliveredAt, dedupWindowMs: 1e12 });
  return result.kind === "stored" && result.stored === 1;
}

export function pruneContract(create: CreateStorage): void {
  describe("prune and backlog", () => {
    it("deliveries settled before the instant are deleted, sent and dead alike; later ones stay", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await leaseOf(outbox);
      await deliverOne(outbox, lease, 10_000, { kind: "sent" });
      await deliverOne(outbox, lease, 20_000, { kind: "dead", reason: "badContent" });
      await deliverOne(outbox, lease, 30_000, { kind: "sent" });

      const pruned = await outbox.prune(30_000);

      const gone = await Promise.all([10_000, 20_000, 30_000].map((at) => isGone(outbox, at)));
      const { attempts } = await lookAt(outbox, lease);
      assert.equal(pruned, 2);
      assert.deepEqual(gone, [true, true, false]);
      assert.deepEqual(attempts, [{ keyId: "key", startedAt: 30_000, answeredAt: 30_100 }]);
    });

    it("what waits is never pruned, however old", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await planned(outbox, ["one", "two"]);
      await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome: { kind: "sent" } });
      await outbox.accept([notification()], roomy);
      const before = await lookAt(outbox, lease);

      const pruned = await outbox.prune(1e12);

      const { attempts, ...after } = await lookAt(outbox, lease);
      assert.equal(pruned, 0);
      assert.deepEqual(
        { pending: after.pending, messages: after.messages },
        { pending: before.pending, messages: before.messages },
      );
      assert.deepEqual(attempts, []);
    });

    it("an attempt answered inside the window stays, however long ago it was begun", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await planned(outbox);
      await outbox.settle(lease, {
        ...(await beginFirst(outbox, lease, 1_000)),
        answeredAt: 50_000,
        outcome: { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false },
      });

      await outbox.prune(40_000);

      assert.equal((await lookAt(outbox, lease)).attempts.length, 1);
    });

    it("thousands of rows of one delivery are deleted, with accepts in between", async (t) => {
      const { outbox } = await openDesk(t, create);
      await outbox.accept(
        Array.from({ length: 3_000 }, () => notification()),
        roomy,
      );
      const lease = await leaseOf(outbox);
      await planAll(outbox, lease);
      await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome: { kind: "sent" } });

      const [pruned, meanwhile] = await Promise.all([outbox.prune(1e12), outbox.accept([notification()], roomy)]);

      assert.equal(pruned, 3_000);
      assert.equal(meanwhile.kind, "stored");
      assert.equal((await outbox.backlog())[0]?.notifications, 1);
    });

    it("the backlog has every bot with work, and since when", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await planned(outbox);
      await outbox.accept([notification(), notification({ bot: "forgotten" })], { ...roomy, acceptedAt: 5_000 });
      await outbox.accept([notification({ bot: "forgotten" })], { ...roomy, acceptedAt: 4_000 });

      const before = await outbox.backlog();
      await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome: { kind: "sent" } });
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
