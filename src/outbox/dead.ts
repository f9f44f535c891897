// Dead deliveries are listed, replayed or dropped. Dropping keeps the rows until they are pruned: the dedup window consists of them.
// Only settled deliveries count: one with an open part still belongs to its lane.

import { sql } from "kysely";
import { type Backlog, emptyBacklog } from "./backlog.ts";
import type { Database, Write } from "./schema.ts";
import { filledLists } from "./statement-sizes.ts";
import type { DeadDelivery, DeadPart } from "./store.ts";

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
  return deliveries.map(({ settledAt, ...delivery }) => ({
    ...delivery,
    settledAt: settledAt ?? 0,
    parts: parts.get(delivery.id) ?? [],
  }));
}

async function readParts(db: Database, deliveryIds: readonly number[]) {
  const parts = new Map<number, DeadPart[]>();
  for (const list of filledLists(deliveryIds)) {
    const rows = await db
      .selectFrom("messages")
      .select(["delivery_id", "part", "last_reason", "body"])
      .where("delivery_id", "in", list)
      .where(isDead)
      .orderBy("delivery_id")
      .orderBy("place")
      .execute();
    for (const { delivery_id, part, last_reason: reason, body } of rows) {
      parts.set(delivery_id, [...(parts.get(delivery_id) ?? []), { part, reason, body }]);
    }
  }
  return parts;
}

export interface ReplayedDeliveries {
  readonly ids: readonly number[];
  readonly bots: readonly string[];
  readonly added: Backlog;
}

export function replayDead(db: Database, ids: readonly number[]): Promise<ReplayedDeliveries> {
  return db.transaction().execute(async (trx) => {
    let replayed: ReplayedDeliveries = { ids: [], bots: [], added: emptyBacklog };
    for (const id of new Set(ids)) {
      const delivery = await takeDelivery(trx, id);
      if (delivery === null) continue;
      const { notifications, bytes } = replayed.added;
      replayed = {
        ids: [...replayed.ids, id],
        bots: [...new Set([...replayed.bots, delivery.bot])],
        added: { notifications: notifications + delivery.notifications, bytes: bytes + delivery.bytes },
      };
    }
    return replayed;
  });
}

/** Null when it is not dead, or when a prune has begun to delete its rows. */
async function takeDelivery(trx: Write, id: number) {
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
    .returning(["bot", "notifications", "bytes"])
    .executeTakeFirst();
  if (delivery === undefined) return null;
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
