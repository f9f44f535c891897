// Waiting notifications of one lane become another bot's. Their groups keep their identity: it names the bot they were routed to.

import { whileHolding } from "./lease.ts";
import type { Database } from "./schema.ts";
import type { Lease } from "./store.ts";

export function movePending(db: Database, lease: Lease, toBot: string): Promise<number> {
  return whileHolding(db, lease, async (trx) => {
    const moved = await trx
      .updateTable("notifications")
      .set({ bot: toBot })
      .where("bot", "=", lease.bot)
      .where("telling_id", "is", null)
      .executeTakeFirst();
    return Number(moved.numUpdatedRows);
  });
}
