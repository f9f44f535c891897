// The one connection to the file, for one user at a time in the order of their requests. SQLite blocks the event loop while it works.

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { FirstRows, Sql, SqlDatabase } from "../engine.ts";
import { type AwayReason, OutboxAway } from "../errors.ts";

/** A read that may end early ends with the row in which this is over. */
const readMs = 1;

export class SqliteConnection implements SqlDatabase {
  readonly #database: DatabaseSync;
  /** The outbox has few statements: each is prepared once. */
  readonly #statements = new Map<string, StatementSync>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /**
   * Nobody else uses the connection until `work` ends. Inside of it, only `run`, `insert` and `rows` may be called. Rejects with
   * OutboxAway when the disk is full or fails.
   */
  alone<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.#last.then(work).catch((cause: unknown) => {
      throw asDiskAway(cause);
    });
    this.#last = result.catch(() => {});
    return result;
  }

  transaction<T>(work: (sql: Sql) => T | Promise<T>): Promise<T> {
    const sql: Sql = {
      all: async (text, parameters = []) => this.#all(text, parameters),
      isOneOf: (column, parameter) => this.isOneOf(column, parameter),
      contains: (column, parameter) => this.contains(column, parameter),
    };
    return this.alone(async () => {
      this.run("begin immediate");
      try {
        const result = await work(sql);
        this.run("commit");
        return result;
      } catch (cause) {
        // SQLite ends the transaction itself when the disk is full or fails; a second rollback would hide that error.
        if (this.#database.isTransaction) this.run("rollback");
        throw cause;
      }
    });
  }

  all<Row>(text: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.alone(() => this.#all<Row>(text, parameters));
  }

  firstRows<Row>(text: string, parameters: readonly unknown[], limit: number): Promise<FirstRows<Row>> {
    return this.alone(() => {
      const endsAt = performance.now() + readMs;
      const rows: Row[] = [];
      const statement = this.#prepared(`${text.replaceAll("$", "?")} limit ${limit}`);
      for (const row of statement.iterate(...(parameters as readonly SQLInputValue[]))) {
        rows.push({ ...row } as Row);
        if (performance.now() >= endsAt) return { rows, isLast: false };
      }
      return { rows, isLast: rows.length < limit };
    });
  }

  isOneOf(column: string, parameter: string): string {
    return `${column} in (select value from json_each(${parameter}))`;
  }

  contains(column: string, parameter: string): string {
    return `instr(${column}, ${parameter}) > 0`;
  }

  /** Parameters are `?1`, `?2` … or `?`. Returns how many rows changed. */
  run(text: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#prepared(text).run(...values).changes);
  }

  /** The id that the table gave to the row. */
  insert(text: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#prepared(text).run(...values).lastInsertRowid);
  }

  rows<Row>(text: string, ...values: readonly SQLInputValue[]): readonly Row[] {
    // SQLite's own have no prototype, and take twice the memory.
    return this.#prepared(text)
      .all(...values)
      .map((row) => ({ ...row }) as Row);
  }

  #all<Row>(text: string, parameters: readonly unknown[]): readonly Row[] {
    return this.rows(text.replaceAll("$", "?"), ...(parameters as readonly SQLInputValue[]));
  }

  #prepared(text: string): StatementSync {
    const statement = this.#statements.get(text) ?? this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

/** Primary result codes, sqlite.org/rescode.html: READONLY, IOERR, FULL, CANTOPEN. */
const awayReasons: ReadonlyMap<number, AwayReason> = new Map([
  [8, "notWritable"],
  [10, "notWritable"],
  [13, "diskFull"],
  [14, "notWritable"],
]);

function asDiskAway(cause: unknown): unknown {
  if (!(cause instanceof Error) || !("errcode" in cause)) return cause;
  // The lower byte is the primary code; the upper ones refine it.
  const reason = awayReasons.get(Number(cause.errcode) & 0xff);
  return reason === undefined ? cause : new OutboxAway(reason, cause);
}
