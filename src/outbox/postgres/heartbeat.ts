// A replica has one heartbeat, whatever its number of lanes. Each beat reads the database's time, renews the row by which the others see
// that this process lives, and finds lanes whose work nobody knows. Two short statements a beat; one try a beat while the database is
// away.

import { OutboxAway } from "../errors.ts";
import type { WorkListener } from "../store.ts";
import { type ProbedPool, runOn } from "./pool.ts";

/** Three beats fit into a lease: two may be missed before it ends. A dead holder is replaced within a lease and a beat. */
const ticksPerLease = 3.3;

export interface LocalClock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface HeartbeatOptions {
  readonly pool: ProbedPool;
  readonly owner: string;
  readonly leaseMs: number;
  readonly clock: LocalClock;
  /** SQL for the database's time in epoch ms. */
  readonly databaseNow: string;
  /** Called when a beat failed although the database can be reached. */
  readonly failed: (cause: unknown) => void;
}

/** @returns how many notifications of the bot this process knows; null when it does not hold its lane */
export type KnownCount = (bot: string) => number | null;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #clock: DatabaseClock;
  readonly #stopped = new AbortController();
  #sleep = new AbortController();
  #done: Promise<void> = Promise.resolve();
  /** Until then the others leave its lanes to this process. */
  #untilAt = 0;
  #term = 0;
  #configHash = "";
  /** Of lanes of this process: at the last beat they had more notifications than it knew. */
  #suspected: ReadonlySet<string> = new Set();

  private constructor(options: HeartbeatOptions, first: TimeSample) {
    this.#options = options;
    this.#clock = new DatabaseClock(() => options.clock.now(), first);
  }

  /** Beats once: `now` works, and this process lives for the others. */
  static async open(options: HeartbeatOptions): Promise<Heartbeat> {
    const heartbeat = new Heartbeat(options, await askTime(options));
    await heartbeat.#renewAndFind(() => null);
    return heartbeat;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Grows when a beat came after the lease had ended: another process may have taken lanes over between the two. */
  term(): number | null {
    return this.now() < this.#untilAt ? this.#term : null;
  }

  /** Beats until `stop`. Calls `found` with lanes whose work no living process knows. */
  start(found: WorkListener, known: KnownCount): void {
    this.#done = this.#run(found, known);
  }

  /** Runs the next beat at once. */
  tickNow(): void {
    this.#sleep.abort();
  }

  /** The others see it from the next beat on, which this call begins. */
  shareConfig(hash: string): void {
    this.#configHash = hash;
    this.tickNow();
  }

  /** From then on the others may take over the lanes of this process. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.tickNow();
    await this.#done;
    const { pool, owner } = this.#options;
    const leave = { name: null, text: "delete from owners where owner = $1", values: [owner] };
    // While the database is away, the lease ends by itself.
    await runOn(pool, leave).catch(() => {});
  }

  async #run(found: WorkListener, known: KnownCount): Promise<void> {
    const { clock, leaseMs, failed } = this.#options;
    while (!this.#stopped.signal.aborted) {
      this.#sleep = new AbortController();
      const bots = await this.#beat(known).catch((cause: unknown): readonly string[] => {
        // The pool reports once that the database is away.
        if (!(cause instanceof OutboxAway)) failed(cause);
        return [];
      });
      if (bots.length > 0 && !this.#stopped.signal.aborted) found(bots, "unheld");
      await clock.sleep(leaseMs / ticksPerLease, this.#sleep.signal);
    }
  }

  async #beat(known: KnownCount): Promise<readonly string[]> {
    await this.#options.pool.probe();
    this.#clock.learn(await askTime(this.#options));
    return this.#renewAndFind(known);
  }

  async #renewAndFind(known: KnownCount): Promise<readonly string[]> {
    const { pool, owner, leaseMs } = this.#options;
    const now = this.now();
    const values = [owner, now + leaseMs, now, this.#configHash];
    const waiting = await runOn<WaitingLane>(pool, { name: "beat", text: renewAndFind, values });
    if (this.term() === null) this.#term += 1;
    this.#untilAt = now + leaseMs;
    const before = this.#suspected;
    const unknown = waiting.filter(({ bot, notifications }) => notifications > (known(bot) ?? 0));
    this.#suspected = new Set(unknown.map(({ bot }) => bot));
    // What is being accepted may be stored and not yet known. The next beat shows whether it was that.
    return unknown.flatMap(({ bot }) => (known(bot) === null || before.has(bot) ? [bot] : []));
  }
}

interface WaitingLane {
  readonly bot: string;
  readonly notifications: number;
}

/** Of lanes that this process held last, or that no living one did. Ids are not compared: smaller ones may become visible later. */
const renewAndFind = `
  with renewed as (
    insert into owners (owner, until_at, config_hash) values ($1, $2, $4)
    on conflict (owner) do update set until_at = excluded.until_at, config_hash = excluded.config_hash
  )
  select bot, count(*) as notifications from notifications where dead_delivery_id is null group by bot
  having coalesce((
    select lanes.owner = $1 or coalesce((select until_at from owners where owners.owner = lanes.owner), 0) <= $3
    from lanes where lanes.bot = notifications.bot), true)`;

async function askTime({ pool, clock, databaseNow }: HeartbeatOptions): Promise<TimeSample> {
  const askedAt = clock.now();
  const ask = { name: "now", text: `select ${databaseNow} as now`, values: [] };
  const [row] = await runOn<{ readonly now: number }>(pool, ask);
  return { askedAt, answeredAt: clock.now(), databaseAt: Number(row?.now) };
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
 * A request leaves a query and a commit after the instant it was decided for, so a slot of the window is never used early.
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
