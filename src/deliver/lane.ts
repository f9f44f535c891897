// Carries out, one after the other, the steps that next-step decides for one bot. A step ends before the next is decided, so at most
// one request of a bot is in flight.

import { setImmediate as nextTurn } from "node:timers/promises";
import { LaneLost } from "../outbox/errors.ts";
import type { HeldLane, KeyState } from "../outbox/lane.ts";
import type { DeliveryPlan } from "../plan/plan.ts";
import { sendWindow } from "../wecom/limits.ts";
import { type LaneStatus, laneStatusOf } from "./keys.ts";
import type { LaneOptions } from "./lane-options.ts";
import { materialise } from "./materialise.ts";
import { type LaneRest, type LaneStep, nextStep } from "./next-step.ts";
import { OptionalParts } from "./optional-parts.ts";
import { type Answered, send, upload } from "./send.ts";
import { sendOptional } from "./send-optional.ts";

/** Heads planned at once: more than one window can deliver, even when each of its 20 messages merges hundreds. */
const maxHeads = 20_000;

/** With more heads than this, planning takes tens of milliseconds, and the event loop gets a turn before it. */
const manyHeads = 1_000;

/** A lane that is lost this often in a row rests a while: other processes write to it all the time. */
const mostLosses = 3;
const pauseMs = 1_000;

export class Lane {
  #options: LaneOptions;
  readonly #wake: () => void;
  #optional: OptionalParts;
  #held: HeldLane | null = null;
  /** In a row. */
  #losses = 0;

  /** `wake` is called when the lane has something to do that the outbox does not know of. */
  constructor(options: LaneOptions, wake: () => void) {
    this.#options = options;
    this.#wake = wake;
    this.#optional = new OptionalParts(options, wake);
  }

  /** Used from the next step on. Must not be called during a step. The bot stays the same. */
  use(options: LaneOptions): void {
    this.end();
    this.#options = options;
    this.#optional = new OptionalParts(options, this.#wake);
    this.#held = null;
  }

  /** May be called during a step: new text does not wait long for the request of a picture. */
  hurry(): void {
    this.#optional.hurry();
  }

  /** No step follows with these options. */
  end(): void {
    this.#optional.endAll("interrupted");
  }

  /** Does one step. Returns null when the next one may follow at once, else how long there is nothing to do. */
  async step(): Promise<LaneRest | null> {
    try {
      const rest = await this.#step();
      this.#losses = 0;
      return rest;
    } catch (cause) {
      if (!(cause instanceof LaneLost)) throw cause;
      return this.#lost();
    }
  }

  /** Must not be called during a step. */
  async release(): Promise<void> {
    const held = this.#held;
    this.#held = null;
    if (held?.isOutOfDate() === false) await held.release();
  }

  /** Its status at `now`; while another process holds it, by what the outbox has of its keys. */
  status(now: number, keys: readonly KeyState[]): LaneStatus {
    const work = this.#held?.work(now, 0) ?? { keys, messages: [], attempts: null };
    return laneStatusOf(work, this.#keyIds(), now);
  }

  holds(): boolean {
    return this.#held !== null;
  }

  #keyIds(): readonly string[] {
    return this.#options.settings.keys.map((key) => key.id);
  }

  async #step(): Promise<LaneRest | null> {
    const { clock, outbox } = this.#options.process;
    // Others may take the lane over; the next heartbeat decides.
    if (outbox.term() === null) return { kind: "rest", untilAt: clock.now() + pauseMs, wakesAt: null };
    const lane = await this.#hold();
    // Another process works for it. When that process ends, the outbox reports the lane as unheld.
    if (lane === null) {
      this.end();
      return { kind: "rest", untilAt: null, wakesAt: clock.now() };
    }
    return this.#carryOut(await this.#decide(lane), lane);
  }

  #lost(): LaneRest | null {
    const { report, clock } = this.#options.process;
    report({ kind: "laneLost", bot: this.#options.settings.bot });
    this.#losses += 1;
    if (this.#losses < mostLosses) return null;
    return { kind: "rest", untilAt: clock.now() + pauseMs, wakesAt: null };
  }

  async #hold(): Promise<HeldLane | null> {
    const { outbox, clock, report } = this.#options.process;
    const { bot } = this.#options.settings;
    if (this.#held?.isOutOfDate() === false) return this.#held;
    this.#held = null;
    const lane = await outbox.hold(bot, { keyIds: this.#keyIds(), window: sendWindow, now: clock.now() });
    this.#held = lane;
    if (lane === null) return null;
    if (lane.inDoubt > 0) report({ kind: "inDoubt", bot, messages: lane.inDoubt });
    for (const delivery of lane.recovered) report({ kind: "delivered", bot, delivery, settledAt: clock.now() });
    return lane;
  }

  async #decide(lane: HeldLane): Promise<LaneStep> {
    const { process, settings } = this.#options;
    const now = process.clock.now();
    const work = lane.work(now, maxHeads);
    if (work.pending.length > manyHeads) await nextTurn();
    return nextStep({ ...settings, keyIds: this.#keyIds(), work, now, optional: this.#optional.list() });
  }

  async #carryOut(step: LaneStep, lane: HeldLane): Promise<LaneRest | null> {
    const { report } = this.#options.process;
    switch (step.kind) {
      case "rest":
        return step;
      case "retract":
        await lane.retract(step.deliveryId);
        this.#optional.endOf(step.deliveryId, "superseded");
        report({ kind: "retracted", bot: lane.bot, delivery: step.deliveryId });
        break;
      case "move": {
        const notifications = await lane.move(step.toBot);
        this.end();
        report({ kind: "moved", bot: lane.bot, toBot: step.toBot, notifications });
        break;
      }
      case "plan":
        await this.#plan(step.delivery, lane);
        break;
      case "upload":
        this.#answered(await upload(this.#options, lane, step));
        break;
      case "send":
        this.#answered(await send(this.#options, lane, step));
        break;
      case "omit":
        this.#optional.end(step.partId, step.result);
        break;
      case "fill":
        this.#optional.fill(step.partId);
        break;
      case "sendOptional":
        await sendOptional(this.#options, lane, { ...step, parts: this.#optional });
    }
    return null;
  }

  async #plan(planned: DeliveryPlan, lane: HeldLane): Promise<void> {
    const { stored, mode, wanted } = await materialise(this.#options, lane, planned);
    const groupIds = (planned.kind === "group" ? [planned.group] : planned.groups).map(({ groupId }) => groupId);
    this.#optional.endOfGroups(groupIds);
    if (mode === "digest" || mode === "file") this.#optional.endAll("digest");
    const added = stored.then((deliveryId) => {
      if (deliveryId !== null) this.#optional.add({ deliveryId, groupIds, wanted });
    });
    const next = await this.#decide(lane);
    // Its mark is stored in the same commit as the plan.
    await Promise.all([added, next.kind === "send" ? this.#carryOut(next, lane) : null]);
  }

  #answered({ answeredAt, settled }: Answered): void {
    const { settings, process } = this.#options;
    const { bot } = settings;
    settled.then(
      (delivery) => {
        if (delivery === null) return;
        process.report({ kind: "delivered", bot, delivery, settledAt: answeredAt });
        this.#optional.textSettled(delivery, answeredAt);
      },
      (cause: unknown) => process.report({ kind: "broken", bot, cause }),
    );
  }
}
