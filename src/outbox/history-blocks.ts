// The index of the history. Rows that are some minutes old are indexed in blocks (history-words.ts). So what is settled pays for no index
// of its texts, and a search reads few rows. Rows that have no block yet are read themselves. The slowest search is for words that most
// blocks have and few rows have together: it reads the words of all blocks of its time.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { SqlDatabase } from "./engine.ts";
import { firstUpTo } from "./group-commit.ts";
import {
  bitsOf,
  blockIndex,
  hasBits,
  type IndexedRow,
  needlesOf,
  placesOfBlock,
  placesWith,
  type WordQuery,
} from "./history-words.ts";

/** Of the texts of a block, in characters; a single row may have more. */
const blockLength = 256 * 1024;

/** Smaller ids may become visible later than larger ones: after this long, all rows of a block are there. */
const settledMs = 300_000;

interface UnindexedRow extends IndexedRow {
  readonly at: number;
  readonly accepted_at: number;
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
      `select id, at, accepted_at, bot, outcome, search from history where id > $1 order by id limit ${placesOfBlock}`,
      [await lastIndexedId(db)],
    );
    const placed = rows.filter(({ id }) => id < (rows[0]?.id ?? 0) + placesOfBlock);
    const taken = firstUpTo(blockLength, placed, ({ search }) => search.length);
    const isFull = taken.length < rows.length || rows.length === placesOfBlock;
    if (!isFull || taken.some(({ at }) => now - at < settledMs)) return;
    await nextTurn();
    await addBlock(db, taken, now);
    await nextTurn();
  }
}

function addBlock(db: SqlDatabase, rows: readonly UnindexedRow[], now: number): Promise<void> {
  const { filter, words } = blockIndex(rows);
  const firstId = rows[0]?.id;
  const fromAt = rows.reduce((first, { accepted_at }) => Math.min(first, accepted_at), now);
  const untilAt = rows.reduce((last, { at }) => Math.max(last, at), 0);
  return db.transaction(async (sql) => {
    await sql.all(
      `insert into history_blocks (first_id, last_id, from_at, until_at) values ($1, $2, $3, $4) on conflict do nothing`,
      [firstId, rows.at(-1)?.id, fromAt, untilAt],
    );
    await sql.all("insert into history_words (first_id, filter, words) values ($1, $2, $3) on conflict do nothing", [
      firstId,
      filter,
      words,
    ]);
  });
}

/** Rows to read, with ids from the first to the last; only these ids, where they are known. */
export interface RowChoice {
  readonly first: number;
  readonly last: number;
  readonly ids: readonly number[] | null;
}

export interface BlockQuery extends WordQuery {
  readonly fromAt: number;
  readonly untilAt: number;
  readonly maxId: number;
}

/** Blocks whose filters are read in one turn of the event loop: about 1 ms. */
const filtersAtOnce = 256;

/** Blocks whose words are read in one turn: about 1 ms. */
const textsAtOnce = 16;

/** Known ids of one choice. */
const idsAtOnce = 64;

/** All rows that may be found are among them; the latest first. */
export async function* choicesOf(db: SqlDatabase, query: BlockQuery): AsyncGenerator<RowChoice> {
  const { fromAt, untilAt, maxId } = query;
  const lastIndexed = await lastIndexedId(db);
  const [newest] = await db.all<{ readonly id: number | null }>("select max(id) as id from history");
  for (let last = Math.min(newest?.id ?? 0, maxId); last > lastIndexed; last -= placesOfBlock) {
    yield { first: Math.max(lastIndexed + 1, last - placesOfBlock + 1), last, ids: null };
  }
  const blocks = await db.all<RowChoice>(
    `select first_id as first, last_id as last, null as ids from history_blocks
    where first_id <= $1 and from_at < $2 and until_at >= $3 order by first_id desc`,
    [Math.min(maxId, lastIndexed), untilAt, fromAt],
  );
  const needles = needlesOf(query);
  if (needles.length === 0) yield* blocks.map((block) => ({ ...block, last: Math.min(block.last, maxId) }));
  else yield* rowsWith(db, { blocks: blocks.map(({ first }) => first), needles, maxId });
}

interface NeedleQuery {
  /** The first ids of blocks, falling. */
  readonly blocks: readonly number[];
  readonly needles: readonly string[];
  readonly maxId: number;
}

async function* rowsWith(db: SqlDatabase, { blocks, needles, maxId }: NeedleQuery): AsyncGenerator<RowChoice> {
  let ids: number[] = [];
  for await (const { first_id, last_id, words } of blocksWith(db, blocks, needles)) {
    const places = placesWith(words, needles, Math.min(last_id, maxId) - first_id + 1);
    ids.push(...places.map((place) => first_id + place));
    for (; ids.length >= idsAtOnce; ids = ids.slice(idsAtOnce)) yield choiceOf(ids.slice(0, idsAtOnce));
  }
  if (ids.length > 0) yield choiceOf(ids);
}

/** @param ids falling */
function choiceOf(ids: readonly number[]): RowChoice {
  return { first: ids.at(-1) ?? 0, last: ids[0] ?? 0, ids };
}

interface WordsRow {
  readonly first_id: number;
  readonly last_id: number;
  readonly words: string;
}

async function* blocksWith(
  db: SqlDatabase,
  blocks: readonly number[],
  needles: readonly string[],
): AsyncGenerator<WordsRow> {
  const bits = bitsOf(needles);
  const listed = `where ${db.isOneOf("first_id", "$1", "bigint")} order by first_id desc`;
  for (let n = 0; n < blocks.length; n += filtersAtOnce) {
    const filters = await db.all<{ readonly id: number; readonly filter: Uint8Array }>(
      `select first_id as id, filter from history_words ${listed}`,
      [JSON.stringify(blocks.slice(n, n + filtersAtOnce))],
    );
    const found = filters.filter(({ filter }) => hasBits(filter, bits)).map(({ id }) => id);
    for (let k = 0; k < found.length; k += textsAtOnce) {
      yield* await db.all<WordsRow>(
        `select first_id, last_id, words from history_words join history_blocks using (first_id) ${listed}`,
        [JSON.stringify(found.slice(k, k + textsAtOnce))],
      );
      await nextTurn();
    }
    await nextTurn();
  }
}
