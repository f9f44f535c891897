// Dead deliveries are listed, replayed or dropped. A delivery with an open part is not settled: it still belongs to its lane.

import type { DeliveryMode } from "../domain/notification.ts";
import type { Sql, SqlDatabase } from "./engine.ts";
import { isRetractable } from "./lane-memory.ts";
import type { DeliveryRow, MessageRow } from "./rows.ts";
import type { DeadDelivery, DeadPart } from "./store.ts";

export async function readDead(sql: Sql, maxDeliveries: number): Promise<readonly DeadDelivery[]> {
  const rows = await sql.all<DeliveryRow>(
    "select * from deliveries where settled_at is not null order by settled_at desc, id desc limit $1",
    [maxDeliveries],
  );
  const parts = await sql.all<DeadPart & { readonly delivery_id: number }>(
    `select delivery_id, part, last_reason as reason, body from messages
    where ${sql.isOneOf("delivery_id", "$1", "bigint")} order by delivery_id, place`,
    [JSON.stringify(rows.map(({ id }) => id))],
  );
  const byDelivery = Map.groupBy(parts, ({ delivery_id }) => delivery_id);
  return rows.map((row) => ({
    id: row.id,
    bot: row.bot,
    notifications: (JSON.parse(row.notification_ids) as readonly number[]).length,
    alerts: row.alerts,
    acceptedAt: row.accepted_at,
    settledAt: row.settled_at ?? 0,
    parts: (byDelivery.get(row.id) ?? []).map(({ part, reason, body }) => ({ part, reason, body })),
  }));
}

export async function countDead(sql: Sql): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.all<{ readonly bot: string; readonly dead: number }>(
    `select bot, count(*) as dead from deliveries join messages on delivery_id = deliveries.id
    where settled_at is not null group by bot`,
  );
  return new Map(rows.map(({ bot, dead }) => [bot, dead]));
}

interface ReplayedDeliveries {
  readonly ids: readonly number[];
  /** What waits again. */
  readonly notifications: readonly { readonly bot: string; readonly bytes: number }[];
}

/** Of a delivery that is being pruned, what is left waits again. */
export function replayDead(db: SqlDatabase, ids: readonly number[], now: number): Promise<ReplayedDeliveries> {
  return db.transaction(async (sql) => {
    const taken = await takeDead(sql, ids);
    const notifications: { readonly bot: string; readonly bytes: number }[] = [];
    for (const { id, mayRepeat } of taken) {
      const waiting = await sql.all<{ readonly bot: string; readonly bytes: number }>(
        "update notifications set dead_delivery_id = null, repeats = $1 where dead_delivery_id = $2 returning bot, bytes",
        [mayRepeat ? 1 : 0, id],
      );
      notifications.push(...waiting);
    }
    const takenIds = taken.map(({ id }) => id);
    await sql.all(`update history set replayed_at = $2 where ${sql.isOneOf("delivery_id", "$1", "bigint")}`, [
      JSON.stringify(takenIds),
      now,
    ]);
    return { ids: takenIds, notifications };
  });
}

export function dropDead(db: SqlDatabase, ids: readonly number[], now: number): Promise<readonly number[]> {
  return db.transaction(async (sql) => {
    const taken = await takeDead(sql, ids);
    for (const { id, mode, notes } of taken) {
      await sql.all(
        `insert into history (at, accepted_at, bot, outcome, mode, delivery_id, notes, search, body)
        select cast($1 as bigint), accepted_at, bot, 'dropped', cast($2 as text), dead_delivery_id, cast($3 as text), search, body
        from notifications where dead_delivery_id = $4`,
        [now, mode, notes, id],
      );
      await sql.all("delete from notifications where dead_delivery_id = $1", [id]);
    }
    return taken.map(({ id }) => id);
  });
}

interface TakenDelivery {
  readonly id: number;
  readonly mode: DeliveryMode;
  readonly notes: string | null;
  /** A part of it was delivered, or may have been. */
  readonly mayRepeat: boolean;
}

/** Those of them that were dead: they and their messages are deleted. Another process that takes the same ones gets none. */
async function takeDead(sql: Sql, ids: readonly number[]): Promise<readonly TakenDelivery[]> {
  const taken = await sql.all<DeliveryRow>(
    `delete from deliveries where settled_at is not null and ${sql.isOneOf("id", "$1", "bigint")} returning *`,
    [JSON.stringify(ids)],
  );
  const messages = await sql.all<MessageRow>(
    `delete from messages where ${sql.isOneOf("delivery_id", "$1", "bigint")} returning *`,
    [JSON.stringify(taken.map(({ id }) => id))],
  );
  const byDelivery = Map.groupBy(messages, ({ delivery_id }) => delivery_id);
  return taken.map((row) => {
    const own = byDelivery.get(row.id) ?? [];
    const mayRepeat = !isRetractable({ row, messages: own }, new Set());
    return { id: row.id, mode: row.mode, notes: row.notes, mayRepeat };
  });
}
