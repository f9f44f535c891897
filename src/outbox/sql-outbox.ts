// The outbox over SQL: joins the transitions, batches accepts and calls listeners. An engine has the database, the size of the
// backlog and a way to free space; the SQL of the transitions is the same for all engines.

import type { Notification } from "../domain/notification.ts";
import { type AcceptBatch, type AcceptCall, acceptBatches, dedupKeysOf, toRow } from "./accept.ts";
import { type Backlog, readBacklog } from "./backlog.ts";
import { beginAttempt } from "./begin.ts";
import { dropDead, readDead, replayDead } from "./dead.ts";
import { GroupCommit } from "./group-commit.ts";
import { releaseLease, takeLease } from "./lease.ts";
import { readMedia } from "./media.ts";
import { planDelivery } from "./plan.ts";
import { pruneSettled } from "./prune.ts";
import { readLane } from "./read.ts";
import { readGroups } from "./read-groups.ts";
import { moveLane, retractDelivery } from "./retract.ts";
import type { Database, Write } from "./schema.ts";
import { discoverUnanswered, settleAttempt } from "./settle.ts";
import type {
  AcceptOptions,
  AcceptResult,
  Lease,
  Outbox,
  SettledDelivery,
  Settlement,
  WorkListener,
  WorkOrigin,
} from "./store.ts";

/** What differs between the dialects, and between one process and several. */
export interface Engine {
  readonly db: Database;
  /** Epoch ms, the same for all that share the database. */
  now(): number;
  /** The backlog now, read in the transaction that is about to add to it. It may be too high, but not too low. */
  backlog(trx: Write): Promise<Backlog>;
  /** Called with every change of the backlog, after its commit; negative when a delivery is settled. */
  backlogChanged(by: Backlog): void;
  /** Until the transaction ends, no other process accepts copies of these. */
  lockCopies(trx: Write, dedupKeys: readonly string[]): Promise<void>;
  /** Notifies the other processes that this one accepted work for these bots. */
  announce(bots: readonly string[]): void;
  /** Called once, for the first listener: from then on `found` is called with work that did not come through this outbox. */
  watch(found: WorkListener): void;
  /** Runs a write that is safe to repeat, and repeats it while the database is away. */
  retryWhileAway<T>(write: () => Promise<T>): Promise<T>;
  /** Frees the space of deleted rows. Stops early when `signal` aborts. */
  reclaim(signal: AbortSignal): Promise<void>;
  /** Waits for running transactions, then closes. */
  close(): Promise<void>;
  /** Called with what an `onWork` listener threw. */
  listenerFailed(cause: unknown): void;
}

/** JSON in one commit. SQLite writes this much in about 60 ms, and nothing else runs meanwhile. */
const commitBytes = 4 * 1024 * 1024;

export class SqlOutbox implements Outbox {
  readonly #engine: Engine;
  readonly #db: Database;
  readonly #store: AcceptBatch;
  readonly #accepts: GroupCommit<AcceptCall, AcceptResult>;
  readonly #listeners = new Set<WorkListener>();
  #watched = false;
  readonly #closing = new AbortController();
  #pruning: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | null = null;

  readonly now: Outbox["now"] = () => this.#engine.now();
  readonly lease: Outbox["lease"] = (bot, claim) => takeLease(this.#db, bot, claim);
  readonly release: Outbox["release"] = (lease) => releaseLease(this.#db, lease);
  readonly read: Outbox["read"] = (lease, query) => readLane(this.#db, lease.bot, query);
  readonly groups: Outbox["groups"] = (lease, query) => readGroups(this.#db, lease.bot, query);
  readonly plan: Outbox["plan"] = (lease, delivery) => planDelivery(this.#db, lease, delivery);
  readonly retract: Outbox["retract"] = (lease, deliveryId) => retractDelivery(this.#db, lease, deliveryId);
  readonly begin: Outbox["begin"] = (lease, start) => beginAttempt(this.#db, lease, start);
  readonly media: Outbox["media"] = (lease, mediaHash) => readMedia(this.#db, lease, mediaHash);
  readonly discover: Outbox["discover"] = (lease, now) => discoverUnanswered(this.#db, lease, now);
  readonly backlog: Outbox["backlog"] = () => readBacklog(this.#db);
  readonly dead: Outbox["dead"] = ({ maxDeliveries }) => readDead(this.#db, maxDeliveries);
  readonly drop: Outbox["drop"] = (ids) => dropDead(this.#db, ids);

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#db = engine.db;
    this.#store = acceptBatches(engine.db);
    this.#accepts = new GroupCommit((calls) => this.#commitAccepts(calls), {
      weigh: ({ rows }) => rows.reduce((sum, { bytes }) => sum + bytes, 0),
      maxWeight: commitBytes,
    });
  }

  async accept(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult> {
    if (notifications.length === 0) return { kind: "stored", stored: 0, duplicates: 0 };
    return this.#accepts.add({ rows: notifications.map((one) => toRow(one, options.acceptedAt)), options });
  }

  onWork(listener: WorkListener): () => void {
    this.#listeners.add(listener);
    if (!this.#watched) this.#engine.watch((bots, origin) => this.#emit(bots, origin));
    this.#watched = true;
    return () => this.#listeners.delete(listener);
  }

  async move(lease: Lease, toBot: string): Promise<number> {
    const moved = await moveLane(this.#db, lease, toBot);
    if (moved > 0) this.#workCame([toBot]);
    return moved;
  }

  async settle(lease: Lease, settlement: Settlement): Promise<SettledDelivery | null> {
    const closed = await this.#engine.retryWhileAway(() => settleAttempt(this.#db, lease, settlement));
    if (closed === null) return null;
    this.#engine.backlogChanged({ notifications: -closed.delivery.notifications, bytes: -closed.bytes });
    return closed.delivery;
  }

  async replay(ids: readonly number[]): Promise<readonly number[]> {
    const replayed = await replayDead(this.#db, ids);
    if (replayed.ids.length > 0) {
      this.#engine.backlogChanged(replayed.added);
      this.#workCame(replayed.bots);
    }
    return replayed.ids;
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
      return this.#store(trx, calls, await this.#engine.backlog(trx));
    });
    if (rows.length > 0) {
      this.#engine.backlogChanged(added);
      this.#workCame([...new Set(rows.map(({ bot }) => bot))]);
    }
    return results;
  }

  #workCame(bots: readonly string[]): void {
    this.#emit(bots, "here");
    this.#engine.announce(bots);
  }

  /** The rows are on disk: an error of a listener must not make the call fail. */
  #emit(bots: readonly string[], origin: WorkOrigin): void {
    for (const listener of this.#listeners) {
      try {
        listener(bots, origin);
      } catch (cause) {
        this.#engine.listenerFailed(cause);
      }
    }
  }
}
