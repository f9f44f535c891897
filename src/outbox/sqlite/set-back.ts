// For a clock that was set back since this outbox was last written: no instant on record may lie in the future, or slots would stay
// taken and messages would wait for as long as the clock was set back by.

import { sql } from "kysely";
import type { Database, Write } from "../schema.ts";

/** Instants that were not in the future when they were written. If one is now, the clock was set back by at least the difference. */
const recorded = [
  { table: "attempts", column: "started_at", of: "" },
  { table: "attempts", column: "answered_at", of: "" },
  { table: "deliveries", column: "planned_at", of: "" },
  { table: "deliveries", column: "accepted_at", of: "and settled_at is null" },
  { table: "notifications", column: "accepted_at", of: "and delivery_id is null" },
] as const;

/** Instants in the future that were computed from those. */
const waits = [
  { table: "notifications", column: "ready_at", of: "and delivery_id is null" },
  { table: "messages", column: "not_before_at", of: "and settled_at is null" },
  { table: "keys", column: "hold_until_at", of: "" },
  { table: "keys", column: "probe_at", of: "" },
  { table: "media_ids", column: "expires_at", of: "" },
] as const;

/**
 * Moves all instants after `now` back by the distance of the latest record. Distances stay, so a slot frees no earlier than a window
 * after its answer. Returns that distance in ms; 0, and changes nothing, when no record lies in the future.
 */
export function moveBack(db: Database, now: number): Promise<number> {
  return db.transaction().execute(async (trx) => {
    let aheadMs = 0;
    for (const instant of recorded) aheadMs = Math.max(aheadMs, (await latest(trx, instant, now)) - now);
    for (const { table, column, of } of aheadMs > 0 ? [...recorded, ...waits] : []) {
      const at = sql.ref(column);
      await sql`update ${sql.table(table)} set ${at} = ${at} - ${aheadMs} where ${at} > ${now} ${sql.raw(of)}`.execute(
        trx,
      );
    }
    return aheadMs;
  });
}

async function latest(trx: Write, { table, column, of }: (typeof recorded)[number], now: number): Promise<number> {
  const { rows } = await sql<{ readonly at: number | null }>`
    select max(${sql.ref(column)}) as at from ${sql.table(table)} where ${sql.ref(column)} > ${now} ${sql.raw(of)}
  `.execute(trx);
  return rows[0]?.at ?? now;
}
