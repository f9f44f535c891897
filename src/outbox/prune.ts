// Deletes what was settled long ago, and marks that have no use any more, in transactions of a few milliseconds with the event loop
// free in between. If we die here, the next prune deletes the rest.

import { setImmediate as nextTurn } from "node:timers/promises";
import { acknowledgedMs } from "../domain/action.ts";
import type { SqlDatabase } from "./engine.ts";
import type { PruneLimits } from "./store.ts";

const rowsAtOnce = 512;

export interface PruneInstants extends PruneLimits {
  readonly now: number;
}

/** Returns how many entries of the history were deleted. Stops early when its signal aborts. */
export async function pruneRecords(pruning: Pruning, instants: PruneInstants): Promise<number> {
  const { settledBefore, attemptsBefore, now } = instants;
  const { db, signal } = pruning;
  const pruned = await pruneHistory(pruning, settledBefore);
  await pruneDead(pruning, settledBefore);
  await pruneIdentities(pruning, settledBefore);
  await walk(pruning, { table: "signatures", key: "id", where: "expires_at <= $1", parameter: now }, "");
  if (!signal.aborted) await pruneActions(pruning, instants);
  await walk(pruning, { table: "attempts", key: "id", where: isOldAttempt, parameter: attemptsBefore }, 0);
  if (!signal.aborted) await db.all("delete from media_ids where expires_at <= $1", [now]);
  await deleteFirst(pruning, { table: "media", key: "hash", where: isUnusedMedia, parameter: attemptsBefore });
  return pruned;
}

/** Small tables. */
async function pruneActions({ db }: Pruning, { now, settledBefore }: PruneInstants): Promise<void> {
  await db.all("delete from acknowledgements where acknowledged_at <= $1", [now - acknowledgedMs]);
  await db.all("delete from silence_watches where ends_at < $1", [settledBefore]);
}

/** One without an answer is deleted when nobody can look for the answer: its message is gone. */
const isOldAttempt = `started_at < $1 and (
  answered_at < $1
  or answered_at is null and not exists (select 1 from messages where messages.id = attempts.message_id)
)`;

/** A file that was stored a moment ago may get its message in the same moment. */
const isUnusedMedia = "created_at < $1 and not exists (select 1 from messages where media_hash = media.hash)";

/** The oldest tenth of the history, by their ids. Returns how many there were. */
export async function pruneOldest(pruning: Pruning): Promise<number> {
  const [ids] = await pruning.db.all<{ readonly first: number | null; readonly last: number | null }>(
    "select (select min(id) from history) as first, (select max(id) from history) as last",
  );
  if (ids?.first == null || ids.last === null) return 0;
  const upTo = ids.first + Math.floor((ids.last - ids.first) / 10);
  const pruned = await deleteFirst(pruning, { table: "history", key: "id", where: "id <= $1", parameter: upTo });
  await pruneBlocks(pruning.db);
  return pruned;
}

/** By which duplicates and news are recognised. */
export async function pruneIdentities(pruning: Pruning, before: number): Promise<void> {
  await walk(pruning, { table: "dedup", key: "key", where: "accepted_at < $1", parameter: before }, "");
  await pruneStates(pruning, before);
}

export interface Pruning {
  readonly db: SqlDatabase;
  readonly signal: AbortSignal;
}

type Key = string | number;

interface KeyOfRow {
  readonly key: Key;
}

interface OldRows {
  readonly table: string;
  readonly key: string;
  /** Its parameter is `$1`. */
  readonly where: string;
  readonly parameter: number;
}

/** Its ids grow with time, so the oldest rows come first. Where a clock was set, some are left to a later prune. */
async function pruneHistory({ db, signal }: Pruning, settledBefore: number): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const deleted = await db.all(
      `delete from history where id in (select id from history order by id limit ${rowsAtOnce}) and at < $1 returning id`,
      [settledBefore],
    );
    total += deleted.length;
    if (deleted.length === 0) break;
    await nextTurn();
  }
  if (total > 0) await pruneBlocks(db);
  return total;
}

/** Those of which no row is left. */
async function pruneBlocks(db: SqlDatabase): Promise<void> {
  const first = `coalesce((select min(id) from history), ${Number.MAX_SAFE_INTEGER})`;
  await db.all(`delete from history_words where first_id in (
    select first_id from history_blocks where first_id < ${first} and last_id < ${first}
  )`);
  await db.all(`delete from history_blocks where first_id < ${first} and last_id < ${first}`);
}

/** Bot by bot: that is the beginning of their key. */
async function pruneStates({ db, signal }: Pruning, deliveredBefore: number): Promise<void> {
  for (const { bot } of await db.all<{ readonly bot: string }>("select bot from lanes")) {
    if (signal.aborted) return;
    await db.all("delete from states where bot = $1 and delivered_at < $2", [bot, deliveredBefore]);
    await nextTurn();
  }
}

/** For conditions that have an index, or a small table. */
async function deleteFirst({ db, signal }: Pruning, { table, key, where, parameter }: OldRows): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const deleted = await db.all(
      `delete from ${table} where ${key} in (select ${key} from ${table} where ${where} limit ${rowsAtOnce})
      returning ${key}`,
      [parameter],
    );
    total += deleted.length;
    if (deleted.length < rowsAtOnce) break;
    await nextTurn();
  }
  return total;
}

/** For conditions without an index: all rows with a key after `first` are looked at, in the order of their key. */
async function walk({ db, signal }: Pruning, { table, key, where, parameter }: OldRows, first: Key): Promise<void> {
  let after: Key | undefined = first;
  while (after !== undefined && !signal.aborted) {
    const [last]: readonly KeyOfRow[] = await db.all(
      `select ${key} as key from ${table} where ${key} > $1 order by ${key} limit 1 offset ${rowsAtOnce - 1}`,
      [after],
    );
    const upTo = last === undefined ? "" : `and ${key} <= $3`;
    const ends = last === undefined ? [after] : [after, last.key];
    await db.all(`delete from ${table} where ${where} and ${key} > $2 ${upTo}`, [parameter, ...ends]);
    after = last?.key;
    await nextTurn();
  }
}

async function pruneDead(pruning: Pruning, before: number): Promise<void> {
  const { db, signal } = pruning;
  while (!signal.aborted) {
    const [delivery] = await db.all<{ readonly id: number }>(
      "select id from deliveries where settled_at < $1 order by settled_at limit 1",
      [before],
    );
    if (delivery === undefined) break;
    const ofDelivery = { table: "notifications", key: "id", where: "dead_delivery_id = $1", parameter: delivery.id };
    await deleteFirst(pruning, ofDelivery);
    // Last, and not when aborted: without its delivery a notification would never be found again.
    if (signal.aborted) break;
    await db.transaction(async (sql) => {
      await sql.all("delete from messages where delivery_id = $1", [delivery.id]);
      await sql.all("delete from deliveries where id = $1", [delivery.id]);
    });
    await nextTurn();
  }
}
