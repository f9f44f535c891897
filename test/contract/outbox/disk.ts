// What the outbox may take on disk: the oldest history goes first, and nothing that is still needed.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  type CreateStorage,
  historyOf,
  laneOf,
  lookAt,
  notification,
  openDesk,
  planAll,
  roomy,
} from "./storage.ts";

const numbered = (n: number) =>
  notification({ dedup: `number ${n}`, text: `${n} ${randomBytes(20_000).toString("hex")}` });

/** One after the other. */
async function deliver(outbox: Outbox, numbers: readonly number[]): Promise<void> {
  const lane = await laneOf(outbox);
  for (const n of numbers) {
    await outbox.accept([numbered(n)], roomy);
    await planAll(lane);
    await answerFirst(lane, { kind: "sent" }, 10_000 * n);
  }
}

async function deliveredNumbers(outbox: Outbox): Promise<readonly number[]> {
  const found = await historyOf(outbox, { outcome: "delivered" });
  return found.map(({ alert }) => Number(alert.labels.text?.split(" ")[0])).reverse();
}

const settledBefore = 0;

export function diskContract(create: CreateStorage): void {
  describe("the disk", () => {
    it("above its limit loses the oldest history; what waits, is dead, or was accepted before is still known", async (t) => {
      const { outbox } = await openDesk(t, create);
      const numbers = Array.from({ length: 40 }, (_, n) => n + 1);
      await deliver(outbox, numbers);
      await outbox.accept([notification()], roomy);
      const lane = await laneOf(outbox);
      await planAll(lane);
      await answerFirst(lane, { kind: "dead", reason: "badContent" });
      await outbox.accept([notification()], roomy);

      const before = await outbox.limitDisk({ maxBytes: 1e15, settledBefore });
      const after = await outbox.limitDisk({ maxBytes: before.bytes - 1, settledBefore });

      assert.deepEqual([before.deleted, before.isFull], [0, false]);
      assert.deepEqual([after.deleted, after.isFull], [5, false]);
      assert.deepEqual(await deliveredNumbers(outbox), numbers.slice(5));
      assert.equal((await outbox.dead({ maxDeliveries: 9 })).length, 1);
      assert.equal(lookAt(await laneOf(outbox)).pending.length, 1);
      assert.deepEqual(await outbox.accept(numbers.map(numbered), roomy), {
        kind: "stored",
        stored: 0,
        duplicates: 40,
      });
    });

    it("that does not grow further loses nothing more; that grows again loses the oldest again", async (t) => {
      const { outbox } = await openDesk(t, create);
      await deliver(
        outbox,
        Array.from({ length: 40 }, (_, n) => n + 1),
      );
      const { bytes } = await outbox.limitDisk({ maxBytes: 1e15, settledBefore });
      const limits = { maxBytes: bytes - 1, settledBefore };

      const first = await outbox.limitDisk(limits);
      const second = await outbox.limitDisk(limits);
      await deliver(
        outbox,
        Array.from({ length: 40 }, (_, n) => n + 41),
      );
      const third = await outbox.limitDisk(limits);

      assert.deepEqual([first.deleted, second.deleted], [4, 0]);
      assert.ok(third.deleted > 0);
      const [oldest = 0, ...others] = await deliveredNumbers(outbox);
      assert.ok(oldest > 5);
      assert.equal(others.at(-1), 80);
      assert.equal(others.length, 80 - oldest);
    });
  });
}
