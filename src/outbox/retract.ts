import { NotRetractable } from "./errors.ts";
import { whileHolding } from "./lease.ts";
import type { Database, Write } from "./schema.ts";
import { filledLists } from "./statement-sizes.ts";
import type { Lease } from "./store.ts";

/** One delivery, of which nothing can have been delivered. */
export async function retractDelivery(db: Database, lease: Lease, deliveryId: number): Promise<void> {
  await whileHolding(db, lease, async (trx) => {
    const deliveries = await notInFlight(trx, lease.bot)
      .where("id", "=", deliveryId)
      .where("retractable", "=", 1)
      .execute();
    if (deliveries.length === 0) throw new NotRetractable(deliveryId);
    await unplan(trx, [deliveryId]);
  });
}

/**
 * Everything of the lane, for another bot. Groups keep their identity, which names the bot they were routed to. A delivery of which
 * parts were sent is planned again as a whole: the other chat has not seen them.
 */
export function moveLane(db: Database, lease: Lease, toBot: string): Promise<number> {
  return whileHolding(db, lease, async (trx) => {
    const deliveries = await notInFlight(trx, lease.bot).execute();
    for (const ids of filledLists(deliveries.map(({ id }) => id))) await unplan(trx, ids);
    const moved = await trx
      .updateTable("notifications")
      .set({ bot: toBot })
      .where("bot", "=", lease.bot)
      .where("delivery_id", "is", null)
      .executeTakeFirst();
    return Number(moved.numUpdatedRows);
  });
}

/** Open deliveries without a request in flight, whose answer may still arrive. */
function notInFlight(trx: Write, bot: string) {
  return trx
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
    );
}

async function unplan(trx: Write, deliveryIds: readonly number[]): Promise<void> {
  await trx.deleteFrom("deliveries").where("id", "in", deliveryIds).execute();
  await trx.deleteFrom("messages").where("delivery_id", "in", deliveryIds).execute();
  await trx.updateTable("notifications").set({ delivery_id: null }).where("delivery_id", "in", deliveryIds).execute();
}
