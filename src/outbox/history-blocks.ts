// The index of the history. Rows that are some minutes old are indexed in blocks: a block has once what its rows are searched by. So
// what is settled pays for no index of its texts, and a search reads few rows. Rows that have no block yet are read themselves.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { SqlDatabase } from "./engine.ts";
import { firstUpTo } from "./group-commit.ts";

/** A search reads all rows of a block that may have what it looks for: SQLite takes about 1 ms. */
const rowsOfBlock = 512;

/** Of the texts of a block, in characters; a single row may have more. */
const blockLength = 256 * 1024;

/** Smaller ids may become visible later than larger ones: after this long, all rows of a block are there. */
const settledMs = 300_000;

interface UnindexedRow {
  readonly id: number;
  readonly at: number;
  readonly accepted_at: number;
  readonly bot: string;
  readonly outcome: string;
  readonly search: string;
}

/** Lines of a block that no label can be. */
export function outcomeLine(outcome: string): string {
  return `\u0001${outcome}`;
}

export function botLine(bot: string): string {
  return `\u0002${bot}`;
}

/** 0 when there is no block. */
async function lastIndexedId(db: Pick<SqlDatabase, "all">): Promise<number> {
  const [last] = await db.all<{ readonly id: number }>(
    "select last_id as id from history_blocks order by first_id desc limit 1",
  );
  return last?.id ?? 0;
}

/** Makes the blocks that are due. Another replica may make the same ones. */
export async function indexHistory(db: SqlDatabase, now: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const rows = await db.all<UnindexedRow>(
      `select id, at, accepted_at, bot, outcome, search from history where id > $1 order by id limit ${rowsOfBlock}`,
      [await lastIndexedId(db)],
    );
    const taken = firstUpTo(blockLength, rows, ({ search }) => search.length);
    const isFull = taken.length < rows.length || rows.length === rowsOfBlock;
    if (!isFull || taken.some(({ at }) => now - at < settledMs)) return;
    await addBlock(db, taken, now);
    await nextTurn();
  }
}

function addBlock(db: SqlDatabase, rows: readonly UnindexedRow[], now: number): Promise<void> {
  const terms = termsOf(rows);
  const firstId = rows[0]?.id;
  const fromAt = rows.reduce((first, { accepted_at }) => Math.min(first, accepted_at), now);
  const untilAt = rows.reduce((last, { at }) => Math.max(last, at), 0);
  return db.transaction(async (sql) => {
    await sql.all(
      `insert into history_blocks (first_id, last_id, from_at, until_at, length) values ($1, $2, $3, $4, $5)
      on conflict do nothing`,
      [firstId, rows.at(-1)?.id, fromAt, untilAt, terms.length],
    );
    await sql.all("insert into history_terms (first_id, terms) values ($1, $2) on conflict do nothing", [
      firstId,
      terms,
    ]);
  });
}

function termsOf(rows: readonly UnindexedRow[]): string {
  const lines = new Set<string>();
  for (const { bot, outcome, search } of rows) {
    lines.add(outcomeLine(outcome)).add(botLine(bot));
    for (const line of search.split("\n")) lines.add(line);
  }
  return [...lines].join("\n");
}

interface HistoryBlock {
  readonly first_id: number;
  readonly last_id: number;
  readonly length: number;
}

/** Of ids, both included. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
}

export interface BlockQuery {
  readonly fromAt: number;
  readonly untilAt: number;
  readonly maxId: number;
  /** A block must have all of them. */
  readonly lines: readonly string[];
}

/** What is looked through in one turn of the event loop: about 2 ms. */
const lengthAtOnce = 1024 * 1024;

/** Ids among which all rows are that may be found; the latest first. */
export async function* rangesOf(db: SqlDatabase, query: BlockQuery): AsyncGenerator<IdRange> {
  const lastIndexed = await lastIndexedId(db);
  const [newest] = await db.all<{ readonly id: number | null }>("select max(id) as id from history");
  for (let last = Math.min(newest?.id ?? 0, query.maxId); last > lastIndexed; last -= rowsOfBlock) {
    yield { first: Math.max(lastIndexed + 1, last - rowsOfBlock + 1), last };
  }
  let blocks = await db.all<HistoryBlock>(
    `select first_id, last_id, length from history_blocks
    where first_id <= $1 and from_at < $2 and until_at >= $3 order by first_id desc`,
    [query.maxId, query.untilAt, query.fromAt],
  );
  while (blocks.length > 0) {
    const some = firstUpTo(lengthAtOnce, blocks, ({ length }) => length);
    blocks = blocks.slice(some.length);
    for (const { first_id, last_id } of await blocksWith(db, some, query.lines)) {
      yield { first: first_id, last: Math.min(last_id, query.maxId) };
    }
    await nextTurn();
  }
}

async function blocksWith(
  db: SqlDatabase,
  blocks: readonly HistoryBlock[],
  lines: readonly string[],
): Promise<readonly HistoryBlock[]> {
  if (lines.length === 0) return blocks;
  const conditions = lines.map((_, n) => `and ${db.contains("terms", `$${n + 2}`)}`);
  const found = await db.all<{ readonly id: number }>(
    `select first_id as id from history_terms where ${db.isOneOf("first_id", "$1", "bigint")} ${conditions.join(" ")}`,
    [JSON.stringify(blocks.map(({ first_id }) => first_id)), ...lines],
  );
  const ids = new Set(found.map(({ id }) => id));
  return blocks.filter(({ first_id }) => ids.has(first_id));
}
