// For a clock that was set back since this outbox was last written: nothing on record may lie ahead, or slots would stay taken and
// waits would last for as long as the clock was set back by.

import { sql } from "kysely";
import type { Database, Write } from "../schema.ts";

/**
 * Of what the outbox has on record, what still decides something. The latest of the first kind was written before the outbox was
 * opened: it says how far the clock was set back, at least. The others are waits that began with one of those.
 */
const recorded = [
  { table: "attempts", column: "started_at", of: "" },
  { table: "attempts", column: "answered_at", of: "" },
  { table: "deliveries", column: "planned_at", of: "" },
  { table: "deliveries", column: "accepted_at", of: "and settled_at is null" },
  { table: "notifications", column: "accepted_at", of: "and delivery_id is null" },
] as const;

const waits = [
  { table: "notifications", column: "ready_at", of: "and delivery_id is null" },
  { table: "messages", column: "not_before_at", of: "and settled_at is null" },
  { table: "keys", column: "hold_until_at", of: "" },
  { table: "keys", column: "probe_at", of: "" },
  { table: "media_ids", column: "expires_at", of: "" },
] as const;

type Instant = (typeof recorded | typeof waits)[number];

/**
 * Moves everything that lies ahead of `now` back by as much as the latest record lies ahead. Distances stay, so a slot frees no
 * earlier than a window after its answer. Returns that distance in ms; 0, and nothing is changed, when no record lies ahead.
 */
export function moveBack(db: Database, now: number): Promise<number> {
  return db.transaction().execute((trx) => moveBackIn(trx, now));
}

/** The same in a transaction that is already open. */
async function moveBackIn(trx: Write, now: number): Promise<number> {
  let aheadMs = 0;
  for (const instant of recorded) aheadMs = Math.max(aheadMs, (await latest(trx, instant, now)) - now);
  if (aheadMs > 0) for (const instant of [...recorded, ...waits]) await earlier(trx, instant, { aheadMs, now });
  return aheadMs;
}

async function latest(trx: Write, { table, column, of }: Instant, now: number): Promise<number> {
  const { rows } = await sql<{ readonly at: number | null }>`
    select max(${sql.ref(column)}) as at from ${sql.table(table)} where ${sql.ref(column)} > ${now} ${sql.raw(of)}
  `.execute(trx);
  return rows[0]?.at ?? now;
}

interface Move {
  readonly aheadMs: number;
  readonly now: number;
}

async function earlier(trx: Write, { table, column, of }: Instant, { aheadMs, now }: Move): Promise<void> {
  const at = sql.ref(column);
  await sql`update ${sql.table(table)} set ${at} = ${at} - ${aheadMs} where ${at} > ${now} ${sql.raw(of)}`.execute(trx);
}
