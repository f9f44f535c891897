// A lane and its model side by side: both take each step, and `compare` checks that they are still equal.

import assert from "node:assert/strict";
import type { Lease, MessageOutcome, Outbox } from "../../../src/outbox/store.ts";
import type { Command } from "./model-command.ts";
import { type CreateStorage, leaseOf, lookAt, notification, roomy, type Storage } from "./storage.ts";

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
}

interface Opened {
  readonly storage: Storage;
  readonly outbox: Outbox;
  readonly lease: Lease;
}

export class ModelLane {
  readonly #storage: Storage;
  #outbox: Outbox;
  #lease: Lease;
  #now = 0;
  #made = 0;
  #pending: string[] = [];
  #deliveries: Delivery[] = [];

  private constructor(opened: Opened) {
    this.#storage = opened.storage;
    this.#outbox = opened.outbox;
    this.#lease = opened.lease;
  }

  static async open(create: CreateStorage): Promise<ModelLane> {
    const storage = await create();
    const outbox = await storage.open();
    return new ModelLane({ storage, outbox, lease: await leaseOf(outbox) });
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
      case "reopen":
        return this.#reopen();
    }
  }

  /** The outbox as the lane's holder and the operator see it, against the model. */
  async compare(): Promise<void> {
    const { pending, messages } = await lookAt(this.#outbox, this.#lease);
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
    const waiting = this.#pending.length + this.#deliveries.flatMap(({ notifications }) => notifications).length;
    assert.equal((await this.#outbox.backlog())[0]?.notifications ?? 0, waiting);
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
    const { pending } = await lookAt(this.#outbox, this.#lease);
    const chosen = pending.slice(0, count);
    if (chosen.length === 0) return;
    const bodies = this.#bodies(parts);
    const delivery = { mode: "full", urgent: false, alerts: 1, plannedAt: 1 } as const;
    const made = bodies.map((body) => ({ body, media: null }));
    await this.#outbox.plan(this.#lease, { ...delivery, parts: made, notificationIds: chosen.map(({ id }) => id) });
    this.#deliveries.push({
      notifications: this.#pending.splice(0, chosen.length),
      messages: bodies.map(freshMessage),
      retractable: true,
    });
  }

  async #begin(nthReady: number): Promise<void> {
    const { messages } = await lookAt(this.#outbox, this.#lease);
    const ready = messages.filter(({ state }) => state === "ready");
    const chosen = ready[nthReady % Math.max(1, ready.length)];
    if (chosen === undefined) return;
    const start = { messageId: chosen.id, keyId: "key", startedAt: this.#now, body: chosen.body };
    const attemptId = await this.#outbox.begin(this.#lease, start);
    const message = this.#deliveries.flatMap((delivery) => delivery.messages).find(({ body }) => body === chosen.body);
    Object.assign(message ?? {}, { state: "sending", attemptId });
  }

  async #settle(step: Command & { readonly kind: "settle" }): Promise<void> {
    const { messages } = await lookAt(this.#outbox, this.#lease);
    const sending = messages.find(({ state }) => state === "sending");
    const delivery = this.#deliveries.find((one) => one.messages.some(({ body }) => body === sending?.body));
    const message = delivery?.messages.find(({ body }) => body === sending?.body);
    if (sending === undefined || delivery === undefined || message === undefined) return;
    const outcome = this.#outcome(step);
    const { attemptId } = message;
    const settled = await this.#outbox.settle(this.#lease, {
      attemptId,
      messageId: sending.id,
      answeredAt: this.#now,
      outcome,
      key: null,
    });
    settleInModel(delivery, message, outcome);
    assert.equal(settled?.notifications ?? null, delivery.messages.length === 0 ? delivery.notifications.length : null);
    this.#deliveries = this.#deliveries.filter((one) => one.messages.length > 0);
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
    const { messages, pending } = await lookAt(this.#outbox, this.#lease);
    const open = [...new Set(messages.filter(({ retractable }) => retractable).map(({ deliveryId }) => deliveryId))];
    const chosen = open[nthDelivery % Math.max(1, open.length)];
    if (chosen === undefined) return;
    const body = messages.find(({ deliveryId }) => deliveryId === chosen)?.body;
    const delivery = this.#deliveries.find((one) => one.messages.some((message) => message.body === body));
    await this.#outbox.retract(this.#lease, chosen);
    this.#deliveries = this.#deliveries.filter((one) => one !== delivery);
    const back = [...pending.map(({ groupId }) => groupId), ...(delivery?.notifications ?? [])];
    this.#pending = back.sort((a, b) => numberIn(a) - numberIn(b));
  }

  async #reopen(): Promise<void> {
    await this.#outbox.close();
    this.#outbox = await this.#storage.open();
    await this.#takeOver();
  }

  async #takeOver(): Promise<void> {
    this.#now += 10_000_000;
    this.#lease = await leaseOf(this.#outbox, "ops", `owner ${this.#now}`, this.#now);
    await this.#outbox.discover(this.#lease, this.#now);
    for (const delivery of this.#deliveries) {
      for (const message of delivery.messages.filter(({ state }) => state === "sending")) {
        Object.assign(message, { state: "ready", inDoubt: true });
        delivery.retractable = false;
      }
    }
  }
}

function freshMessage(body: string): Message {
  return { body, state: "ready", inDoubt: false, attemptId: 0 };
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
  const instead = outcome.kind === "replaced" ? outcome.bodies.map(freshMessage) : [];
  delivery.messages = delivery.messages.flatMap((one) => (one === message ? instead : [one]));
}
