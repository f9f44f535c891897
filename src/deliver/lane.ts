// Carries out, one after the other, the steps that next-step decides for one bot. A step ends before the next is decided, so at most
// one request of a bot is in flight.

import { setInterval as every, setImmediate as nextTurn } from "node:timers/promises";
import type { LaneWork, Lease } from "../outbox/store.ts";
import { windowMs } from "../wecom/limits.ts";
import { type LaneStatus, laneStatusOf } from "./keys.ts";
import type { LaneOptions } from "./lane-options.ts";
import { materialise } from "./materialise.ts";
import { type LaneRest, type LaneStep, nextStep } from "./next-step.ts";
import { send, upload } from "./send.ts";

/** Heads read at once: more than one window can deliver, even when each of its 20 messages merges hundreds. */
const maxHeads = 20_000;

/** With more heads than this, the event loop gets a turn between reading and planning. */
const manyHeads = 1_000;

interface HeldLease {
  readonly lease: Lease;
  readonly untilAt: number;
}

export class Lane {
  #options: LaneOptions;
  #lastRead: LaneWork | null = null;
  #held: HeldLease | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Used from the next step on. Must not be called during a step. The bot and the lease stay the same. */
  use(options: LaneOptions): void {
    this.#options = options;
  }

  /** Does one step. Returns null when the next one may follow at once, else how long there is nothing to do. */
  async step(): Promise<LaneRest | null> {
    const { process, settings } = this.#options;
    const lease = await this.#hold();
    // Another process holds the lane. When that process ends, the outbox reports the lane as unheld.
    if (lease === null) return { kind: "rest", untilAt: null, wakesAt: process.clock.now() };
    const now = process.clock.now();
    const keyIds = this.#keyIds();
    const work = await process.outbox.read(lease, { keyIds, windowStartAt: now - windowMs, maxHeads });
    this.#lastRead = work;
    // Reading and planning a backlog take tens of milliseconds each.
    if (work.pending.length > manyHeads) await nextTurn();
    return this.#carryOut(nextStep({ ...settings, keyIds, work, now }), lease, work);
  }

  /** Its status at `now`, from what was last read. */
  status(now: number): LaneStatus {
    return laneStatusOf(this.#lastRead, this.#keyIds(), now);
  }

  holds(): boolean {
    return this.#held !== null;
  }

  async release(): Promise<void> {
    const lease = this.#held?.lease;
    this.#held = null;
    if (lease !== undefined) await this.#options.process.outbox.release(lease);
  }

  /** Forgets a lease that turned out to be lost. */
  forgetLease(): void {
    this.#held = null;
    this.#options.process.report({ kind: "leaseLost", bot: this.#options.settings.bot });
  }

  #keyIds(): readonly string[] {
    return this.#options.settings.keys.map((key) => key.id);
  }

  /** Renewed in its second half, so that a step never starts on a lease that is about to end. */
  async #hold(): Promise<Lease | null> {
    const { outbox, owner, clock, leaseMs } = this.#options.process;
    const now = clock.now();
    if (this.#held !== null && this.#held.untilAt - now > leaseMs / 2) return this.#held.lease;
    const untilAt = now + leaseMs;
    const lease = await outbox.lease(this.#options.settings.bot, { owner, now, untilAt });
    this.#held = lease === null ? null : { lease, untilAt };
    return lease;
  }

  /** Rendering a storm may take longer than a lease lasts. It is renewed meanwhile, so that no other process begins the same. */
  async #whileRenewing(work: Promise<void>): Promise<void> {
    const done = new AbortController();
    const renewing = this.#renewUntil(done.signal);
    try {
      await work;
    } finally {
      done.abort();
      await renewing;
    }
  }

  async #renewUntil(signal: AbortSignal): Promise<void> {
    const { leaseMs } = this.#options.process;
    try {
      for await (const _ of every(leaseMs / 3, null, { signal, ref: false })) await this.#hold();
    } catch {
      // The work is done; or the outbox is away, and the next write fails with the same error.
    }
  }

  async #carryOut(step: LaneStep, lease: Lease, work: LaneWork): Promise<LaneRest | null> {
    const { outbox, clock, report } = this.#options.process;
    const stillHeld = () => this.#held !== null && clock.now() < this.#held.untilAt;
    switch (step.kind) {
      case "rest":
        return step.untilAt === null ? this.#idle(step, work) : step;
      case "discover": {
        const messages = await outbox.discover(lease, clock.now());
        if (messages > 0) report({ kind: "inDoubt", bot: lease.bot, messages });
        break;
      }
      case "retract":
        await outbox.retract(lease, step.deliveryId);
        report({ kind: "retracted", bot: lease.bot });
        break;
      case "move": {
        const notifications = await outbox.move(lease, step.toBot);
        report({ kind: "moved", bot: lease.bot, toBot: step.toBot, notifications });
        break;
      }
      case "plan":
        await this.#whileRenewing(materialise(this.#options, lease, step.delivery));
        break;
      case "upload":
        await upload(this.#options, lease, { ...step, work, stillHeld });
        break;
      case "send":
        await send(this.#options, lease, { ...step, work, stillHeld });
    }
    return null;
  }

  /**
   * Nothing waits: the lease is released, so that the lane costs nothing and any replica may take it. Not while its window has used
   * slots or a key is off: the metrics show these only where the lane is held.
   */
  async #idle(rest: LaneRest, { attempts, keys }: LaneWork): Promise<LaneRest> {
    const emptyAt = Math.max(0, ...attempts.map(({ answeredAt }) => (answeredAt ?? 0) + windowMs));
    if (emptyAt > this.#options.process.clock.now()) return { ...rest, untilAt: emptyAt };
    if (keys.every(({ offReason }) => offReason === null)) await this.release();
    return rest;
  }
}
