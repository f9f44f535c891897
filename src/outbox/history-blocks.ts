// The index of the history. Rows that are some minutes old are indexed in blocks (history-words.ts). So what is settled pays for no index
// of its texts, and a search reads few rows. Rows that have no block yet are read themselves. The slowest search is for words that most
// blocks have and few rows have together: it reads the words of all blocks of its time.

import type { SqlDatabase } from "./engine.ts";
import {
  type BlockIndex,
  bitsOf,
  blockIndex,
  hasBits,
  type IndexedRow,
  needlesOf,
  placesOfBlock,
  placesWith,
  type WordQuery,
} from "./history-words.ts";
import { comparedRanges, type IdRange, pagesOf, type SlicedReading, Slices } from "./slices.ts";

/** Of the texts of a block, in characters; a single row may have more. */
const blockLength = 256 * 1024;

/** Rows whose texts are read at once to be indexed. */
const unindexedAtOnce = 128;

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
  const slices = new Slices();
  while (!signal.aborted) {
    const rows = await rowsOfNextBlock({ db, slices }, now);
    if (rows === null) return;
    const index = await slices.finish(blockIndex(rows));
    await addBlock(db, rows, { ...index, now });
    await slices.next();
  }
}

/** Null when it is not due yet: rows may still be added to it. */
async function rowsOfNextBlock(reading: SlicedReading, now: number): Promise<readonly UnindexedRow[] | null> {
  const unindexed = pagesOf<UnindexedRow>(reading, {
    text: "select id, at, accepted_at, bot, outcome, search from history where id >= $1",
    order: "rising",
    firstId: (await lastIndexedId(reading.db)) + 1,
    parameters: [],
    atOnce: unindexedAtOnce,
  });
  const rows: UnindexedRow[] = [];
  let length = 0;
  for await (const page of unindexed) {
    for (const row of page) {
      const [first = row] = rows;
      length += row.search.length;
      if (row !== first && (row.id - first.id >= placesOfBlock || length > blockLength)) return rows;
      if (now - row.at < settledMs) return null;
      rows.push(row);
      if (row.id - first.id === placesOfBlock - 1) return rows;
    }
  }
  return null;
}

function addBlock(
  db: SqlDatabase,
  rows: readonly UnindexedRow[],
  { filter, words, now }: BlockIndex & { readonly now: number },
): Promise<void> {
  const firstId = rows[0]?.id ?? 0;
  const fromAt = rows.reduce((first, { accepted_at }) => Math.min(first, accepted_at), now);
  const untilAt = rows.reduce((last, { at }) => Math.max(last, at), 0);
  return db.transaction(async (sql) => {
    // Another replica may have made blocks of these rows, which begin with other rows when some were pruned.
    if (firstId <= (await lastIndexedId(sql))) return;
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

/** Rows to read; only these ids, where they are known. */
export interface RowChoice extends IdRange {
  readonly ids: readonly number[] | null;
}

export interface BlockQuery extends WordQuery {
  readonly fromAt: number;
  readonly untilAt: number;
  readonly maxId: number;
}

/** Blocks that are read at once, with their filters. */
const blocksAtOnce = 256;

/** Blocks whose words are read at once: the first of them may have all entries of the page. */
const textsAtOnce = 16;

/** Known ids of one choice. */
const idsAtOnce = 64;

/** All rows that may be found are among them; the latest first. */
export async function* choicesOf(reading: SlicedReading, query: BlockQuery): AsyncGenerator<RowChoice> {
  const { fromAt, untilAt, maxId } = query;
  const lastIndexed = await lastIndexedId(reading.db);
  const unindexed = comparedRanges(reading, "history", { first: lastIndexed + 1, last: maxId });
  for await (const range of unindexed) yield { ...range, ids: null };
  const needles = needlesOf(query);
  // Not by a join: PostgreSQL may read the filters of all later blocks for it.
  const filter =
    needles.length === 0 ? "null" : "(select filter from history_words where first_id = history_blocks.first_id)";
  const pages = pagesOf<BlockRow>(reading, {
    text: `select first_id as id, last_id as last, ${filter} as filter from history_blocks
      where first_id <= $1 and from_at < $2 and until_at >= $3`,
    order: "falling",
    firstId: Math.min(maxId, lastIndexed),
    parameters: [untilAt, fromAt],
    atOnce: blocksAtOnce,
  });
  if (needles.length > 0) yield* rowsWith(reading, { pages, needles, maxId });
  else {
    for await (const page of pages) {
      yield* page.map(({ id, last }) => ({ first: id, last: Math.min(last, maxId), ids: null }));
    }
  }
}

interface BlockRow {
  /** Of its first row. */
  readonly id: number;
  readonly last: number;
  /** Null where there are no needles. */
  readonly filter: Uint8Array | null;
}

interface NeedleQuery {
  readonly pages: AsyncIterable<readonly BlockRow[]>;
  readonly needles: readonly string[];
  readonly maxId: number;
}

async function* rowsWith(reading: SlicedReading, { pages, needles, maxId }: NeedleQuery): AsyncGenerator<RowChoice> {
  const bits = bitsOf(needles);
  let ids: number[] = [];
  for await (const page of pages) {
    const blocks = page.filter(({ filter }) => filter !== null && hasBits(filter, bits));
    for await (const { id, last, words } of withWords(reading, blocks)) {
      const places = placesWith(words, needles, Math.min(last, maxId) - id + 1);
      ids.push(...places.map((place) => id + place));
      for (; ids.length >= idsAtOnce; ids = ids.slice(idsAtOnce)) yield choiceOf(ids.slice(0, idsAtOnce));
      await reading.slices.next();
    }
  }
  if (ids.length > 0) yield choiceOf(ids);
}

/** @param ids falling */
function choiceOf(ids: readonly number[]): RowChoice {
  return { first: ids.at(-1) ?? 0, last: ids[0] ?? 0, ids };
}

interface WordsRow {
  readonly id: number;
  readonly words: string;
}

/** @param blocks by falling ids */
async function* withWords(
  reading: SlicedReading,
  blocks: readonly BlockRow[],
): AsyncGenerator<WordsRow & { readonly last: number }> {
  const lasts = new Map(blocks.map(({ id, last }) => [id, last]));
  for (let n = 0; n < blocks.length; n += textsAtOnce) {
    const ids = blocks.slice(n, n + textsAtOnce).map(({ id }) => id);
    const pages = pagesOf<WordsRow>(reading, {
      text: `select first_id as id, words from history_words
        where first_id <= $1 and ${reading.db.isOneOf("first_id", "$2", "bigint")}`,
      order: "falling",
      firstId: ids[0] ?? 0,
      parameters: [JSON.stringify(ids)],
      atOnce: textsAtOnce,
    });
    for await (const page of pages) yield* page.map((row) => ({ ...row, last: lasts.get(row.id) ?? 0 }));
  }
}
