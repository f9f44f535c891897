// Shell: carries out, one after the other, the steps that next-step decides for one bot. It decides nothing itself.
// One step is done before the next is asked for, so at most one request of a bot is in flight.

import { setInterval as every, setImmediate as nextTurn } from "node:timers/promises";
import type { LaneWork, Lease } from "../outbox/store.ts";
import { windowMs } from "../wecom/limits.ts";
import type { LaneOptions } from "./lane-options.ts";
import { type LaneStatus, laneStatusOf } from "./lane-status.ts";
import { materialise } from "./materialise.ts";
import { nextStep, type Rest, type Step } from "./next-step.ts";
import { send, upload } from "./send.ts";

/** Heads read at once: more than a window can tell even when each of its 20 messages merges hundreds. */
const maxHeads = 20_000;

/** Waiting heads that are not looked through within the turn that read them. */
const crowd = 1_000;

export class Lane {
  #options: LaneOptions;
  #keyIds: readonly string[];
  #lastRead: LaneWork | null = null;
  #lease: { readonly held: Lease; readonly untilAt: number } | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#keyIds = options.keys.map((key) => key.id);
  }

  /** From the next step on. Not to be called during one; the bot stays the same, and so does the lease. */
  use(options: LaneOptions): void {
    this.#options = options;
    this.#keyIds = options.keys.map((key) => key.id);
  }

  /** Does one step. Returns null when the next one may follow at once, else how long there is nothing to do. */
  async step(): Promise<Rest | null> {
    const { clock, maxAgeMs, reserve, digestMessages, fallback } = this.#options;
    const lease = await this.#hold();
    // Whoever holds the lane does its work; should it end, the outbox says that the lane is unheld.
    if (lease === null) return { kind: "rest", untilAt: null, wakesAt: clock.now() };
    const now = clock.now();
    const work = await this.#options.outbox.read(lease, {
      keyIds: this.#keyIds,
      windowStartAt: now - windowMs,
      maxHeads,
    });
    this.#lastRead = work;
    // Both reading and planning a backlog take tens of milliseconds.
    if (work.pending.length > crowd) await nextTurn();
    const step = nextStep({ work, keyIds: this.#keyIds, now, maxAgeMs, reserve, digestMessages, fallback });
    return this.#carryOut(step, { lease, work });
  }

  /** How it stands at `now`, by what was last read. */
  standing(now: number): LaneStatus {
    return laneStatusOf({ work: this.#lastRead, keyIds: this.#keyIds, now });
  }

  holds(): boolean {
    return this.#lease !== null;
  }

  async release(): Promise<void> {
    const lease = this.#lease?.held;
    this.#lease = null;
    if (lease !== undefined) await this.#options.outbox.release(lease);
  }

  /** Forgets a lease that turned out to be lost. */
  forgetLease(): void {
    this.#lease = null;
    this.#options.report({ kind: "leaseLost", bot: this.#options.bot });
  }

  /** Renewed in its second half, so that a step never starts on a lease about to end. */
  async #hold(): Promise<Lease | null> {
    const { outbox, bot, owner, clock, leaseMs } = this.#options;
    const now = clock.now();
    if (this.#lease !== null && this.#lease.untilAt - now > leaseMs / 2) return this.#lease.held;
    const untilAt = now + leaseMs;
    const held = await outbox.lease(bot, { owner, now, untilAt });
    this.#lease = held === null ? null : { held, untilAt };
    return held;
  }

  /** Putting a storm into words may take longer than a lease lasts: it is renewed meanwhile, lest others begin the same. */
  async #holding(delivery: Promise<void>): Promise<void> {
    const told = new AbortController();
    const renewing = this.#renew(told.signal);
    try {
      await delivery;
    } finally {
      told.abort();
      await renewing;
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    try {
      for await (const _ of every(this.#options.leaseMs / 3, null, { signal, ref: false })) await this.#hold();
    } catch {
      // The end of the delivery; or an outbox that is away, of which the plan will say so.
    }
  }

  async #carryOut(
    step: Step,
    { lease, work }: { readonly lease: Lease; readonly work: LaneWork },
  ): Promise<Rest | null> {
    const { outbox, clock, report } = this.#options;
    const stillHeld = () => this.#lease !== null && clock.now() < this.#lease.untilAt;
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
      case "move":
        report({
          kind: "moved",
          bot: lease.bot,
          toBot: step.toBot,
          notifications: await outbox.move(lease, step.toBot),
        });
        break;
      case "plan":
        await this.#holding(materialise(this.#options, lease, step.delivery));
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
   * Nothing waits: the lane is given back, so that it costs nothing and any replica may take it up. Not while its window holds
   * slots or a key is off, which the metrics show only where the lane is held.
   */
  async #idle(rest: Rest, { attempts, keys }: LaneWork): Promise<Rest> {
    const emptyAt = Math.max(0, ...attempts.map(({ answeredAt }) => (answeredAt ?? 0) + windowMs));
    if (emptyAt > this.#options.clock.now()) return { ...rest, untilAt: emptyAt };
    if (keys.every(({ offReason }) => offReason === null)) await this.release();
    return rest;
  }
}
