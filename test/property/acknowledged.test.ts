// For any order of firing, recovering, acknowledging and waiting: a reminder of an alert that somebody acknowledged since it fires, less
// than 4 h ago, mentions nobody and says who; every other reminder mentions.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import fc from "fast-check";
import { acknowledgedMs, isAcknowledgeable } from "../../src/domain/action.ts";
import type { Alert } from "../../src/domain/alert.ts";
import type { DeliveredState } from "../../src/domain/instance.ts";
import { routedGroupText } from "../../src/domain/notification.ts";
import { outboxOn } from "../../src/outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "../../src/outbox/store.ts";
import { shownStates } from "../../src/plan/news.ts";
import { supersede } from "../../src/plan/supersede.ts";
import { renderDelivery } from "../../src/render/render.ts";
import { messageText } from "../../src/wecom/message.ts";
import { builtIn, settings } from "../stages/render/deliveries.ts";
import { deliveredStates } from "../support/delivered-states.ts";
import { alertOf, noon, routedGroup } from "../support/waiting.ts";

type Step = "fire" | "recover" | "remind" | "acknowledge" | "wait";

const steps = fc.array(fc.constantFrom<Step>("fire", "recover", "remind", "remind", "acknowledge", "wait"), {
  minLength: 1,
  maxLength: 14,
});

class Chat {
  now = noon;
  alert: Alert = alertOf({ startsAt: noon, status: "resolved" });
  #outbox: Outbox;
  #delivered: readonly DeliveredState[] = [];

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  /** What the group gets when the alert is sent as it is now. */
  async deliver() {
    const base = routedGroup([this.alert]);
    const mention = { ...base.destination.mention, users: ["zhangsan"], repeats: true, on: ["firing"] as const };
    const routed = { ...base, destination: { ...base.destination, mention } };
    const acknowledgements = await this.#outbox.acknowledgements({ bot: "ops", now: this.now });
    const queued = { id: 1, acceptedAt: this.now, body: routedGroupText(routed) };
    const context = { delivered: deliveredStates(this.#delivered), acknowledgements, late: false };
    const delivery = supersede([queued], context);
    this.#delivered = shownStates([delivery], this.now);
    const { parts, mentioned } = renderDelivery(delivery, builtIn, { ...settings, now: this.now });
    return { mentioned, text: parts.map(({ message }) => messageText(message)).join("\n") };
  }

  acknowledge(): Promise<void> {
    const { identity, startsAt } = this.alert;
    assert.ok(isAcknowledgeable(this.alert, routedGroup([this.alert]).group) && startsAt !== null);
    return this.#outbox.acknowledge([{ bot: "ops", identity, startsAt, by: "李四", acknowledgedAt: this.now }]);
  }
}

test("an acknowledged alert mentions nobody in reminders, until it recovers and at most four hours", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const outbox = await outboxOn(new DatabaseSync(":memory:"));
      const chat = new Chat(outbox);
      let acknowledgedAt: number | null = null;
      for (const step of all) {
        chat.now += 60_000;
        const isFiring = chat.alert.status === "firing";
        if (step === "wait") chat.now += acknowledgedMs / 2;
        if (step === "fire" && !isFiring) {
          chat.alert = alertOf({ startsAt: chat.now });
          acknowledgedAt = null;
          assert.deepEqual((await chat.deliver()).mentioned, ["zhangsan"]);
        }
        if (step === "recover" && isFiring) {
          chat.alert = { ...chat.alert, status: "resolved", endsAt: chat.now };
          const { mentioned, text } = await chat.deliver();
          assert.deepEqual(mentioned, []);
          assert.doesNotMatch(text, /李四/);
        }
        if (step === "acknowledge" && isFiring) {
          await chat.acknowledge();
          acknowledgedAt = chat.now;
        }
        if (step === "remind" && isFiring) {
          const isAcknowledged: boolean = acknowledgedAt !== null && chat.now - acknowledgedAt < acknowledgedMs;
          const { mentioned, text } = await chat.deliver();
          assert.deepEqual(mentioned, isAcknowledged ? [] : ["zhangsan"]);
          assert.equal(text.includes("李四 在处理"), isAcknowledged);
        }
      }
      await outbox.close();
    }),
    { numRuns: 60 },
  );
});

test("what cannot be distinguished from a later fire cannot be acknowledged", () => {
  const { group } = routedGroup([alertOf()]);

  assert.equal(isAcknowledgeable(alertOf({ startsAt: null }), group), false);
  assert.equal(isAcknowledgeable(alertOf({ status: "resolved" }), group), false);
  assert.equal(isAcknowledgeable(alertOf(), { ...group, lossyBody: "hash" }), false);
});
