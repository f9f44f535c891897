// The outbox in one SQLite file, used by this process only, through Node's built-in driver. A second process that opens the same file
// fails at once. A killed process leaves no lock, since the kernel releases it.

import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { noWatcher } from "../commit-watcher.ts";
import { OutboxAway } from "../errors.ts";
import { migrate, type TableDialect } from "../migrate.ts";
import { SqlOutbox, type SqlOutboxOptions } from "../sql-outbox.ts";
import type { Outbox } from "../store.ts";
import { SqliteConnection } from "./connection.ts";
import { SqliteEngine } from "./engine.ts";
import { moveBack } from "./set-back.ts";

export interface SqliteOptions extends Partial<SqlOutboxOptions> {
  /** Epoch ms, the outbox's clock. Instants of the file that lie after it are moved back at open; without it they stay. */
  readonly now?: () => number;
  /** Called when the clock was set back since the file was written, with the least it was set back by. */
  readonly clockSetBack?: (byMs: number) => void;
}

const defaultBodiesLength = 8 * 2 ** 20;

/** Opens the file, and creates it and its folder when they are missing, for this user only. Throws NewerSchema, or an error that says what is wrong with the file. */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Outbox> {
  let database: DatabaseSync | null = null;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its -wal file the permissions of this one.
    closeSync(openSync(path, "a", 0o600));
    database = new DatabaseSync(path, { timeout: 100 });
    return await outboxOn(database, options);
  } catch (cause) {
    if (database?.isOpen) database.close();
    throw unusable(cause instanceof OutboxAway ? cause.cause : cause, path) ?? cause;
  }
}

/** For a database that is already open, and that only this outbox uses. */
export async function outboxOn(database: DatabaseSync, options: SqliteOptions = {}): Promise<Outbox> {
  prepareFile(database);
  const connection = new SqliteConnection(database);
  const run = await connection.transaction(({ all }) => migrate(all, tableDialect));
  const { now = Date.now, listenerFailed = () => {}, watcher = noWatcher } = options;
  const { maxBodiesLength = defaultBodiesLength } = options;
  const aheadMs = options.now === undefined ? 0 : await moveBack(connection, now());
  if (aheadMs > 0) options.clockSetBack?.(aheadMs);
  const engine = new SqliteEngine({ database, connection, run, now });
  return SqlOutbox.open(engine, { maxBodiesLength, listenerFailed, watcher });
}

/** With these, the rows are kept in the tree of their key, and not in a second one. */
export const tableDialect: TableDialect = {
  ownId: "integer primary key autoincrement",
  givenId: "integer primary key",
  blob: "blob",
  byKey: "without rowid",
  changedOnce: "",
};

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

type UnusableCode = "outbox_locked" | "outbox_unwritable" | "outbox_corrupt";

/** With the code, the file, the cause and the next step; null when the cause is not the file. */
function unusable(cause: unknown, path: string): Error | null {
  const code = codeOf(cause);
  return code === null ? null : Object.assign(new Error(messages[code](path), { cause }), { code });
}

const messages: Readonly<Record<UnusableCode, (path: string) => string>> = {
  outbox_locked: (path) =>
    `the outbox ${path} is in use by another process, perhaps another start of this service: stop that one, or give this one a file of its own in its config, like storage: sqlite:data/second.db`,
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

const bySystem = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR", "ENOSPC", "ENOENT"]);

function codeOf(cause: unknown): UnusableCode | null {
  if (!(cause instanceof Error)) return null;
  // The lower byte is the primary code; the upper ones refine it.
  if ("errcode" in cause && typeof cause.errcode === "number") return bySqlite.get(cause.errcode & 0xff) ?? null;
  return "code" in cause && bySystem.has(String(cause.code)) ? "outbox_unwritable" : null;
}
