import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import timers from "node:timers/promises";
import type { LoadedLane, OutboxEngine, StoredNotification } from "../engine.ts";
import type { HoldQuery } from "../lane.ts";
import type { LaneChange, WriteResult } from "../lane-change.ts";
import type { HistoryRecord, NewNotificationRow } from "../rows.ts";
import type { Replica } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";
import { loadLane } from "./load.ts";
import { recordAll, storeRows, writeChanges } from "./write.ts";

/** After a failed commit: the disk may be full for a while. */
const pauseMs = 1_000;

interface SqliteEngineOptions {
  readonly database: DatabaseSync;
  readonly connection: SqliteConnection;
  readonly run: number;
  readonly now: () => number;
}

export class SqliteEngine implements OutboxEngine {
  readonly run: number;
  readonly shared = false;
  readonly shrinks = true;
  readonly db: SqliteConnection;
  readonly now: () => number;
  readonly #database: DatabaseSync;

  constructor({ database, connection, run, now }: SqliteEngineOptions) {
    this.db = connection;
    this.run = run;
    this.now = now;
    this.#database = database;
  }

  // No other process shares the file.
  /** A file has one process. */
  shareConfig(): void {}

  async replicas(): Promise<readonly Replica[]> {
    return [];
  }

  term(): number {
    return 1;
  }
  announce(): void {}
  announceRetry(): void {}
  announceReleased(): void {}
  watch(): void {}

  store(
    rows: readonly NewNotificationRow[],
    records: readonly HistoryRecord[],
  ): Promise<readonly StoredNotification[]> {
    return this.db.transaction(() => {
      recordAll(this.db, records);
      return storeRows(this.db, rows);
    });
  }

  write(changes: readonly LaneChange[]): Promise<readonly WriteResult[]> {
    return this.db.transaction(async () => {
      const results = writeChanges(this.db, changes, this.now());
      // A file may have 20 MB: SQLite takes as long to commit it as to insert it.
      if (changes.some(({ held }) => held !== null && held.newMedia.length > 0)) await timers.setImmediate();
      return results;
    });
  }

  load(bot: string, query: HoldQuery): Promise<LoadedLane> {
    return loadLane(this.db, bot, query);
  }

  async pause(closing: AbortSignal): Promise<void> {
    await timers.setTimeout(pauseMs, null, { ref: false, signal: closing }).catch(() => {});
  }

  async diskBytes(): Promise<number> {
    const path = this.#database.location();
    const wal = path === null ? undefined : statSync(`${path}-wal`, { throwIfNoEntry: false });
    return this.#pragma("page_count") * this.#pragma("page_size") + (wal?.size ?? 0);
  }

  async reclaim(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#pragma("freelist_count") > 0) {
      await this.db.alone(() => this.#database.exec("pragma incremental_vacuum(500)"));
      await timers.setImmediate();
    }
    if (!signal.aborted) await this.db.alone(() => this.#database.exec("pragma wal_checkpoint(truncate)"));
  }

  /** Earlier calls are served first. */
  close(): Promise<void> {
    return this.db.alone(() => this.#database.close());
  }

  #pragma(name: string): number {
    return Number(this.#database.prepare(`pragma ${name}`).get()?.[name]);
  }
}
