// What a lane has not told becomes another bot's. Groups keep their identity: it names the bot they were routed to. What was begun is
// told anew as a whole, for the other chat has seen nothing of it.

import { whileHolding } from "./lease.ts";
import type { Database, Write } from "./schema.ts";
import { filledLists } from "./statement-sizes.ts";
import type { Lease } from "./store.ts";

export function moveWaiting(db: Database, lease: Lease, toBot: string): Promise<number> {
  return whileHolding(db, lease, async (trx) => {
    await takeBackAll(trx, lease.bot);
    const moved = await trx
      .updateTable("notifications")
      .set({ bot: toBot })
      .where("bot", "=", lease.bot)
      .where("delivery_id", "is", null)
      .executeTakeFirst();
    return Number(moved.numUpdatedRows);
  });
}

/** Not what has a request in flight: its answer may still come. */
async function takeBackAll(trx: Write, bot: string): Promise<void> {
  const open = await trx
    .selectFrom("deliveries")
    .select("id")
    .where("bot", "=", bot)
    .where("settled_at", "is", null)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("messages")
            .select("messages.id")
            .whereRef("messages.delivery_id", "=", "deliveries.id")
            .where("state", "=", "sending"),
        ),
      ),
    )
    .execute();
  for (const ids of filledLists(open.map(({ id }) => id))) {
    await trx.deleteFrom("deliveries").where("id", "in", ids).execute();
    await trx.deleteFrom("messages").where("delivery_id", "in", ids).execute();
    await trx.updateTable("notifications").set({ delivery_id: null }).where("delivery_id", "in", ids).execute();
  }
}
