// Dead deliveries are listed, replayed or dropped. Dropping keeps the rows until they are pruned: the dedup window consists of them.
// Only settled deliveries count: one with an open part still belongs to its lane.

import { sql } from "kysely";
import { type Backlog, emptyBacklog, sumOfBacklogs } from "./backlog.ts";
import type { Database, Write } from "./schema.ts";
import { readInLists } from "./statement-sizes.ts";
import type { DeadDelivery } from "./store.ts";

/** A literal, not a parameter: only then does SQLite use the index of dead messages. */
const isDead = sql<boolean>`messages.state = 'dead'`;

export async function readDead(db: Database, maxDeliveries: number): Promise<readonly DeadDelivery[]> {
  const deliveries = await db
    .selectFrom("deliveries")
    .select(["id", "bot", "notifications", "alerts", "accepted_at as acceptedAt", "settled_at as settledAt"])
    .where("settled_at", "is not", null)
    .where("id", "in", (eb) => eb.selectFrom("messages").select("delivery_id").where(isDead))
    .orderBy("settled_at", "desc")
    .orderBy("id", "desc")
    .limit(maxDeliveries)
    .execute();
  const parts = await readParts(
    db,
    deliveries.map(({ id }) => id),
  );
  return deliveries.map((delivery) => ({
    ...delivery,
    settledAt: delivery.settledAt ?? 0,
    parts: (parts.get(delivery.id) ?? []).map(({ part, reason, body }) => ({ part, reason, body })),
  }));
}

async function readParts(db: Database, deliveryIds: readonly number[]) {
  const rows = await readInLists(deliveryIds, (list) =>
    db
      .selectFrom("messages")
      .select(["delivery_id", "part", "last_reason as reason", "body"])
      .where("delivery_id", "in", list)
      .where(isDead)
      .orderBy("delivery_id")
      .orderBy("place")
      .execute(),
  );
  return Map.groupBy(rows, ({ delivery_id }) => delivery_id);
}

export interface ReplayedDeliveries {
  readonly ids: readonly number[];
  readonly bots: readonly string[];
  readonly added: Backlog;
}

export function replayDead(db: Database, ids: readonly number[]): Promise<ReplayedDeliveries> {
  return db.transaction().execute(async (trx) => {
    const taken: DeliveryOfBot[] = [];
    for (const id of new Set(ids)) {
      const delivery = await takeDelivery(trx, id);
      if (delivery !== undefined) taken.push(delivery);
    }
    return {
      ids: taken.map(({ id }) => id),
      bots: [...new Set(taken.map(({ bot }) => bot))],
      added: taken.reduce(sumOfBacklogs, emptyBacklog),
    };
  });
}

interface DeliveryOfBot extends Backlog {
  readonly id: number;
  readonly bot: string;
}

/** Undefined when it is not dead, or when a prune has begun to delete its rows. */
async function takeDelivery(trx: Write, id: number): Promise<DeliveryOfBot | undefined> {
  const delivery = await trx
    .deleteFrom("deliveries")
    .where("id", "=", id)
    .where("settled_at", "is not", null)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom("messages").select("id").where("delivery_id", "=", id).where(isDead)),
    )
    .where((eb) =>
      eb(
        "notifications",
        "=",
        eb
          .selectFrom("notifications as kept")
          .select(eb.fn.countAll<number>().as("count"))
          .where("delivery_id", "=", id),
      ),
    )
    .returning(["id", "bot", "notifications", "bytes"])
    .executeTakeFirst();
  if (delivery === undefined) return undefined;
  await trx.deleteFrom("messages").where("delivery_id", "=", id).execute();
  await trx.updateTable("notifications").set({ delivery_id: null }).where("delivery_id", "=", id).execute();
  return delivery;
}

export function dropDead(db: Database, ids: readonly number[]): Promise<readonly number[]> {
  return db.transaction().execute(async (trx) => {
    const dropped: number[] = [];
    for (const id of new Set(ids)) {
      const changed = await trx
        .updateTable("messages")
        .set({ state: "dropped" })
        .where("delivery_id", "=", id)
        .where(isDead)
        .where(({ exists, selectFrom }) =>
          exists(selectFrom("deliveries").select("id").where("id", "=", id).where("settled_at", "is not", null)),
        )
        .executeTakeFirst();
      if (changed.numUpdatedRows > 0n) dropped.push(id);
    }
    return dropped;
  });
}
