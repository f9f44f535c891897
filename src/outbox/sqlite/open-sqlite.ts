// The outbox in one SQLite file of this process alone, through Node's built-in driver. The only file that writes SQLite's own
// dialect. A second process that names the same file is refused at once; kill -9 leaves no lock, since the kernel holds it.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Kysely, type SqliteDatabase, type SqliteStatement } from "kysely";
import { clearLeases } from "../lease.ts";
import { migrate } from "../migrate.ts";
import type { Schema } from "../schema.ts";
import { type Engine, SqlOutbox } from "../sql-outbox.ts";
import type { Outbox } from "../store.ts";
import { countWaiting } from "../waiting.ts";
import { OutboxUnusable } from "./outbox-unusable.ts";
import { moveBack } from "./set-back.ts";
import { SqliteInTurns } from "./turns.ts";

export interface SqliteOptions {
  /** Called with what an `onWork` listener threw; without it that is lost. */
  readonly listenerFailed?: (cause: unknown) => void;
  /** Epoch ms, the outbox's clock. At open nothing on record may lie beyond it; without it instants are taken as they stand. */
  readonly now?: () => number;
  /** Told by how much at least the clock was set back since the file was written, when it was. */
  readonly clockSetBack?: (byMs: number) => void;
}

/** Opens the file, making it and its folder when they are missing. Throws OutboxUnusable or NewerSchema. */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Outbox> {
  let database: DatabaseSync | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path, { timeout: 100 });
    return await outboxOn(database, options);
  } catch (cause) {
    if (database?.isOpen) database.close();
    throw OutboxUnusable.from(cause, path) ?? cause;
  }
}

/** For a database that is already open, and of nobody else. */
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
  return new Kysely<Schema>({ dialect: new SqliteInTurns({ database: new StatementCache(database) }) });
}

/** Order matters: the lock comes before the first access, and `auto_vacuum` before the first page is written. */
function prepareFile(database: DatabaseSync): void {
  database.exec("pragma locking_mode = exclusive");
  database.exec("pragma auto_vacuum = incremental");
  database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  // A transaction of many rows, or a large sort, else wants a temporary file, and a container's read-only root has no folder for it.
  database.exec("pragma temp_store = memory");
  database.exec("begin immediate; commit");
}

/** No other process shares the file. */
const alone: Pick<Engine, "lockCopies" | "announce" | "watch" | "retryWhileAway"> = {
  lockCopies: async () => {},
  announce: () => {},
  watch: () => {},
  retryWhileAway: (write) => write(),
};

async function engineOn(database: DatabaseSync, db: Kysely<Schema>, options: SqliteOptions): Promise<Engine> {
  let waiting = await countWaiting(db);
  /** Between transactions, never inside one: Kysely hands its single connection to one user at a time. */
  const onItsOwn = (sql: string) => db.connection().execute(async () => database.exec(sql));
  return {
    db,
    now: options.now ?? Date.now,
    waiting: async () => waiting,
    waitingChanged: (by) => {
      waiting = { notifications: waiting.notifications + by.notifications, bytes: waiting.bytes + by.bytes };
    },
    async reclaim(signal) {
      while (!signal.aborted && freePages(database) > 0) {
        await onItsOwn("pragma incremental_vacuum(500)");
        await nextTurn();
      }
      if (!signal.aborted) await onItsOwn("pragma wal_checkpoint(truncate)");
    },
    async close() {
      // Whoever asked for the connection before us is served before us.
      await db.connection().execute(async () => {});
      await db.destroy();
    },
    listenerFailed: options.listenerFailed ?? (() => {}),
    ...alone,
  };
}

function freePages(database: DatabaseSync): number {
  return Number(database.prepare("pragma freelist_count").get()?.freelist_count ?? 0);
}

/** More than the outbox has statements: in steady state none is prepared twice and none is finalised. */
const statementsKept = 300;

/** node:sqlite as Kysely's SqliteDialect wants it, which is better-sqlite3's shape. */
class StatementCache implements SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  prepare(sql: string): SqliteStatement {
    // SQLite ends the transaction itself when the disk is full or fails; a second rollback would hide that error behind its own.
    if (sql === "rollback" && !this.#database.isTransaction) return nothingToDo;
    const kept = this.#statements.get(sql) ?? this.#prepare(sql);
    // The map keeps the order of use, so that the first entry is the one not used for longest.
    this.#statements.delete(sql);
    this.#statements.set(sql, kept);
    for (const oldest of this.#statements.keys()) {
      if (this.#statements.size <= statementsKept) break;
      this.#statements.delete(oldest);
    }
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

const nothingToDo: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
};
