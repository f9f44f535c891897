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

export function backlogOf(notifications: readonly { readonly bytes: number }[]): Backlog {
  return { notifications: notifications.length, bytes: notifications.reduce((sum, { bytes }) => sum + bytes, 0) };
}

export function readBacklog(sql: Sql): Promise<readonly LaneBacklog[]> {
  return sql.all(`
    select bot, count(*) as notifications, min(accepted_at) as "oldestAcceptedAt"
    from notifications where dead_delivery_id is null group by bot`);
}

interface BotBacklog extends Backlog {
  readonly bot: string;
}

async function countByBot(sql: Sql): Promise<Map<string, Backlog>> {
  const counts = await sql.all<BotBacklog>(`
    select bot, count(*) as notifications, cast(sum(bytes) as bigint) as bytes
    from notifications where dead_delivery_id is null group by bot`);
  return new Map(counts.map(({ bot, ...backlog }) => [bot, backlog]));
}

/** Other processes may exceed the limits by what they accept in this time, and no more. */
const recountMs = 5_000;

/**
 * The size of each bot's backlog, without counting at each accept: it is adjusted by our own changes. Where other processes add to it,
 * it is counted again every few seconds.
 */
export class BacklogCount {
  readonly #engine: OutboxEngine;
  #known: Map<string, Backlog>;
  #countedAt: number;

  private constructor(engine: OutboxEngine, first: Map<string, Backlog>) {
    this.#engine = engine;
    this.#known = first;
    this.#countedAt = engine.now();
  }

  static async open(engine: OutboxEngine): Promise<BacklogCount> {
    return new BacklogCount(engine, await countByBot(engine.db));
  }

  /**
   * Counts when the last count is old. Must not be called while a commit adds to the backlog: what that adds would be counted twice.
   * What leaves the backlog meanwhile, or is replayed, may be missed until the next count.
   */
  async get(): Promise<ReadonlyMap<string, Backlog>> {
    if (this.#engine.shared && this.#engine.now() - this.#countedAt >= recountMs) await this.#recount();
    return this.#known;
  }

  change(bot: string, by: Backlog): void {
    const sum = sumOfBacklogs(this.#known.get(bot) ?? emptyBacklog, by);
    if (sum.notifications > 0) this.#known.set(bot, sum);
    else this.#known.delete(bot);
  }

  async #recount(): Promise<void> {
    this.#countedAt = this.#engine.now();
    try {
      this.#known = await countByBot(this.#engine.db);
    } catch {
      // The database is away or slow: the known count stays, and a later accept counts again.
    }
  }
}
