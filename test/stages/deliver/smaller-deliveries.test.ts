// A delivery that can not be put into words at once is told in smaller ones; one that is abandoned leaves everything as it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RenderedDelivery } from "../../../src/deliver/lane-options.ts";
import { materialise } from "../../../src/deliver/materialise.ts";
import { RenderAbandoned } from "../../../src/deliver/render-abandoned.ts";
import type { QueuedDelivery } from "../../../src/domain/queued-delivery.ts";
import { openSqlite } from "../../../src/outbox/sqlite/open-sqlite.ts";
import type { DeliveryPlan } from "../../../src/plan/plan.ts";
import { leaseOf, lookAt, notification, roomy } from "../../contract/outbox/storage.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const notifications = 40;

const told: RenderedDelivery = {
  mode: "digest",
  kind: "digest",
  drafts: [{ body: "{}", kind: "markdown", media: null, picture: null }],
  alerts: 1,
  shortenedValues: 0,
  templateFailures: [],
};

/** An outbox in which forty notifications wait, each of 100 kB, and what is left of them after one delivery. */
async function renderWith(
  render: (waiting: QueuedDelivery) => Promise<RenderedDelivery>,
  { deliveryMaxBytes = 1e9 }: { readonly deliveryMaxBytes?: number } = {},
) {
  const outbox = await openSqlite(":memory:");
  const lease = await leaseOf(outbox);
  await outbox.accept(
    Array.from({ length: notifications }, () => notification({ text: "x".repeat(100_000) })),
    roomy,
  );
  const heads = (await lookAt(outbox, lease)).pending;
  const groups = heads.map(({ id, groupId }) => ({
    ...{ groupId, urgent: false, oldestAt: 0, readyAt: 0, cost: 1 },
    ids: [id],
  }));
  const planned: DeliveryPlan = { kind: "digest", groups, urgent: false, late: false };
  const options = {
    ...{
      bot: "ops",
      keys: [],
      fallback: null,
      reserve: 0,
      digestMessages: 3,
      maxAgeMs: 1e9,
      deliveryMaxBytes,
      leaseMs: 1e9,
      owner: "first",
    },
    ...{ outbox, clock: new ManualClock(), random: () => 0.5, render, repair: () => null, report: () => undefined },
    complete: async () => ({ parts: [{ body: "{}", media: null }], missing: [] }),
    markPossiblyRepeated: (body: string) => body,
    withMediaId: (body: string) => body,
    send: () => Promise.reject(new Error("nothing is sent")),
    upload: () => Promise.reject(new Error("nothing is sent")),
  };
  const failure = await materialise(options, lease, planned).then(
    () => null,
    (cause: unknown) => cause,
  );
  const left = (await lookAt(outbox, lease)).pending.length;
  await outbox.close();
  return { failure, left };
}

test("what is too much is told in smaller deliveries, the oldest first", async () => {
  const { failure, left } = await renderWith(async ({ groups }) => {
    if (groups.length > 5) throw new Error("out of memory");
    return told;
  });

  assert.equal(failure, null);
  assert.ok(left >= notifications - 5 && left < notifications, `${left} wait`);
});

test("a delivery takes no more than its share of the memory, or a single notification", async () => {
  const leftOf = async (deliveryMaxBytes: number) => (await renderWith(async () => told, { deliveryMaxBytes })).left;

  assert.equal(await leftOf(1e9), 0);
  assert.equal(await leftOf(1_050_000), notifications - 10);
  assert.equal(await leftOf(10), notifications - 1);
});

test("what can not be told at all waits", async () => {
  const { failure, left } = await renderWith(() => Promise.reject(new Error("out of memory")));

  assert.match(String(failure), /out of memory/);
  assert.equal(left, notifications);
});

test("what is abandoned waits, and is not tried again", async () => {
  let tries = 0;
  const { failure, left } = await renderWith(() => {
    tries += 1;
    return Promise.reject(new RenderAbandoned("the service stops"));
  });

  assert.ok(failure instanceof RenderAbandoned);
  assert.deepEqual([left, tries], [notifications, 1]);
});
