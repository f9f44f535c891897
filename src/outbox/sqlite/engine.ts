import type { DatabaseSync } from "node:sqlite";
import timers from "node:timers/promises";
import type { LoadedLane, OutboxEngine, StoredNotification } from "../engine.ts";
import type { LaneChange, WriteResult } from "../lane-change.ts";
import { SqlRecords } from "../records.ts";
import type { NewNotificationRow } from "../rows.ts";
import type { HoldQuery, PruneLimits } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";
import { loadLane } from "./load.ts";
import { storeRows, writeChanges } from "./write.ts";

/** After a failed commit: the disk may be full for a while. */
const pauseMs = 1_000;

interface SqliteEngineOptions {
  readonly database: DatabaseSync;
  readonly connection: SqliteConnection;
  readonly run: number;
  readonly now: () => number;
  readonly listenerFailed: (cause: unknown) => void;
}

export class SqliteEngine extends SqlRecords implements OutboxEngine {
  readonly run: number;
  readonly shared = false;
  readonly listenerFailed: (cause: unknown) => void;
  readonly #database: DatabaseSync;
  readonly #connection: SqliteConnection;

  constructor({ database, connection, run, now, listenerFailed }: SqliteEngineOptions) {
    super(connection, now);
    this.run = run;
    this.listenerFailed = listenerFailed;
    this.#database = database;
    this.#connection = connection;
  }

  // No other process shares the file.
  mayDeliver(): boolean {
    return true;
  }
  announce(): void {}
  watch(): void {}

  store(rows: readonly NewNotificationRow[]): Promise<readonly StoredNotification[]> {
    return this.#connection.transaction(() => storeRows(this.#connection, rows));
  }

  write(changes: readonly LaneChange[]): Promise<readonly WriteResult[]> {
    return this.#connection.transaction(() => writeChanges(this.#connection, changes, this.now()));
  }

  load(bot: string, query: HoldQuery): Promise<LoadedLane> {
    return loadLane(this.#connection, bot, query);
  }

  async pause(closing: AbortSignal): Promise<void> {
    await timers.setTimeout(pauseMs, null, { ref: false, signal: closing }).catch(() => {});
  }

  override async prune(limits: PruneLimits, signal: AbortSignal): Promise<number> {
    const pruned = await super.prune(limits, signal);
    await this.#reclaim(signal);
    return pruned;
  }

  /** Earlier calls are served first. */
  close(): Promise<void> {
    return this.#connection.alone(() => this.#database.close());
  }

  async #reclaim(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#freePages() > 0) {
      await this.#connection.alone(() => this.#database.exec("pragma incremental_vacuum(500)"));
      await timers.setImmediate();
    }
    if (!signal.aborted) await this.#connection.alone(() => this.#database.exec("pragma wal_checkpoint(truncate)"));
  }

  #freePages(): number {
    return Number(this.#database.prepare("pragma freelist_count").get()?.freelist_count ?? 0);
  }
}
