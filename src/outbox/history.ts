import { setImmediate as nextTurn } from "node:timers/promises";
import type { Sql } from "./engine.ts";
import type { HistoryEntry, HistoryQuery } from "./store.ts";

/** A text may be rare, and SQLite blocks the event loop while it searches: this many rows take about 5 ms. */
const rowsAtOnce = 2_048;

/** Rows of a slice lie at or after its end, and before the end of the slice before. */
interface SliceEnd {
  readonly at: number;
  readonly id: number;
}

/** The latest first. */
export async function searchHistory(sql: Sql, query: HistoryQuery): Promise<readonly HistoryEntry[]> {
  const { fromAt, untilAt, bot, outcome, maxEntries } = query;
  const text = containing(query.text);
  const found: HistoryEntry[] = [];
  let before: SliceEnd = { at: untilAt, id: 0 };
  while (found.length < maxEntries) {
    const [end] = await sql.all<SliceEnd>(
      `select at, id from history where at >= $1 and (at, id) < ($2, $3)
      order by at desc, id desc limit 1 offset ${rowsAtOnce - 1}`,
      [fromAt, before.at, before.id],
    );
    // Upper case of letters that are not ASCII is told apart by SQLite.
    const slice = await sql.all<HistoryEntry>(
      `select id, bot, outcome, at, accepted_at as "acceptedAt", mode, delivery_id as "deliveryId", summary from history
      where (at, id) >= ($1, $2) and (at, id) < ($3, $4)
        and (cast($5 as text) is null or bot = $5) and (cast($6 as text) is null or outcome = $6)
        and lower(summary) like lower($7) escape '\\'
      order by at desc, id desc limit $8`,
      [end?.at ?? fromAt, end?.id ?? 0, before.at, before.id, bot, outcome, text, maxEntries - found.length],
    );
    found.push(...slice);
    if (end === undefined) break;
    before = end;
    await nextTurn();
  }
  return found;
}

function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}
