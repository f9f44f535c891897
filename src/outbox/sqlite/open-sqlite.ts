// The outbox in one SQLite file, used by this process only, through Node's built-in driver. A second process that opens the same file
// fails at once. A killed process leaves no lock, since the kernel releases it.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Kysely, type SqliteDatabase, type SqliteStatement } from "kysely";
import { countBacklog, sumOfBacklogs } from "../backlog.ts";
import { clearLeases } from "../lease.ts";
import { migrate } from "../migrate.ts";
import type { Schema } from "../schema.ts";
import { type Engine, SqlOutbox } from "../sql-outbox.ts";
import type { Outbox } from "../store.ts";
import { moveBack } from "./set-back.ts";
import { turnsDialect } from "./turns.ts";

export interface SqliteOptions {
  /** Called with what an `onWork` listener threw. */
  readonly listenerFailed?: (cause: unknown) => void;
  /** Epoch ms, the outbox's clock. Instants of the file that lie after it are moved back at open; without it they stay. */
  readonly now?: () => number;
  /** Called when the clock was set back since the file was written, with the least it was set back by. */
  readonly clockSetBack?: (byMs: number) => void;
}

/** Opens the file, and creates it and its folder when they are missing. Throws NewerSchema, or an error that says what is wrong with the file. */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Outbox> {
  let database: DatabaseSync | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path, { timeout: 100 });
    return await outboxOn(database, options);
  } catch (cause) {
    if (database?.isOpen) database.close();
    throw unusable(cause, path) ?? cause;
  }
}

/** For a database that is already open, and that only this outbox uses. */
export async function outboxOn(database: DatabaseSync, options: SqliteOptions = {}): Promise<Outbox> {
  prepareFile(database);
  const db = kyselyOn(database);
  await migrate(db, "integer primary key autoincrement");
  await clearLeases(db);
  const aheadMs = options.now === undefined ? 0 : await moveBack(db, options.now());
  if (aheadMs > 0) options.clockSetBack?.(aheadMs);
  return new SqlOutbox(await engineOn(database, db, options));
}

export function kyselyOn(database: DatabaseSync): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: turnsDialect(new StatementCache(database)) });
}

/** Order matters: the lock comes before the first access, and `auto_vacuum` before the first page is written. */
function prepareFile(database: DatabaseSync): void {
  database.exec("pragma locking_mode = exclusive");
  database.exec("pragma auto_vacuum = incremental");
  database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  // Else a large transaction or sort writes a temporary file, for which a container with a read-only root has no folder.
  database.exec("pragma temp_store = memory");
  database.exec("begin immediate; commit");
}

async function engineOn(database: DatabaseSync, db: Kysely<Schema>, options: SqliteOptions): Promise<Engine> {
  let backlog = await countBacklog(db);
  /** Between transactions, never inside one: only one user at a time has the single connection. */
  const onItsOwn = (sql: string) => db.connection().execute(async () => database.exec(sql));
  return {
    db,
    now: options.now ?? Date.now,
    backlog: async () => backlog,
    backlogChanged: (by) => {
      backlog = sumOfBacklogs(backlog, by);
    },
    // No other process shares the file.
    lockCopies: async () => {},
    announce: () => {},
    watch: () => {},
    retryWhileAway: (write) => write(),
    async reclaim(signal) {
      while (!signal.aborted && freePages(database) > 0) {
        await onItsOwn("pragma incremental_vacuum(500)");
        await nextTurn();
      }
      if (!signal.aborted) await onItsOwn("pragma wal_checkpoint(truncate)");
    },
    async close() {
      // Earlier requests for the connection are served first.
      await db.connection().execute(async () => {});
      await db.destroy();
    },
    listenerFailed: options.listenerFailed ?? (() => {}),
  };
}

function freePages(database: DatabaseSync): number {
  return Number(database.prepare("pragma freelist_count").get()?.freelist_count ?? 0);
}

/** node:sqlite in the shape of better-sqlite3, which Kysely's SqliteDialect expects. The outbox has few statements: each is prepared once. */
class StatementCache implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  prepare(sql: string): SqliteStatement {
    // SQLite ends the transaction itself when the disk is full or fails; a second rollback would hide that error.
    if (sql === "rollback" && !this.#database.isTransaction) return noStatement;
    const kept = this.#statements.get(sql) ?? this.#prepare(sql);
    this.#statements.set(sql, kept);
    return kept;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare(sql: string): SqliteStatement {
    const statement = this.#database.prepare(sql);
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...(parameters as readonly SQLInputValue[])),
      run: (parameters) => statement.run(...(parameters as readonly SQLInputValue[])),
      iterate: (parameters) => statement.iterate(...(parameters as readonly SQLInputValue[])),
    };
  }
}

const noStatement: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};

type UnusableCode = "outbox_locked" | "outbox_unwritable" | "outbox_corrupt";

/** With the code, the file, the cause and the next step; null when the cause is not the file. */
function unusable(cause: unknown, path: string): Error | null {
  const code = codeOf(cause);
  return code === null ? null : Object.assign(new Error(messages[code](path), { cause }), { code });
}

const messages: Readonly<Record<UnusableCode, (path: string) => string>> = {
  outbox_locked: (path) =>
    `the outbox ${path} is in use by another process: stop that one, or give this one another file (one file serves one process)`,
  outbox_unwritable: (path) =>
    `the outbox ${path} cannot be written: check that this user may write the file and its folder, and that the disk has free space`,
  outbox_corrupt: (path) =>
    `the outbox ${path} is not a readable database: restore it from a backup, or move it away to start with an empty one (alerts that wait in it are then not delivered)`,
};

/** Primary result codes, sqlite.org/rescode.html: BUSY, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB. */
const bySqlite: ReadonlyMap<number, UnusableCode> = new Map([
  [5, "outbox_locked"],
  [8, "outbox_unwritable"],
  [10, "outbox_unwritable"],
  [11, "outbox_corrupt"],
  [13, "outbox_unwritable"],
  [14, "outbox_unwritable"],
  [26, "outbox_corrupt"],
]);

const bySystem = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOSPC", "ENOENT"]);

function codeOf(cause: unknown): UnusableCode | null {
  if (!(cause instanceof Error)) return null;
  // The lower byte is the primary code; the upper ones refine it.
  if ("errcode" in cause && typeof cause.errcode === "number") return bySqlite.get(cause.errcode & 0xff) ?? null;
  return "code" in cause && bySystem.has(String(cause.code)) ? "outbox_unwritable" : null;
}
