// ready → sending, with an open attempt. If we die after this commit, the message is in doubt. A request that left before it would
// be missing from the window.

import { OutboxConflict } from "./errors.ts";
import { whileHolding } from "./lease.ts";
import type { Database, Write } from "./schema.ts";
import type { AttemptStart, Lease, SendStart } from "./store.ts";

export function beginAttempt(db: Database, lease: Lease, start: SendStart): Promise<number> {
  return whileHolding(db, lease, async (trx) => {
    const begun = await trx
      .updateTable("messages")
      .set((eb) => ({ state: "sending" as const, tries: eb("tries", "+", 1), body: start.body }))
      .where("id", "=", start.messageId)
      .where("bot", "=", lease.bot)
      .where("state", "=", "ready")
      .executeTakeFirst();
    if (begun.numUpdatedRows === 0n) throw notReady(start.messageId, lease);
    return openAttempt(trx, lease, start);
  });
}

/** An upload shows nothing in the chat: if we die before its answer, nothing is in doubt; only a slot is used. */
export function beginUpload(db: Database, lease: Lease, start: AttemptStart): Promise<number> {
  return whileHolding(db, lease, async (trx) => {
    const ready = await trx
      .selectFrom("messages")
      .select("id")
      .where("id", "=", start.messageId)
      .where("bot", "=", lease.bot)
      .where("state", "=", "ready")
      .executeTakeFirst();
    if (ready === undefined) throw notReady(start.messageId, lease);
    return openAttempt(trx, lease, start);
  });
}

async function openAttempt(trx: Write, lease: Lease, start: AttemptStart): Promise<number> {
  const { id } = await trx
    .insertInto("attempts")
    .values({
      bot: lease.bot,
      key_id: start.keyId,
      message_id: start.messageId,
      started_at: start.startedAt,
      answered_at: null,
      outcome: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

function notReady(messageId: number, { bot }: Lease): OutboxConflict {
  return new OutboxConflict(`message ${messageId} is not ready in the lane of bot ${bot}`);
}
