// sending → ready and in doubt, for a lane whose last holder died between request and record.

import { whileHolding } from "./lease.ts";
import type { Database } from "./schema.ts";
import { keepForGood } from "./settle.ts";
import type { Lease } from "./store.ts";

export function discoverUnanswered(db: Database, lease: Lease, now: number): Promise<number> {
  return whileHolding(db, lease, async (trx) => {
    const found = await trx
      .updateTable("messages")
      .set({ state: "ready", in_doubt: 1, last_reason: "answerNeverSeen" })
      .where("bot", "=", lease.bot)
      .where("settled_at", "is", null)
      .where("state", "=", "sending")
      .returning("delivery_id")
      .execute();
    for (const { delivery_id } of found) await keepForGood(trx, delivery_id);
    await trx
      .updateTable("attempts")
      .set({ answered_at: now, outcome: "answerNeverSeen" })
      .where("bot", "=", lease.bot)
      .where("answered_at", "is", null)
      .execute();
    return found.length;
  });
}
