// a delivery of which nothing can have been delivered → its notifications, waiting as before.

import { NotRetractable } from "./errors.ts";
import { whileHolding } from "./lease.ts";
import type { Database } from "./schema.ts";
import type { Lease } from "./store.ts";

export async function retractDelivery(db: Database, lease: Lease, deliveryId: number): Promise<void> {
  await whileHolding(db, lease, async (trx) => {
    const gone = await trx
      .deleteFrom("deliveries")
      .where("id", "=", deliveryId)
      .where("bot", "=", lease.bot)
      .where("settled_at", "is", null)
      .where("retractable", "=", 1)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("messages").select("id").where("delivery_id", "=", deliveryId).where("state", "=", "sending"),
          ),
        ),
      )
      .executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw new NotRetractable(deliveryId);
    await trx.deleteFrom("messages").where("delivery_id", "=", deliveryId).execute();
    await trx.updateTable("notifications").set({ delivery_id: null }).where("delivery_id", "=", deliveryId).execute();
  });
}
