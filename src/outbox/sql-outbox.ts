// The outbox over SQL: joins the transitions, batches accepts, and tells listeners. An engine brings the database, the count of
// what waits and the way to give space back; everything that is said in SQL is the same for all of them.
// It is long because it is the whole interface, a line or two a method.

import type { Notification } from "../domain/notification.ts";
import { type AcceptBatch, acceptBatches, dedupKeysOf, toRow } from "./accept.ts";
import type { AcceptCall } from "./admit.ts";
import { readBacklog } from "./backlog.ts";
import { beginAttempt, beginUpload, type Start } from "./begin.ts";
import { dropDead, readDead, replayDead } from "./dead.ts";
import type { DeadDelivery } from "./dead-deliveries.ts";
import { discoverUnanswered } from "./discover.ts";
import type { Media } from "./files.ts";
import { GroupCommit } from "./group-commit.ts";
import { type Claim, releaseLease, takeLease } from "./lease.ts";
import { readMedia } from "./media.ts";
import { moveWaiting } from "./move.ts";
import { planDelivery } from "./plan.ts";
import { pruneSettled } from "./prune.ts";
import { type LaneQuery, readLane } from "./read.ts";
import { readGroups } from "./read-groups.ts";
import { retractDelivery } from "./retract.ts";
import type { Database, Write } from "./schema.ts";
import { settleAttempt } from "./settle.ts";
import type {
  AcceptOptions,
  AcceptResult,
  LaneBacklog,
  LaneWork,
  Lease,
  NewDelivery,
  Outbox,
  QueuedGroup,
  SettledDelivery,
  Settlement,
  WantedGroups,
  WorkOrigin,
} from "./store.ts";
import type { Waiting } from "./waiting.ts";

/** Where the dialects, and one process or several, differ. */
export interface Engine {
  readonly db: Database;
  /** Epoch ms, the same for all that share the database. */
  now(): number;
  /** What waits now, asked in the transaction that is about to add to it. Too much is safe, too little is not. */
  waiting(trx: Write): Promise<Waiting>;
  /** Told of every change after its commit; negative when a delivery is settled. */
  waitingChanged(by: Waiting): void;
  /** Until the transaction ends, no other process accepts copies of these. */
  lockCopies(trx: Write, dedupKeys: readonly string[]): Promise<void>;
  /** Tells the other processes that these bots got work here. */
  announce(bots: readonly string[]): void;
  /** Called once, when somebody listens: tells of work that did not come through this outbox. */
  watch(tell: (bots: readonly string[], origin: WorkOrigin) => void): void;
  /** Runs a write that may be repeated, again and again while the database is away. */
  retryWhileAway<T>(write: () => Promise<T>): Promise<T>;
  /** Gives the space of deleted rows back. Stops early when `signal` aborts. */
  reclaim(signal: AbortSignal): Promise<void>;
  /** Lets the running transactions end, then closes. */
  close(): Promise<void>;
  /** What an `onWork` listener threw. */
  listenerFailed(cause: unknown): void;
}

/** JSON in one commit; SQLite writes this much in about 60 ms, during which nothing else runs. */
const commitBytes = 4 * 1024 * 1024;

export class SqlOutbox implements Outbox {
  readonly #engine: Engine;
  readonly #db: Database;
  readonly #store: AcceptBatch;
  readonly #accepts: GroupCommit<AcceptCall, AcceptResult>;
  readonly #listeners = new Set<(bots: readonly string[], origin: WorkOrigin) => void>();
  #watched = false;
  readonly #closing = new AbortController();
  #pruning: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#db = engine.db;
    this.#store = acceptBatches(engine.db);
    this.#accepts = new GroupCommit((calls) => this.#commitAccepts(calls), {
      weigh: ({ rows }) => rows.reduce((sum, { bytes }) => sum + bytes, 0),
      maxWeight: commitBytes,
    });
  }

  now(): number {
    return this.#engine.now();
  }

  async accept(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult> {
    if (notifications.length === 0) return { kind: "stored", stored: 0, duplicates: 0 };
    return this.#accepts.add({ rows: notifications.map(toRow), options });
  }

  onWork(listener: (bots: readonly string[], origin: WorkOrigin) => void): () => void {
    this.#listeners.add(listener);
    if (!this.#watched) this.#engine.watch((bots, origin) => this.#tell(bots, origin));
    this.#watched = true;
    return () => this.#listeners.delete(listener);
  }

  lease(bot: string, claim: Claim): Promise<Lease | null> {
    return takeLease(this.#db, bot, claim);
  }

  release(lease: Lease): Promise<void> {
    return releaseLease(this.#db, lease);
  }

  read(lease: Lease, query: LaneQuery): Promise<LaneWork> {
    return readLane(this.#db, lease.bot, query);
  }

  groups(lease: Lease, wanted: WantedGroups): Promise<readonly QueuedGroup[]> {
    return readGroups(this.#db, lease.bot, wanted);
  }

  plan(lease: Lease, delivery: NewDelivery): Promise<void> {
    return planDelivery(this.#db, lease, delivery);
  }

  retract(lease: Lease, deliveryId: number): Promise<void> {
    return retractDelivery(this.#db, lease, deliveryId);
  }

  begin(lease: Lease, start: Start): Promise<number> {
    return beginAttempt(this.#db, lease, start);
  }

  beginUpload(lease: Lease, start: Omit<Start, "body">): Promise<number> {
    return beginUpload(this.#db, lease, start);
  }

  media(lease: Lease, mediaHash: string): Promise<Media> {
    return readMedia(this.#db, lease, mediaHash);
  }

  async move(lease: Lease, toBot: string): Promise<number> {
    const moved = await moveWaiting(this.#db, lease, toBot);
    if (moved > 0) this.#tellAll([toBot]);
    return moved;
  }

  async settle(lease: Lease, settlement: Settlement): Promise<SettledDelivery | null> {
    const settled = await this.#engine.retryWhileAway(() => settleAttempt(this.#db, lease, settlement));
    if (settled === null) return null;
    this.#engine.waitingChanged({ notifications: -settled.delivery.notifications, bytes: -settled.bytes });
    return settled.delivery;
  }

  discover(lease: Lease, now: number): Promise<number> {
    return discoverUnanswered(this.#db, lease, now);
  }

  backlog(): Promise<readonly LaneBacklog[]> {
    return readBacklog(this.#db);
  }

  dead({ maxDeliveries }: { readonly maxDeliveries: number }): Promise<readonly DeadDelivery[]> {
    return readDead(this.#db, maxDeliveries);
  }

  async replay(ids: readonly number[]): Promise<readonly number[]> {
    const replayed = await replayDead(this.#db, ids);
    if (replayed.ids.length > 0) {
      this.#engine.waitingChanged(replayed.added);
      this.#tellAll(replayed.bots);
    }
    return replayed.ids;
  }

  drop(ids: readonly number[]): Promise<readonly number[]> {
    return dropDead(this.#db, ids);
  }

  prune(before: number): Promise<number> {
    const pruning = this.#prune(before);
    this.#pruning = pruning.catch(() => {});
    return pruning;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#accepts.idle();
    await this.#pruning;
    await this.#engine.close();
  }

  async #prune(before: number): Promise<number> {
    const { signal } = this.#closing;
    const pruned = await pruneSettled(this.#db, before, signal);
    await this.#engine.reclaim(signal);
    return pruned;
  }

  async #commitAccepts(calls: readonly AcceptCall[]): Promise<readonly AcceptResult[]> {
    const { results, rows, added } = await this.#db.transaction().execute(async (trx) => {
      await this.#engine.lockCopies(trx, calls.flatMap(dedupKeysOf));
      return this.#store(trx, calls, await this.#engine.waiting(trx));
    });
    if (rows.length > 0) {
      this.#engine.waitingChanged(added);
      this.#tellAll([...new Set(rows.map(({ bot }) => bot))]);
    }
    return results;
  }

  #tellAll(bots: readonly string[]): void {
    this.#tell(bots, "here");
    this.#engine.announce(bots);
  }

  /** The rows are on disk: nothing a listener does may turn that into a failure. */
  #tell(bots: readonly string[], origin: WorkOrigin): void {
    for (const listener of this.#listeners) {
      try {
        listener(bots, origin);
      } catch (cause) {
        this.#engine.listenerFailed(cause);
      }
    }
  }
}
