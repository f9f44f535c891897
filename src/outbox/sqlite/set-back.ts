// For a clock that was set back since this outbox was last written: no instant on record may lie in the future, or slots would stay
// taken and messages would wait for as long as the clock was set back by.

import type { SqliteConnection } from "./connection.ts";

/** Instants that were not in the future when they were written. If one is now, the clock was set back by at least the difference. */
const recorded = [
  { table: "attempts", column: "started_at", of: "" },
  { table: "attempts", column: "answered_at", of: "" },
  { table: "lanes", column: "normal_at", of: "" },
  { table: "lanes", column: "urgent_at", of: "" },
  { table: "deliveries", column: "planned_at", of: "and settled_at is null" },
  { table: "deliveries", column: "accepted_at", of: "and settled_at is null" },
  { table: "notifications", column: "accepted_at", of: "and dead_delivery_id is null" },
  { table: "states", column: "delivered_at", of: "" },
  { table: "keys", column: "sent_at", of: "" },
  { table: "acknowledgements", column: "acknowledged_at", of: "" },
] as const;

/** Instants in the future that were computed from those. */
const waits = [
  { table: "notifications", column: "ready_at", of: "and dead_delivery_id is null" },
  { table: "messages", column: "not_before_at", of: "and dead = 0" },
  { table: "keys", column: "hold_until_at", of: "" },
  { table: "keys", column: "probe_at", of: "" },
  { table: "media_ids", column: "expires_at", of: "" },
  { table: "silence_watches", column: "due_at", of: "" },
] as const;

/**
 * Moves all instants after `now` back by the distance of the latest record. Distances stay, so a slot frees no earlier than a window
 * after its answer. Returns that distance in ms; 0, and changes nothing, when no record lies in the future.
 */
export function moveBack(sql: SqliteConnection, now: number): Promise<number> {
  return sql.transaction(() => {
    const latest = recorded.map(({ table, column, of }) => {
      const [row] = sql.rows<{ readonly at: number | null }>(
        `select max(${column}) as at from ${table} where ${column} > ? ${of}`,
        now,
      );
      return row?.at ?? now;
    });
    const aheadMs = Math.max(...latest) - now;
    for (const { table, column, of } of aheadMs > 0 ? [...recorded, ...waits] : []) {
      sql.run(`update ${table} set ${column} = ${column} - ? where ${column} > ? ${of}`, aheadMs, now);
    }
    return aheadMs;
  });
}
