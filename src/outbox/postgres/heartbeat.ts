// A replica has one heartbeat, whatever its number of lanes. Each beat reads the database's time, renews the leases, and finds lanes
// that have work and no holder. Two short statements a beat; one try a beat while the database is away.

import { sql } from "kysely";
import { OutboxAway } from "../errors.ts";
import type { Database } from "../schema.ts";
import type { WorkListener } from "../store.ts";
import type { ProbedPool } from "./pool.ts";

/** Three beats fit into a lease: two may be missed before it ends. A dead holder is replaced within a lease and a beat. */
const ticksPerLease = 3.3;

export interface LocalClock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface HeartbeatOptions {
  readonly db: Database;
  readonly pool: ProbedPool;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: LocalClock;
  /** SQL for the database's time in epoch ms. */
  readonly databaseNow: string;
  /** Called when a beat failed although the database can be reached. */
  readonly failed: (cause: unknown) => void;
}

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #clock: DatabaseClock;
  readonly #stopped = new AbortController();
  #sleep = new AbortController();
  #done: Promise<void> = Promise.resolve();

  private constructor(options: HeartbeatOptions, first: TimeSample) {
    this.#options = options;
    this.#clock = new DatabaseClock(() => options.clock.now(), first);
  }

  /** Reads the database's time once, so that `now` works from the start. */
  static async open(options: HeartbeatOptions): Promise<Heartbeat> {
    return new Heartbeat(options, await askTime(options));
  }

  now(): number {
    return this.#clock.now();
  }

  /** Beats until `stop`. Calls `found` with lanes that have work and no holder. */
  start(found: WorkListener): void {
    this.#done = this.#run(found);
  }

  /** Runs the next beat at once. */
  tickNow(): void {
    this.#sleep.abort();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.tickNow();
    await this.#done;
  }

  async #run(found: WorkListener): Promise<void> {
    const { clock, leaseMs, failed } = this.#options;
    while (!this.#stopped.signal.aborted) {
      this.#sleep = new AbortController();
      const bots = await this.#beat().catch((cause: unknown): readonly string[] => {
        // The pool reports once that the database is away.
        if (!(cause instanceof OutboxAway)) failed(cause);
        return [];
      });
      if (bots.length > 0 && !this.#stopped.signal.aborted) found(bots, "unheld");
      await clock.sleep(leaseMs / ticksPerLease, this.#sleep.signal);
    }
  }

  async #beat(): Promise<readonly string[]> {
    await this.#options.pool.probe();
    this.#clock.learn(await askTime(this.#options));
    return this.#renewAndFind();
  }

  /** A lane whose row is locked is skipped: it is writing and renews its own lease, and the others must not wait. */
  async #renewAndFind(): Promise<readonly string[]> {
    const { db, owner, leaseMs } = this.#options;
    const now = this.now();
    const { rows } = await sql<{ readonly bot: string }>`
      with renewed as (
        update lanes set until_at = ${now + leaseMs}
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
}

async function askTime({ db, clock, databaseNow }: HeartbeatOptions): Promise<TimeSample> {
  const askedAt = clock.now();
  const { rows } = await sql<{ readonly now: number }>`select ${sql.raw(databaseNow)} as now`.execute(db);
  return { askedAt, answeredAt: clock.now(), databaseAt: Number(rows[0]?.now) };
}

interface TimeSample {
  /** Local time before the query was sent and after its answer came. Epoch ms. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** The database's time in between. */
  readonly databaseAt: number;
}

/** Clocks drift apart by less than this (a bad one by 0.1 ms in a second), so a slower new sample replaces an old one. */
const driftPerMs = 1e-3;

/**
 * The database's clock, computed from the last sample and the local time since. Never ahead of the database: a sample counts as if
 * the database had read its clock in the last instant before the answer arrived. So it is behind by less than the quickest query took.
 * A request leaves several queries after the instant it was decided for, so a slot of the window is never used early.
 */
class DatabaseClock {
  readonly #localNow: () => number;
  #kept: TimeSample;

  constructor(localNow: () => number, first: TimeSample) {
    this.#localNow = localNow;
    this.#kept = first;
  }

  /** Of two samples, the quicker one is more exact. */
  learn(sample: TimeSample): void {
    const doubt = spanOf(this.#kept) + (sample.answeredAt - this.#kept.answeredAt) * driftPerMs;
    // When the local clock was set, the old sample is invalid, however quick it was.
    const jumped = Math.abs(offsetOf(sample) - offsetOf(this.#kept)) > spanOf(sample) + doubt;
    if (jumped || spanOf(sample) <= doubt) this.#kept = sample;
  }

  /** Epoch ms, whole. */
  now(): number {
    return Math.floor(this.#localNow() + offsetOf(this.#kept));
  }
}

function spanOf({ askedAt, answeredAt }: TimeSample): number {
  return answeredAt - askedAt;
}

function offsetOf({ databaseAt, answeredAt }: TimeSample): number {
  return databaseAt - answeredAt;
}
