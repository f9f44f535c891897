// The lane of one bot in the memory of its holder. Transitions are decided in memory and written as rows; nothing is read again. When
// the version on disk is not the one we know, nothing is written, and the lane is out of date.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { DeliveredStates } from "../domain/instance.ts";
import type { Media } from "../domain/media.ts";
import type { Backlog } from "./backlog.ts";
import { type BodyCache, readBodies } from "./bodies.ts";
import type { OutboxEngine } from "./engine.ts";
import { LaneLost, OutboxConflict } from "./errors.ts";
import { firstUpTo } from "./group-commit.ts";
import type {
  AttemptStart,
  HeldLane,
  LaneWork,
  NewDelivery,
  QueuedGroup,
  SendWindow,
  SettledDelivery,
  Settlement,
} from "./lane.ts";
import {
  type HeldChange,
  inSlices,
  type LaneChange,
  type LaneFacts,
  noChange,
  noFacts,
  type WriteResult,
} from "./lane-change.ts";
import { type LaneMemory, settledDelivery } from "./lane-memory.ts";
import {
  beginAttempt,
  moveLane,
  planDelivery,
  recoverLane,
  retractDelivery,
  settleAttempt,
} from "./lane-transitions.ts";
import type { HeadRow, MediaRow } from "./rows.ts";

export interface LaneParts {
  readonly window: SendWindow;
  readonly engine: OutboxEngine;
  readonly bodies: BodyCache;
  readonly write: (change: LaneChange) => Promise<WriteResult>;
  /** Writes facts until they are on disk or the outbox closes. */
  readonly insist: (bot: string, facts: LaneFacts) => Promise<void>;
  /** Called after the commit by which this bot got work. */
  readonly moved: (toBot: string, backlog: Backlog) => void;
  readonly released: (bot: string) => void;
}

export class LaneInMemory implements HeldLane {
  readonly bot: string;
  inDoubt = 0;
  recovered: readonly SettledDelivery[] = [];
  readonly memory: LaneMemory;
  readonly #parts: LaneParts;
  #isOutOfDate = false;
  /** Resolves when all writes so far have ended, also those that nobody waits for. */
  #written: Promise<unknown> = Promise.resolve();
  /** Facts whose commit failed, and why, until they are on disk. */
  readonly #unrecorded = new Map<Promise<unknown>, unknown>();

  constructor(memory: LaneMemory, parts: LaneParts) {
    this.bot = memory.bot;
    this.memory = memory;
    this.#parts = parts;
  }

  isOutOfDate(): boolean {
    return this.#isOutOfDate;
  }

  outdate(): void {
    this.#isOutOfDate = true;
  }

  /** Throws the cause of a failed commit while an answer is not on disk: the lane must not be read before. */
  async written(): Promise<void> {
    await this.#written;
    for (const cause of this.#unrecorded.values()) throw cause;
  }

  /** When the outbox closes, facts are written once more, and no longer insisted on. */
  async ended(): Promise<void> {
    await this.#written;
    await Promise.all(this.#unrecorded.keys());
  }

  async recover(now: number): Promise<void> {
    const { change, facts, done, inDoubt } = recoverLane(this.memory, now);
    if (facts.answered.length === 0 && done.length === 0) return;
    await this.#write(change, facts);
    this.inDoubt = inDoubt;
    this.recovered = done.map(settledDelivery);
  }

  work(now: number, maxHeads: number): LaneWork {
    this.memory.forgetAttempts(now - this.#parts.window.spanMs);
    return this.memory.work(maxHeads);
  }

  async groups({ ids, maxBytes }: Parameters<HeldLane["groups"]>[0]): Promise<readonly QueuedGroup[]> {
    const waiting = ids.flatMap((id) => this.memory.heads.get(id) ?? []);
    const heads = fitting(waiting, maxBytes);
    const texts = await this.#texts(heads);
    return heads.map(({ id, accepted_at }) => {
      const body = texts.get(id);
      // A successor has delivered it. Nothing else would tell a holder that was paused and has nothing to write.
      if (body === undefined) throw this.#lost();
      return { id, acceptedAt: accepted_at, body };
    });
  }

  delivered(): DeliveredStates {
    return this.memory.delivered();
  }

  async media(mediaHash: string): Promise<Media> {
    const { db } = this.#parts.engine;
    const [row] = await db.all<MediaRow>("select * from media where hash = $1", [mediaHash]);
    if (row === undefined)
      throw new OutboxConflict(`the file of a message of bot ${this.bot} is missing: ${mediaHash}`);
    return { type: row.type, name: row.name, content: Buffer.from(row.content, "base64") };
  }

  async plan(delivery: NewDelivery): Promise<number | null> {
    const { change } = planDelivery(this.memory, delivery);
    this.#parts.bodies.forget([...delivery.notificationIds, ...delivery.suppressedIds]);
    await this.#write(change);
    return change.newDeliveries?.[0]?.id ?? null;
  }

  async retract(deliveryId: number): Promise<void> {
    // Rows that are written twice in one commit would have no certain end.
    await this.#written;
    await this.#write(retractDelivery(this.memory, deliveryId).change);
  }

  async begin(start: AttemptStart): Promise<number> {
    const mark = beginAttempt(this.memory, start, this.#parts.window);
    const { begun } = await this.#write({ mark });
    if (!begun) throw this.#lost();
    return mark.attempt.id;
  }

  async move(toBot: string): Promise<number> {
    await this.#written;
    const { change, moved } = moveLane(this.memory, toBot);
    await this.#write(change);
    if (moved.notifications > 0) this.#parts.moved(toBot, moved);
    return moved.notifications;
  }

  async release(): Promise<void> {
    await this.written();
    await this.#write({ released: true });
    this.outdate();
    this.#parts.released(this.bot);
  }

  async settle(settlement: Settlement): Promise<SettledDelivery | null> {
    const { change, facts, done } = settleAttempt(this.memory, settlement);
    const isHeld = await this.#record(change, facts);
    const [delivery] = done;
    return isHeld && delivery !== undefined ? settledDelivery(delivery) : null;
  }

  async #write(change: Partial<HeldChange>, facts = noFacts): Promise<WriteResult> {
    const result = await this.#queue(change, facts);
    if (!result.held) throw this.#lost();
    return result;
  }

  /** Resolves when the facts are on disk. Returns whether the change is, too. */
  async #record(change: Partial<HeldChange>, facts: LaneFacts): Promise<boolean> {
    const writing = this.#queue(change, facts).then(
      ({ held }) => ({ held, recorded: null }),
      (cause: unknown) => ({ held: false, recorded: this.#insist(facts, cause) }),
    );
    this.#written = writing;
    const { held, recorded } = await writing;
    if (!held) this.outdate();
    await recorded;
    return held;
  }

  #insist(facts: LaneFacts, cause: unknown): Promise<unknown> {
    const insisting: Promise<unknown> = this.#parts
      .insist(this.bot, facts)
      .then(() => this.#unrecorded.delete(insisting));
    this.#unrecorded.set(insisting, cause);
    return insisting;
  }

  async #queue(change: Partial<HeldChange>, facts: LaneFacts): Promise<WriteResult> {
    const slices = inSlices(change);
    const results = await Promise.all(slices.map((slice, n) => this.#queueOne(slice, n === 0 ? facts : noFacts)));
    return { held: results.every(({ held }) => held), begun: results.some(({ begun }) => begun) };
  }

  #queueOne(change: Partial<HeldChange>, facts: LaneFacts): Promise<WriteResult> {
    const { version } = this.memory;
    this.memory.version = version + 1;
    const held = { ...noChange, ...change, version, nextVersion: version + 1 };
    const writing = this.#parts.write({ bot: this.bot, facts, held });
    // Commits end in their order: when this one has ended, so have all before it.
    this.#written = writing.catch(() => this.outdate());
    return writing;
  }

  #lost(): LaneLost {
    this.outdate();
    return new LaneLost(this.bot);
  }

  async #texts(heads: readonly HeadRow[]): Promise<ReadonlyMap<number, string>> {
    const { bodies, engine } = this.#parts;
    const texts = new Map<number, string>();
    for (const { id } of heads) {
      const text = bodies.get(id);
      if (text !== null) texts.set(id, text);
    }
    for (const slice of slices(heads.filter(({ id }) => !texts.has(id)))) {
      const ids = slice.map(({ id }) => id);
      for (const [id, text] of await readBodies(engine.db, ids)) texts.set(id, text);
      await nextTurn();
    }
    return texts;
  }
}

/** Where one does not fit, no newer one of its group comes before it. */
function fitting(heads: readonly HeadRow[], maxBytes: number): readonly HeadRow[] {
  const leftOut = new Set<string>();
  let room = maxBytes;
  return heads.filter(({ bytes, group_id }, n) => {
    const taken = n === 0 ? Math.min(bytes, maxBytes / 2) : bytes;
    const fits = n === 0 || (taken <= room && !leftOut.has(group_id));
    if (fits) room -= taken;
    else leftOut.add(group_id);
    return fits;
  });
}

/**
 * A storm has as many bodies as memory holds, and SQLite blocks the event loop while it reads: 2 MB in about 10 ms. A row counts as 8 kB
 * at least.
 */
const bytesAtOnce = 2 * 1024 * 1024;
const leastBytes = 8 * 1024;

function slices(heads: readonly HeadRow[]): readonly (readonly HeadRow[])[] {
  if (heads.length === 0) return [];
  const first = firstUpTo(bytesAtOnce, heads, ({ bytes }) => Math.max(bytes, leastBytes));
  return [first, ...slices(heads.slice(first.length))];
}
