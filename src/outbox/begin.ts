// ready → sending, with an open attempt. If we die after this commit, the message is in doubt. A request that left before it would
// be missing from the window.

import { OutboxConflict } from "./errors.ts";
import { whileHolding } from "./lease.ts";
import type { Database } from "./schema.ts";
import type { AttemptStart, Lease } from "./store.ts";

export function beginAttempt(db: Database, lease: Lease, start: AttemptStart): Promise<number> {
  const { messageId, keyId, startedAt, body } = start;
  return whileHolding(db, lease, async (trx) => {
    const message = trx
      .updateTable("messages")
      .where("id", "=", messageId)
      .where("bot", "=", lease.bot)
      .where("state", "=", "ready");
    // If we die before the answer to an upload, nothing is in doubt; only a slot is used.
    const begun = await (body === null
      ? message.set({ state: "ready" })
      : message.set((eb) => ({ state: "sending" as const, tries: eb("tries", "+", 1), body }))
    ).executeTakeFirst();
    if (begun.numUpdatedRows === 0n) {
      throw new OutboxConflict(`message ${messageId} is not ready in the lane of bot ${lease.bot}`);
    }
    const { id } = await trx
      .insertInto("attempts")
      .values({
        bot: lease.bot,
        key_id: keyId,
        message_id: messageId,
        started_at: startedAt,
        answered_at: null,
        outcome: null,
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    return id;
  });
}
