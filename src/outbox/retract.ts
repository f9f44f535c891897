// a telling of which nothing can have been delivered → its notifications, waiting as before.

import { NotRetractable } from "./errors.ts";
import { whileHolding } from "./lease.ts";
import type { Database } from "./schema.ts";
import type { Lease } from "./store.ts";

export async function retractTelling(db: Database, lease: Lease, tellingId: number): Promise<void> {
  await whileHolding(db, lease, async (trx) => {
    const gone = await trx
      .deleteFrom("tellings")
      .where("id", "=", tellingId)
      .where("bot", "=", lease.bot)
      .where("settled_at", "is", null)
      .where("retractable", "=", 1)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("messages").select("id").where("telling_id", "=", tellingId).where("state", "=", "sending"),
          ),
        ),
      )
      .executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw new NotRetractable(tellingId);
    await trx.deleteFrom("messages").where("telling_id", "=", tellingId).execute();
    await trx.updateTable("notifications").set({ telling_id: null }).where("telling_id", "=", tellingId).execute();
  });
}
