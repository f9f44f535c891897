// The outbox over an engine. Keeps the lanes of this process in memory, and writes what all of them change in one turn of the event
// loop in one commit.

import type { ActionStore } from "../domain/action.ts";
import type { Notification } from "../domain/notification.ts";
import { type AcceptedRow, Accepts } from "./accept.ts";
import {
  deleteWatch,
  readAcknowledgements,
  readLinkedGroups,
  storeAcknowledgements,
  storeWatch,
  takeWatches,
} from "./actions.ts";
import { BacklogCount, readBacklog } from "./backlog.ts";
import { BodyCache } from "./bodies.ts";
import { type CommitWatcher, watched } from "./commit-watcher.ts";
import { countDead, dropDead, readDead, replayDead } from "./dead.ts";
import { isOnly, type OutboxEngine } from "./engine.ts";
import { GroupCommit } from "./group-commit.ts";
import { LaneInMemory } from "./held-lane.ts";
import { idsOfRun } from "./ids-of-run.ts";
import { endWaiting, readKeyStates } from "./key-states.ts";
import type { HeldLane, HoldQuery } from "./lane.ts";
import type { LaneChange, LaneFacts, WriteResult } from "./lane-change.ts";
import { LaneMemory } from "./lane-memory.ts";
import { Pruner } from "./pruner.ts";
import { RecordedHistory } from "./recorded-history.ts";
import type { Closing } from "./rows.ts";
import type {
  AcceptOptions,
  AcceptResult,
  DeadDeliveries,
  DiskLimits,
  DiskUse,
  LaneKeys,
  Outbox,
  WorkListener,
  WorkOrigin,
} from "./store.ts";
import { WorkListeners } from "./work-listeners.ts";

/** A commit takes about 256 lanes. PostgreSQL's plan for so few rows is good whatever it believes of the size of the tables. */
const commitWeight = 512;

const mostGone = 20_000;

export interface SqlOutboxOptions {
  /** Of the bodies of waiting notifications that are kept in memory, in characters. */
  readonly maxBodiesLength: number;
  /** Called with what an `onWork` listener threw. */
  readonly listenerFailed: (cause: unknown) => void;
  readonly watcher: CommitWatcher;
}

export class SqlOutbox implements Outbox {
  readonly #engine: OutboxEngine;
  readonly #watcher: CommitWatcher;
  readonly #backlog: BacklogCount;
  readonly #bodies: BodyCache;
  readonly #nextId: () => number;
  readonly #accepts: Accepts;
  readonly #pruner: Pruner;
  readonly #writes: GroupCommit<LaneChange, WriteResult>;
  readonly #lanes = new Map<string, LaneInMemory>();
  /** Ids of what was accepted here for lanes that this process does not hold. */
  readonly #unplaced = new Map<string, Set<number>>();
  /** Until when a lane is left to another process that has work in it. */
  readonly #othersUntilAt = new Map<string, number>();
  /** Bots that got work beside the holder of their lane since it was last held. */
  readonly #changed = new Set<string>();
  /** Lanes of others that were read here. With the first write their last holder is notified: it would show keys as they were. */
  readonly #taken = new Set<string>();
  /** Ids of what was delivered last: with PostgreSQL a lane may be read and worked off before the accept itself is answered. */
  readonly #gone = new Set<number>();
  readonly #listeners: WorkListeners;
  readonly #history: RecordedHistory;
  readonly #closing = new AbortController();
  #isWatched = false;
  #ended: Promise<void> | null = null;

  readonly now: Outbox["now"] = () => this.#engine.now();
  readonly term: Outbox["term"] = () => this.#engine.term();
  readonly shareConfig: Outbox["shareConfig"] = (hash) => this.#engine.shareConfig(hash);
  readonly replicas: Outbox["replicas"] = () => this.#engine.replicas();
  readonly history: Outbox["history"] = (query) => this.#history.search(query);
  readonly senders: Outbox["senders"] = () => this.#history.senders();
  readonly noteSender: Outbox["noteSender"] = (seen) => this.#history.noteSender(seen);
  readonly tidyHistory: Outbox["tidyHistory"] = () => this.#history.tidy(this.#closing.signal);
  readonly dead: DeadDeliveries["dead"] = ({ maxDeliveries }) => readDead(this.#engine.db, maxDeliveries);
  readonly drop: DeadDeliveries["drop"] = (ids) => dropDead(this.#engine.db, [...new Set(ids)], this.now());
  readonly countDead: Outbox["countDead"] = () => countDead(this.#engine.db);
  readonly keyStates: Outbox["keyStates"] = (keyIds) => readKeyStates(this.#engine.db, keyIds);
  readonly prune: Outbox["prune"] = (limits) => this.#pruner.prune(limits);
  readonly backlog: Outbox["backlog"] = () => readBacklog(this.#engine.db);
  readonly linkedGroups: ActionStore["linkedGroups"] = (id) => readLinkedGroups(this.#engine.db, id);
  readonly acknowledge: ActionStore["acknowledge"] = (given) => storeAcknowledgements(this.#engine.db, given);
  readonly acknowledgements: ActionStore["acknowledgements"] = (query) => readAcknowledgements(this.#engine.db, query);
  readonly watchSilence: ActionStore["watchSilence"] = (watch, dueAt) => storeWatch(this.#engine.db, watch, dueAt);
  readonly takeDueWatches: ActionStore["takeDueWatches"] = (now) => takeWatches(this.#engine.db, now);
  readonly endWatch: ActionStore["endWatch"] = (id) => deleteWatch(this.#engine.db, id);

  private constructor(engine: OutboxEngine, backlog: BacklogCount, options: SqlOutboxOptions) {
    this.#engine = engine;
    this.#listeners = new WorkListeners(options.listenerFailed);
    this.#watcher = options.watcher;
    this.#backlog = backlog;
    this.#bodies = new BodyCache(options.maxBodiesLength);
    this.#history = new RecordedHistory(engine);
    this.#nextId = idsOfRun(engine.run);
    this.#accepts = new Accepts(engine, backlog, (rows) => this.#accepted(rows));
    this.#pruner = new Pruner(engine, (before) => this.#forgetStates(before));
    this.#writes = new GroupCommit((changes) => watched(options.watcher, "deliveries", engine.write(changes)), {
      weigh: ({ held }) => 1 + (held === null ? 0 : held.closings.length + held.moved.length),
      maxWeight: commitWeight,
    });
  }

  static async open(engine: OutboxEngine, options: SqlOutboxOptions): Promise<SqlOutbox> {
    return new SqlOutbox(engine, await BacklogCount.open(engine), options);
  }

  accept(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult> {
    return watched(this.#watcher, "webhooks", this.#accepts.add(notifications, options));
  }

  onWork(listener: WorkListener): () => void {
    const forget = this.#listeners.add(listener);
    if (!this.#isWatched) {
      const known = (bot: string) => this.#lanes.get(bot)?.memory.notifications ?? null;
      this.#engine.watch((bots, origin) => this.#found(bots, origin), known);
    }
    this.#isWatched = true;
    return forget;
  }

  async hold(bot: string, query: HoldQuery): Promise<HeldLane | null> {
    const acceptedHere = this.#unplaced.get(bot) ?? new Set();
    if ((this.#othersUntilAt.get(bot) ?? 0) > this.now()) return this.#leaveToOthers(bot);
    await this.#lanes.get(bot)?.written();
    // What is accepted during the read may be missing in it: then the lane is read again.
    this.#lanes.delete(bot);
    this.#unplaced.set(bot, acceptedHere);
    this.#changed.delete(bot);
    const acceptedBefore = new Set(acceptedHere);
    const loaded = await this.#engine.load(bot, query);
    if (loaded.othersUntilAt > this.now() && !isOnly(loaded, acceptedHere)) {
      this.#othersUntilAt.set(bot, loaded.othersUntilAt);
      return this.#leaveToOthers(bot);
    }
    const lane = this.#laneOf(new LaneMemory(bot, loaded, this.#nextId), query);
    const read = new Set(loaded.heads.map(({ id }) => id));
    const isMissing = [...acceptedHere].some((id) => !read.has(id) && !acceptedBefore.has(id));
    if (isMissing || this.#changed.has(bot)) lane.outdate();
    if (loaded.othersUntilAt > 0) this.#taken.add(bot);
    await lane.recover(query.now);
    return lane;
  }

  async replay(ids: readonly number[]): Promise<readonly number[]> {
    const { ids: replayed, notifications } = await replayDead(this.#engine.db, [...new Set(ids)], this.now());
    for (const { bot, bytes } of notifications) this.#backlog.change(bot, { notifications: 1, bytes });
    this.#changedBeside([...new Set(notifications.map(({ bot }) => bot))]);
    return replayed;
  }

  async tryNow(lanes: readonly LaneKeys[]): Promise<readonly string[]> {
    const bots = await endWaiting(this.#engine.db, lanes, this.now());
    this.#changedBeside(bots);
    this.#listeners.emit(bots, "retry");
    this.#engine.announceRetry(bots);
    return bots;
  }

  async limitDisk(limits: DiskLimits): Promise<DiskUse> {
    const use = await this.#pruner.limitDisk(limits);
    this.#accepts.isDiskFull = use.isFull;
    return use;
  }

  #forgetStates(before: number): void {
    for (const lane of this.#lanes.values()) lane.memory.forgetStates(before);
  }

  close(): Promise<void> {
    this.#ended ??= this.#close();
    return this.#ended;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    const pruned = this.#pruner.close();
    await this.#accepts.idle();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.ended()));
    await pruned;
    await this.#history.close();
    await this.#engine.close();
  }

  #laneOf(memory: LaneMemory, { window }: HoldQuery): LaneInMemory {
    const lane = new LaneInMemory(memory, {
      window,
      engine: this.#engine,
      bodies: this.#bodies,
      write: (change) => this.#write(change),
      insist: (bot, facts) => this.#insist(bot, facts),
      moved: (toBot, { notifications, bytes }) => {
        this.#backlog.change(memory.bot, { notifications: -notifications, bytes: -bytes });
        this.#backlog.change(toBot, { notifications, bytes });
        this.#changedBeside([toBot]);
      },
      released: (bot) => {
        this.#lanes.delete(bot);
        this.#engine.announceReleased();
      },
    });
    this.#lanes.set(memory.bot, lane);
    this.#unplaced.delete(memory.bot);
    this.#othersUntilAt.delete(memory.bot);
    return lane;
  }

  /** Does not read again what it already knows: a lane that is busy elsewhere costs one read a lease. */
  #leaveToOthers(bot: string): null {
    this.#unplaced.delete(bot);
    this.#engine.announce([bot]);
    return null;
  }

  async #insist(bot: string, facts: LaneFacts): Promise<void> {
    const write = () =>
      this.#writes.add({ bot, facts, held: null }).then(
        () => true,
        () => false,
      );
    do await this.#engine.pause(this.#closing.signal);
    while (!(await write()) && !this.#closing.signal.aborted);
  }

  async #write(change: LaneChange): Promise<WriteResult> {
    const result = await this.#writes.add(change);
    if (result.held) this.#left(change.bot, change.held?.closings ?? []);
    if (result.held && change.held !== null && this.#taken.delete(change.bot)) this.#engine.announce([change.bot]);
    return result;
  }

  /** They are no longer in the backlog. */
  #left(bot: string, closings: readonly Closing[]): void {
    for (const { notificationId, bytes } of closings) {
      this.#backlog.change(bot, { notifications: -1, bytes: -bytes });
      this.#gone.add(notificationId);
      const [oldest] = this.#gone;
      if (this.#gone.size > mostGone && oldest !== undefined) this.#gone.delete(oldest);
    }
  }

  #accepted(rows: readonly AcceptedRow[]): void {
    for (const { bot, text, head } of rows) {
      this.#bodies.keep(head.id, text);
      const lane = this.#lanes.get(bot);
      if (this.#gone.has(head.id)) continue;
      if (lane === undefined) this.#unplaced.set(bot, (this.#unplaced.get(bot) ?? new Set()).add(head.id));
      else lane.memory.addHead(head);
    }
    this.#listeners.emit([...new Set(rows.map(({ bot }) => bot))], "here");
  }

  /** Notifications came to these lanes that their holders do not know. */
  #changedBeside(bots: readonly string[]): void {
    for (const bot of bots) this.#outdate(bot);
    this.#listeners.emit(bots, "here");
    this.#engine.announce(bots);
  }

  #found(bots: readonly string[], origin: WorkOrigin): void {
    for (const bot of bots) {
      this.#outdate(bot);
      this.#othersUntilAt.delete(bot);
    }
    this.#listeners.emit(bots, origin);
  }

  /** A lane that is being read may have been read before the change. */
  #outdate(bot: string): void {
    this.#lanes.get(bot)?.outdate();
    this.#changed.add(bot);
  }
}
