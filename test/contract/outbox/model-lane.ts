// A lane and its model side by side: both take each step, and `compare` checks that they are still equal.

import assert from "node:assert/strict";
import type { HeldLane, MessageOutcome } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import type { Command } from "./model-command.ts";
import { type CreateStorage, historyOf, laneOf, lookAt, noNews, notification, roomy, type Storage } from "./storage.ts";

interface Message {
  readonly body: string;
  state: "ready" | "sending";
  inDoubt: boolean;
  attemptId: number;
}

interface Delivery {
  /** Group ids, each made once, stand for notifications. */
  readonly notifications: readonly string[];
  messages: Message[];
  retractable: boolean;
  /** A part of it. */
  hasDied: boolean;
}

interface Opened {
  readonly storage: Storage;
  readonly outbox: Outbox;
  readonly lane: HeldLane;
  /** Whether each step is on disk before the next one; else only what a request waits for. */
  readonly waits: boolean;
}

export class ModelLane {
  readonly #storage: Storage;
  readonly #waits: boolean;
  #outbox: Outbox;
  #lane: HeldLane;
  #now = 0;
  #made = 0;
  #pending: string[] = [];
  #deliveries: Delivery[] = [];
  /** How many notifications were delivered, and how many died, since the beginning. */
  #delivered = 0;
  #died = 0;
  readonly #writes = new Set<Promise<unknown>>();
  readonly #failures: unknown[] = [];

  private constructor(opened: Opened) {
    this.#storage = opened.storage;
    this.#outbox = opened.outbox;
    this.#lane = opened.lane;
    this.#waits = opened.waits;
  }

  static async open(create: CreateStorage, waits: boolean): Promise<ModelLane> {
    const storage = await create();
    const outbox = await storage.open();
    return new ModelLane({ storage, outbox, lane: await laneOf(outbox), waits });
  }

  async close(): Promise<void> {
    await this.#outbox.close();
    await this.#storage.remove();
  }

  run(step: Command): Promise<void> {
    switch (step.kind) {
      case "accept":
        return this.#accept(step.count, step.urgent);
      case "plan":
        return this.#plan(step.count, step.parts);
      case "begin":
        return this.#begin(step.nth);
      case "settle":
        return this.#settle(step);
      case "retract":
        return this.#retract(step.nth);
      case "hold":
        return this.#holdAgain();
      case "reopen":
        return this.#reopen();
    }
  }

  /** The outbox as the lane's holder and the operator see it, against the model. */
  async compare(): Promise<void> {
    const { pending, messages } = lookAt(this.#lane);
    assert.deepEqual(this.#failures, []);
    assert.deepEqual(
      pending.map(({ groupId }) => groupId),
      this.#pending,
    );
    assert.deepEqual(
      messages.map(({ body, state, inDoubt, retractable }) => ({ body, state, inDoubt, retractable })),
      this.#deliveries.flatMap((delivery) => {
        const retractable = delivery.retractable && delivery.messages.every(({ state }) => state === "ready");
        return delivery.messages.map(({ body, state, inDoubt }) => ({ body, state, inDoubt, retractable }));
      }),
    );
    assert.ok(this.#deliveries.every((delivery) => delivery.messages.length > 0));
    if (this.#writes.size === 0) await this.#compareStored();
  }

  async #compareStored(): Promise<void> {
    const waiting = this.#pending.length + this.#deliveries.flatMap(({ notifications }) => notifications).length;
    assert.equal((await this.#outbox.backlog())[0]?.notifications ?? 0, waiting);
    const delivered = await historyOf(this.#outbox, { outcome: "delivered" });
    const died = await historyOf(this.#outbox, { outcome: "dead" });
    assert.deepEqual([delivered.length, died.length], [this.#delivered, this.#died]);
  }

  async #write(write: Promise<unknown>): Promise<void> {
    const written: Promise<unknown> = write
      .catch((cause: unknown) => this.#failures.push(cause))
      .then(() => this.#writes.delete(written));
    this.#writes.add(written);
    if (this.#waits) await written;
  }

  #name(kind: string): string {
    this.#made += 1;
    return `${kind} ${this.#made}`;
  }

  #bodies(count: number): readonly string[] {
    return Array.from({ length: count }, () => this.#name("body"));
  }

  async #accept(count: number, urgent: boolean): Promise<void> {
    const groups = Array.from({ length: count }, () => this.#name("group"));
    await this.#outbox.accept(
      groups.map((group) => notification({ group, urgent })),
      roomy,
    );
    this.#pending.push(...groups);
  }

  async #plan(count: number, parts: number): Promise<void> {
    const { pending } = lookAt(this.#lane);
    const chosen = pending.slice(0, count);
    if (chosen.length === 0) return;
    const bodies = this.#bodies(parts);
    const delivery = { ...noNews, mode: "full", urgent: false, alerts: 1, plannedAt: 1 } as const;
    const made = bodies.map((body) => ({ body, media: null }));
    const write = this.#lane.plan({ ...delivery, parts: made, notificationIds: chosen.map(({ id }) => id) });
    await this.#write(write);
    this.#deliveries.push({
      notifications: this.#pending.splice(0, chosen.length),
      messages: bodies.map((body) => freshMessage(body)),
      retractable: true,
      hasDied: false,
    });
  }

  async #begin(nthReady: number): Promise<void> {
    const { messages } = lookAt(this.#lane);
    const ready = messages.filter(({ state }) => state === "ready");
    const chosen = ready[nthReady % Math.max(1, ready.length)];
    if (chosen === undefined) return;
    const start = { messageId: chosen.id, keyId: "key", startedAt: this.#now, upload: false };
    const attemptId = await this.#lane.begin(start);
    const message = this.#deliveries.flatMap((delivery) => delivery.messages).find(({ body }) => body === chosen.body);
    Object.assign(message ?? {}, { state: "sending", attemptId });
  }

  async #settle(step: Command & { readonly kind: "settle" }): Promise<void> {
    const { messages } = lookAt(this.#lane);
    const sending = messages.find(({ state }) => state === "sending");
    const delivery = this.#deliveries.find((one) => one.messages.some(({ body }) => body === sending?.body));
    const message = delivery?.messages.find(({ body }) => body === sending?.body);
    if (sending === undefined || delivery === undefined || message === undefined) return;
    const outcome = this.#outcome(step);
    const { attemptId } = message;
    const answer = { attemptId, messageId: sending.id, answeredAt: this.#now, outcome, errcode: null, key: null };
    settleInModel(delivery, message, outcome);
    const isDone = delivery.messages.length === 0;
    const settling = this.#lane.settle(answer).then((settled) => {
      assert.equal(settled?.notifications ?? null, isDone ? delivery.notifications.length : null);
      if (isDone) assert.equal((settled?.failures.length ?? 0) > 0, delivery.hasDied);
    });
    await this.#write(settling);
    if (!isDone) return;
    this.#deliveries = this.#deliveries.filter((one) => one !== delivery);
    if (delivery.hasDied) this.#died += delivery.notifications.length;
    else this.#delivered += delivery.notifications.length;
  }

  #outcome({ as, inDoubt, parts }: Command & { readonly kind: "settle" }): MessageOutcome {
    switch (as) {
      case "sent":
        return { kind: "sent" };
      case "again":
        return { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt };
      case "replaced":
        return { kind: "replaced", bodies: this.#bodies(parts), reason: "tooLong" };
      case "dead":
        return { kind: "dead", reason: "badContent" };
    }
  }

  async #retract(nthDelivery: number): Promise<void> {
    const { messages, pending } = lookAt(this.#lane);
    const open = [...new Set(messages.filter(({ retractable }) => retractable).map(({ deliveryId }) => deliveryId))];
    const chosen = open[nthDelivery % Math.max(1, open.length)];
    if (chosen === undefined) return;
    const body = messages.find(({ deliveryId }) => deliveryId === chosen)?.body;
    const delivery = this.#deliveries.find((one) => one.messages.some((message) => message.body === body));
    await this.#lane.retract(chosen);
    this.#deliveries = this.#deliveries.filter((one) => one !== delivery);
    const back = [...pending.map(({ groupId }) => groupId), ...(delivery?.notifications ?? [])];
    this.#pending = back.sort((a, b) => numberIn(a) - numberIn(b));
  }

  async #holdAgain(): Promise<void> {
    await Promise.all(this.#writes);
    await this.#takeOver();
  }

  async #reopen(): Promise<void> {
    await this.#outbox.close();
    this.#outbox = await this.#storage.open();
    await this.#takeOver();
  }

  async #takeOver(): Promise<void> {
    const sending = lookAt(this.#lane).messages.filter(({ state }) => state === "sending");
    this.#now += 10_000_000;
    this.#lane = await laneOf(this.#outbox, "ops", { now: this.#now });
    assert.equal(this.#lane.inDoubt, sending.length);
    assert.deepEqual(this.#lane.recovered, []);
    for (const delivery of this.#deliveries) {
      for (const message of delivery.messages.filter(({ state }) => state === "sending")) {
        Object.assign(message, { state: "ready", inDoubt: true });
        delivery.retractable = false;
      }
    }
  }
}

function freshMessage(body: string, inDoubt = false): Message {
  return { body, state: "ready", inDoubt, attemptId: 0 };
}

function numberIn(name: string): number {
  return Number(name.split(" ")[1]);
}

function settleInModel(delivery: Delivery, message: Message, outcome: MessageOutcome): void {
  if (outcome.kind === "again") {
    message.state = "ready";
    message.inDoubt ||= outcome.inDoubt;
    delivery.retractable &&= !outcome.inDoubt;
    return;
  }
  if (outcome.kind === "sent") delivery.retractable = false;
  if (outcome.kind === "dead") delivery.hasDied = true;
  const instead = outcome.kind === "replaced" ? outcome.bodies.map((body) => freshMessage(body, message.inDoubt)) : [];
  delivery.messages = delivery.messages.flatMap((one) => (one === message ? instead : [one]));
}
