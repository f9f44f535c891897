import type { OutboxEngine, Sql } from "./engine.ts";
import type { LaneBacklog } from "./store.ts";

export interface Backlog {
  readonly notifications: number;
  /** UTF-8 length of their JSON. */
  readonly bytes: number;
}

export const emptyBacklog: Backlog = { notifications: 0, bytes: 0 };

export function sumOfBacklogs(a: Backlog, b: Backlog): Backlog {
  return { notifications: a.notifications + b.notifications, bytes: a.bytes + b.bytes };
}

export function readBacklog(sql: Sql): Promise<readonly LaneBacklog[]> {
  return sql.all(`
    select bot, count(*) as notifications, min(accepted_at) as "oldestAcceptedAt"
    from notifications where dead_delivery_id is null group by bot`);
}

async function count(sql: Sql): Promise<Backlog> {
  const [total = emptyBacklog] = await sql.all<Backlog>(`
    select count(*) as notifications, coalesce(cast(sum(bytes) as bigint), 0) as bytes
    from notifications where dead_delivery_id is null`);
  return total;
}

/** Other processes may exceed the limits by what they accept in this time, and no more. */
const recountMs = 5_000;

/**
 * The size of the backlog, without counting at each accept: it is adjusted by our own changes. Where other processes add to it, it is
 * counted again every few seconds.
 */
export class BacklogCount {
  readonly #engine: OutboxEngine;
  #known: Backlog;
  #countedAt: number;
  /** Added since the running count began: it may be in that count or not, and too high is safe. */
  #addedMeanwhile: Backlog | null = null;

  private constructor(engine: OutboxEngine, first: Backlog) {
    this.#engine = engine;
    this.#known = first;
    this.#countedAt = engine.now();
  }

  static async open(engine: OutboxEngine): Promise<BacklogCount> {
    return new BacklogCount(engine, await count(engine.db));
  }

  /** Starts a new count in the background when the last one is old. */
  get(): Backlog {
    const isOld = this.#engine.shared && this.#engine.now() - this.#countedAt >= recountMs;
    if (isOld && this.#addedMeanwhile === null) void this.recount();
    return this.#known;
  }

  change(by: Backlog): void {
    this.#known = sumOfBacklogs(this.#known, by);
    if (this.#addedMeanwhile !== null && by.notifications > 0)
      this.#addedMeanwhile = sumOfBacklogs(this.#addedMeanwhile, by);
  }

  async recount(): Promise<void> {
    this.#addedMeanwhile = emptyBacklog;
    this.#countedAt = this.#engine.now();
    try {
      const counted = await count(this.#engine.db);
      this.#known = sumOfBacklogs(counted, this.#addedMeanwhile);
    } catch {
      // The database is away or slow: the known count stays, and a later accept counts again.
    } finally {
      this.#addedMeanwhile = null;
    }
  }
}
