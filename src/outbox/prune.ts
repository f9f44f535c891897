// Deletes what was settled long ago, the oldest first, in transactions of a few milliseconds with the event loop free in between. If
// we die here, a settled delivery has lost some of its rows; the next prune deletes the rest.

import { setImmediate as nextTurn } from "node:timers/promises";
import { pruneMedia } from "./media.ts";
import type { Database } from "./schema.ts";
import { filledLists } from "./statement-sizes.ts";

const deliveriesAtOnce = 64;
const rowsAtOnce = 512;

/** Returns how many notifications were deleted. Stops early when `signal` aborts. */
export async function pruneSettled(db: Database, before: number, signal: AbortSignal): Promise<number> {
  let pruned = 0;
  for (;;) {
    const rows = await db
      .selectFrom("deliveries")
      .select("id")
      .where("settled_at", "<", before)
      .orderBy("settled_at")
      .limit(deliveriesAtOnce)
      .execute();
    for (const ids of filledLists(rows.map(({ id }) => id))) {
      pruned += await repeat(signal, () => deleteOf(db, "notifications", ids));
      await repeat(signal, () => deleteOf(db, "messages", ids));
      // Last, and not when aborted: without its delivery a row would never be found again.
      if (!signal.aborted) await db.deleteFrom("deliveries").where("id", "in", ids).execute();
    }
    if (signal.aborted || rows.length < deliveriesAtOnce) break;
  }
  await repeat(signal, () => deleteAttempts(db, before));
  if (!signal.aborted) await pruneMedia(db, before);
  return pruned;
}

/** Until a round deletes less than it could. */
async function repeat(signal: AbortSignal, deleteSome: () => Promise<number>): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const deleted = await deleteSome();
    await nextTurn();
    total += deleted;
    if (deleted < rowsAtOnce) break;
  }
  return total;
}

async function deleteOf(
  db: Database,
  table: "notifications" | "messages",
  deliveryIds: readonly number[],
): Promise<number> {
  const deleted = await db
    .deleteFrom(table)
    .where("id", "in", (eb) =>
      eb.selectFrom(table).select("id").where("delivery_id", "in", deliveryIds).limit(rowsAtOnce),
    )
    .executeTakeFirst();
  return Number(deleted.numDeletedRows);
}

/** Open ones too: an attempt begun so long ago gets no answer any more, and its slot must not stay taken forever. */
async function deleteAttempts(db: Database, before: number): Promise<number> {
  const deleted = await db
    .deleteFrom("attempts")
    .where("id", "in", (eb) =>
      eb
        .selectFrom("attempts")
        .select("id")
        .where("started_at", "<", before)
        .where((or) => or.or([or("answered_at", "is", null), or("answered_at", "<", before)]))
        .limit(rowsAtOnce),
    )
    .executeTakeFirst();
  return Number(deleted.numDeletedRows);
}
