// The part of an engine that is not on the way of every notification, in one SQL for SQLite and PostgreSQL.

import { dropDead, readDead, replayDead } from "./dead.ts";
import type { CountedBacklog, ReplayedDeliveries, StoredBody } from "./engine.ts";
import { searchHistory } from "./history.ts";
import { pruneRecords } from "./prune.ts";
import type { MediaRow } from "./rows.ts";
import type { SqlDatabase } from "./sql.ts";
import type { DeadDelivery, HistoryEntry, HistoryQuery, PruneLimits } from "./store.ts";

export class SqlRecords {
  readonly now: () => number;
  readonly #db: SqlDatabase;

  constructor(db: SqlDatabase, now: () => number) {
    this.now = now;
    this.#db = db;
  }

  async acceptedAt(dedupKeys: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const isOne = this.#db.isOneOf("key", "$1", "text");
    const rows = await this.#db.all<{ readonly key: string; readonly at: number }>(
      `select key, accepted_at as at from dedup where ${isOne}`,
      [JSON.stringify(dedupKeys)],
    );
    return new Map(rows.map(({ key, at }) => [key, at]));
  }

  bodies(ids: readonly number[]): Promise<readonly StoredBody[]> {
    const isOne = this.#db.isOneOf("id", "$1", "bigint");
    return this.#db.all(`select id, body from notifications where ${isOne}`, [JSON.stringify(ids)]);
  }

  async media(hash: string): Promise<MediaRow | null> {
    const [row = null] = await this.#db.all<MediaRow>("select * from media where hash = $1", [hash]);
    return row;
  }

  backlog(): Promise<readonly CountedBacklog[]> {
    return this.#db.all(`
      select bot, count(*) as notifications, cast(sum(bytes) as bigint) as bytes, min(accepted_at) as "oldestAcceptedAt"
      from notifications where dead_delivery_id is null group by bot`);
  }

  dead(maxDeliveries: number): Promise<readonly DeadDelivery[]> {
    return readDead(this.#db, maxDeliveries);
  }

  replay(ids: readonly number[]): Promise<ReplayedDeliveries> {
    return replayDead(this.#db, ids);
  }

  drop(ids: readonly number[]): Promise<readonly number[]> {
    return dropDead(this.#db, ids, this.now());
  }

  history(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    return searchHistory(this.#db, query);
  }

  prune(limits: PruneLimits, signal: AbortSignal): Promise<number> {
    return pruneRecords(this.#db, { ...limits, now: this.now() }, signal);
  }
}
