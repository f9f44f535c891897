// Shell: carries out, one after the other, the steps that next-step decides for one bot. It decides nothing itself.
// One step is done before the next is asked for, so at most one request of a bot is in flight.

import type { Secret } from "../config/secret.ts";
import type { MessageKind } from "../domain/message-kind.ts";
import type { GroupTelling } from "../domain/notification.ts";
import type { Clock } from "../observe/clock.ts";
import type { LaneWork, Lease, Outbox, WaitingMessage } from "../outbox/store.ts";
import type { PlannedTelling } from "../plan/plan.ts";
import { supersede } from "../plan/supersede.ts";
import { windowMs } from "../wecom/limits.ts";
import { type Judgement, judge, type Repair, type Reply } from "../wecom/verdict.ts";
import { type Conclusion, conclude } from "./conclude.ts";
import { nextStep, type Rest, type Step } from "./next-step.ts";
import type { DeliveryReport, Report } from "./report.ts";
import { freeSlots } from "./window.ts";

/** Heads read at once: more than a window can tell even when each of its 20 messages merges hundreds. */
const maxHeads = 20_000;

export interface RenderedBodies {
  readonly bodies: readonly string[];
  readonly kinds: readonly MessageKind[];
  readonly shortenedValues: number;
  readonly templateFailures: readonly { readonly template: string; readonly message: string }[];
}

export interface LaneOptions {
  readonly bot: string;
  readonly keys: readonly Secret[];
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly random: () => number;
  readonly owner: string;
  /** How long a lease lasts; longer than any request may take. */
  readonly leaseMs: number;
  readonly maxAgeMs: number;
  readonly render: (telling: GroupTelling, now: number) => RenderedBodies;
  readonly repair: (body: string, repair: Repair) => readonly string[] | null;
  readonly markPossiblyRepeated: (body: string) => string;
  readonly send: (key: Secret, body: string) => Promise<Reply>;
  readonly report: Report;
}

export class Lane {
  readonly #options: LaneOptions;
  readonly #keyIds: readonly string[];
  #lastRead: LaneWork | null = null;
  #lease: { readonly held: Lease; readonly untilAt: number } | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#keyIds = options.keys.map((key) => key.id);
  }

  /** Does one step. Returns null when the next one may follow at once, else how long there is nothing to do. */
  async step(): Promise<Rest | null> {
    const { clock, leaseMs, maxAgeMs } = this.#options;
    const lease = await this.#hold();
    if (lease === null) return { kind: "rest", untilAt: clock.now() + leaseMs / 3, endsWithWork: false };
    const now = clock.now();
    const work = await this.#options.outbox.read(lease, {
      keyIds: this.#keyIds,
      windowStartAt: now - windowMs,
      maxHeads,
    });
    this.#lastRead = work;
    const step = nextStep({ work, keyIds: this.#keyIds, now, maxAgeMs });
    return this.#carryOut(step, { lease, work });
  }

  /** For the metrics: slots free at `now` and keys that are up, by what was last read. */
  standing(now: number): { readonly freeSlots: number; readonly keysUp: number } {
    const work = this.#lastRead;
    const off = new Set(work?.keys.filter((state) => state.offReason !== null).map((state) => state.keyId));
    const free = this.#keyIds.map((keyId) =>
      freeSlots(work?.attempts.filter((attempt) => attempt.keyId === keyId) ?? [], now),
    );
    return {
      freeSlots: free.reduce((sum, slots) => sum + slots, 0),
      keysUp: this.#keyIds.filter((keyId) => !off.has(keyId)).length,
    };
  }

  async release(): Promise<void> {
    const lease = this.#lease?.held;
    this.#lease = null;
    if (lease !== undefined) await this.#options.outbox.release(lease);
  }

  /** Forgets a lease that turned out to be lost. */
  forgetLease(): void {
    this.#lease = null;
    this.#report({ kind: "leaseLost", bot: this.#options.bot });
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

  async #carryOut(
    step: Step,
    { lease, work }: { readonly lease: Lease; readonly work: LaneWork },
  ): Promise<Rest | null> {
    switch (step.kind) {
      case "discover": {
        const messages = await this.#options.outbox.discover(lease, this.#options.clock.now());
        this.#report({ kind: "inDoubt", bot: lease.bot, messages });
        return null;
      }
      case "retract":
        await this.#options.outbox.retract(lease, step.tellingId);
        this.#report({ kind: "retracted", bot: lease.bot });
        return null;
      case "plan":
        await this.#plan(lease, step.telling);
        return null;
      case "send":
        await this.#send(lease, { message: step.message, keyId: step.keyId, work });
        return null;
      case "rest":
        return step;
    }
  }

  async #plan(lease: Lease, planned: PlannedTelling): Promise<void> {
    const { outbox, clock, render } = this.#options;
    const [first, ...others] = await outbox.groups(lease, planned.ids);
    if (first === undefined) throw new Error(`the outbox has none of the notifications ${planned.ids.join(", ")}`);
    const telling = supersede([first, ...others], { late: planned.form === "late" });
    const plannedAt = clock.now();
    const rendered = render(telling, plannedAt);
    await outbox.plan(lease, {
      form: planned.form,
      groupId: planned.groupId,
      urgent: planned.urgent,
      notificationIds: planned.ids,
      alerts: telling.routed.group.alerts.length,
      bodies: rendered.bodies,
      plannedAt,
    });
    this.#report({
      kind: "planned",
      bot: lease.bot,
      form: planned.form,
      notifications: planned.ids.length,
      kinds: rendered.kinds,
      shortenedValues: rendered.shortenedValues,
      templateFailures: rendered.templateFailures,
    });
  }

  /**
   * Mark, send, record, in this order. Dying before the mark: nothing left the house. Dying between mark and record: the
   * message is found as in doubt and told again, marked so. The other orders lose alerts or forget slots of the window.
   */
  async #send(
    lease: Lease,
    sending: { readonly message: WaitingMessage; readonly keyId: string; readonly work: LaneWork },
  ) {
    const { outbox, clock, keys, send, markPossiblyRepeated } = this.#options;
    const { message, keyId } = sending;
    const key = keys.find((candidate) => candidate.id === keyId);
    if (key === undefined) throw new Error(`no key ${keyId} for bot ${lease.bot}`);
    const body = message.inDoubt ? markPossiblyRepeated(message.body) : message.body;

    const attemptId = await outbox.begin(lease, { messageId: message.id, keyId, startedAt: clock.now(), body });
    this.#report({ kind: "attempted", bot: lease.bot });
    const reply = await send(key, body);
    const answeredAt = clock.now();

    const judgement = judge(reply);
    const conclusion = conclude({
      verdict: judgement.verdict,
      message: { ...message, body },
      keyId,
      keyState: sending.work.keys.find((state) => state.keyId === keyId) ?? null,
      answeredAt,
      random: this.#options.random(),
      repair: this.#options.repair,
    });
    const told = await outbox.settle(lease, {
      attemptId,
      messageId: message.id,
      answeredAt,
      outcome: conclusion.outcome,
      key: conclusion.key,
    });
    this.#reportAnswer({ bot: lease.bot, keyId, message, judgement, conclusion });
    if (told !== null) this.#report({ kind: "told", bot: lease.bot, telling: told, settledAt: answeredAt });
  }

  #reportAnswer(answer: {
    readonly bot: string;
    readonly keyId: string;
    readonly message: WaitingMessage;
    readonly judgement: Judgement;
    readonly conclusion: Conclusion;
  }): void {
    const { bot, keyId, message, judgement, conclusion } = answer;
    const { verdict, errcode, explanation } = judgement;
    const { outcome } = conclusion;
    if (verdict.kind === "sent" || outcome.kind === "sent") {
      this.#report({ kind: "sent", bot, keyId, warning: verdict.kind === "sent" ? verdict.warning : null });
      return;
    }
    this.#report({
      kind: "refused",
      bot,
      keyId,
      reason: verdict.reason,
      errcode,
      explanation,
      tries: message.tries + 1,
      outcome: outcome.kind,
      againAt: outcome.kind === "again" ? outcome.notBeforeAt : null,
      keyOff: verdict.kind === "keyOff",
    });
  }

  #report(report: DeliveryReport): void {
    this.#options.report(report);
  }
}
