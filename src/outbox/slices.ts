// Long work in slices of the event loop. It is done in small steps, and the loop is free after as many of them as fit into a slice: a
// delivery or a webhook that waits for the loop waits for one slice.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { SqlDatabase } from "./engine.ts";
import { firstUpTo } from "./group-commit.ts";

/** The step in which this is over is the last of its slice. A garbage collection may fall into it, and takes longer. */
const sliceMs = 1;

export class Slices {
  #startedAt = performance.now();

  /** Between two steps. */
  async next(): Promise<void> {
    if (this.#isOver()) await this.#turn();
  }

  /** Each `yield` of the work ends a step. */
  async finish<T>(work: Generator<void, T>): Promise<T> {
    let step = work.next();
    for (; step.done !== true; step = work.next()) if (this.#isOver()) await this.#turn();
    return step.value;
  }

  #isOver(): boolean {
    return performance.now() - this.#startedAt >= sliceMs;
  }

  async #turn(): Promise<void> {
    await nextTurn();
    this.#startedAt = performance.now();
  }
}

export interface SlicedReading {
  readonly db: SqlDatabase;
  readonly slices: Slices;
}

interface KeyedRow {
  readonly id: number;
}

interface KeyedSelect {
  /** Without an order. Its `$1` is the first id that it may return. */
  readonly text: string;
  readonly order: "rising" | "falling";
  readonly firstId: number;
  /** From `$2` on. */
  readonly parameters: readonly unknown[];
  /** No more rows than this are read ahead. */
  readonly atOnce: number;
}

/** All rows of the select, in the order of their ids. */
export async function* pagesOf<Row extends KeyedRow>(
  { db, slices }: SlicedReading,
  { text, order, firstId, parameters, atOnce }: KeyedSelect,
): AsyncGenerator<readonly Row[]> {
  const ordered = `${text} order by id ${order === "rising" ? "asc" : "desc"}`;
  let first = firstId;
  for (;;) {
    const { rows, isLast } = await db.firstRows<Row>(ordered, [first, ...parameters], atOnce);
    yield rows;
    const last = rows.at(-1);
    if (isLast || last === undefined) return;
    first = last.id + (order === "rising" ? 1 : -1);
    await slices.next();
  }
}

/** From the first to the last. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
}

/** Of the texts that one statement compares, in bytes: what does not match is no row, so nothing ends the statement early. */
const comparedBytes = 256 * 1024;

const comparedRows = 1_024;

/** All rows of a range of ids, the latest first, by ranges of which one statement may compare all texts. */
export async function* comparedRanges(
  reading: SlicedReading,
  table: "history" | "notifications",
  { first, last }: IdRange,
): AsyncGenerator<IdRange> {
  const pages = pagesOf<KeyedRow & { readonly bytes: number }>(reading, {
    text: `select id, octet_length(search) as bytes from ${table} where id <= $1 and id >= $2`,
    order: "falling",
    firstId: last,
    parameters: [first],
    atOnce: comparedRows,
  });
  for await (let rows of pages) {
    while (rows.length > 0) {
      const compared = firstUpTo(comparedBytes, rows, ({ bytes }) => bytes);
      yield { first: compared.at(-1)?.id ?? 0, last: compared[0]?.id ?? 0 };
      rows = rows.slice(compared.length);
    }
  }
}
