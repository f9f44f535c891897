// The one rhythm of a replica, whatever its number of lanes: every beat it asks the database for the time, keeps its leases,
// and learns which lanes have work and no holder. Two short statements a beat; while the database is away, one try a beat.

import { sql } from "kysely";
import { OutboxAway } from "../errors.ts";
import type { Database } from "../schema.ts";
import { DatabaseClock, type TimeSample } from "./database-clock.ts";
import type { Tell } from "./notifier.ts";
import type { WatchedPool } from "./pool.ts";

/** Three beats fit into a lease: two may be missed before it ends. A dead holder is followed within a lease and a beat. */
const ticksPerLease = 3.3;

export interface LocalClock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface HeartbeatOptions {
  readonly db: Database;
  readonly pool: Pick<WatchedPool, "probe">;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: LocalClock;
  /** SQL for the database's time in epoch ms. */
  readonly databaseNow: string;
  /** A beat failed though the database can be reached. */
  readonly failed: (cause: unknown) => void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #clock: DatabaseClock;
  readonly #stopped = new AbortController();
  #rest = new AbortController();
  #done: Promise<void> = Promise.resolve();

  private constructor(options: HeartbeatOptions, first: TimeSample) {
    this.#options = options;
    this.#clock = new DatabaseClock(() => options.clock.now(), first);
  }

  /** Knows the time from the first answer on. */
  static async open(options: HeartbeatOptions): Promise<Heartbeat> {
    return new Heartbeat(options, await askTime(options));
  }

  now(): number {
    return this.#clock.now();
  }

  /** Beats until `stop`, and tells of lanes that have work and no holder. */
  start(tell: Tell): void {
    this.#done = this.#run(tell);
  }

  /** The next beat comes at once. */
  tickNow(): void {
    this.#rest.abort();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.tickNow();
    await this.#done;
  }

  async #run(tell: Tell): Promise<void> {
    const { clock, leaseMs, failed } = this.#options;
    while (!this.#stopped.signal.aborted) {
      this.#rest = new AbortController();
      const bots = await this.#beat().catch((cause: unknown): readonly string[] => {
        // The pool says so itself when the database is away, once.
        if (!(cause instanceof OutboxAway)) failed(cause);
        return [];
      });
      if (bots.length > 0 && !this.#stopped.signal.aborted) tell(bots, "unheld");
      await clock.sleep(leaseMs / ticksPerLease, this.#rest.signal);
    }
  }

  async #beat(): Promise<readonly string[]> {
    await this.#options.pool.probe();
    this.#clock.learn(await askTime(this.#options));
    const { db, owner, leaseMs } = this.#options;
    const now = this.now();
    return keepAndLook(db, { owner, now, untilAt: now + leaseMs });
  }
}

async function askTime({ db, clock, databaseNow }: HeartbeatOptions): Promise<TimeSample> {
  const askedAt = clock.now();
  const { rows } = await sql<{ readonly now: number }>`select ${sql.raw(databaseNow)} as now`.execute(db);
  return { askedAt, answeredAt: clock.now(), databaseAt: Number(rows[0]?.now) };
}

interface Beat {
  readonly owner: string;
  readonly now: number;
  readonly untilAt: number;
}

/** A lane that is locked is being worked for: it renews its lease itself, and must not make all others wait. */
async function keepAndLook(db: Database, { owner, now, untilAt }: Beat): Promise<readonly string[]> {
  const { rows } = await sql<{ readonly bot: string }>`
    with kept as (
      update lanes set until_at = ${untilAt}
      where bot in (select bot from lanes where owner = ${owner} for update skip locked)
    )
    select bot from (
      select bot from notifications where delivery_id is null
      union
      select bot from deliveries where settled_at is null
    ) as waiting
    where not exists (
      select from lanes
      where lanes.bot = waiting.bot and lanes.owner is not null and (lanes.owner = ${owner} or lanes.until_at > ${now})
    )`.execute(db);
  return rows.map(({ bot }) => bot);
}
