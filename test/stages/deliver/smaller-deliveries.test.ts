// A delivery that cannot be rendered at once is split into smaller ones. When rendering is stopped, everything stays as it was.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { FilledPartLimit } from "../../../src/deliver/filled-part-limit.ts";
import type { LaneOptions } from "../../../src/deliver/lane-options.ts";
import { materialise } from "../../../src/deliver/materialise.ts";
import type { RenderedRequest, RenderPlanned } from "../../../src/deliver/renderer.ts";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import type { DeliveryPlan } from "../../../src/plan/plan.ts";
import { plainDraft } from "../../../src/render/message-draft.ts";
import { ThreadClosed } from "../../../src/threads/question-thread.ts";
import { laneOf, lookAt, notification, roomy } from "../../contract/outbox/storage.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const notifications = 40;

const rendered: RenderedRequest = {
  mode: "digest",
  parts: [plainDraft({ msgtype: "markdown", markdown: { content: "x" } })],
  alerts: 1,
  mentioned: [],
  unmentionable: [],
  shortenedValues: 0,
  templateFailures: [],
  states: "[]",
  suppressed: [],
  names: "",
};

/** An outbox in which forty notifications wait, each of 100 kB; how many of them still wait after one delivery. */
async function renderWith(
  render: RenderPlanned,
  { deliveryMaxBytes = 1e9 }: { readonly deliveryMaxBytes?: number } = {},
) {
  const outbox = await outboxOn(new DatabaseSync(":memory:"));
  const lane = await laneOf(outbox);
  await outbox.accept(
    Array.from({ length: notifications }, () => notification({ text: "x".repeat(100_000) })),
    roomy,
  );
  const heads = lookAt(lane).pending;
  const groups = heads.map(({ id, groupId }) => ({
    groupId,
    ids: [id],
    urgent: false,
    oldestAt: 0,
    readyAt: 0,
    cost: 1,
  }));
  const planned: DeliveryPlan = { kind: "digest", groups, urgent: false, late: false };
  const unused = () => Promise.reject(new Error("nothing is sent"));
  const options: LaneOptions = {
    settings: {
      bot: "ops",
      keys: [],
      fallback: null,
      reserve: 0,
      digestMessages: 3,
      maxAgeMs: 1e9,
      optionalMaxDelayMs: 30_000,
      hasLinks: false,
    },
    robot: { send: unused, upload: unused },
    process: {
      outbox,
      clock: new ManualClock(),
      random: () => 0.5,
      deliveryMaxBytes,
      filledParts: new FilledPartLimit(),
      report: () => undefined,
    },
    bodies: {
      render,
      recoveriesOf: null,
      fill: () => Promise.reject(new Error("nothing is optional")),
      repair: () => null,
      markPossiblyRepeated: (body: string) => body,
      withMediaId: (body: string) => body,
    },
  };
  const failure = await materialise(options, lane, planned).then(
    async ({ stored }) => {
      await stored;
      return null;
    },
    (cause: unknown) => cause,
  );
  const left = lookAt(lane).pending.length;
  await outbox.close();
  return { failure, left };
}

test("what is too much for one delivery is split into smaller ones, the oldest first", async () => {
  const { failure, left } = await renderWith(async ({ groups }) => {
    if (groups.length > 5) throw new Error("out of memory");
    return rendered;
  });

  assert.equal(failure, null);
  assert.ok(left >= notifications - 5 && left < notifications, `${left} wait`);
});

test("a delivery takes no more than its share of the memory, or a single notification", async () => {
  const leftOf = async (deliveryMaxBytes: number) =>
    (await renderWith(async () => rendered, { deliveryMaxBytes })).left;

  assert.equal(await leftOf(1e9), 0);
  assert.equal(await leftOf(1_050_000), notifications - 10);
  assert.equal(await leftOf(10), notifications - 1);
});

test("what cannot be rendered at all waits", async () => {
  const { failure, left } = await renderWith(() => Promise.reject(new Error("out of memory")));

  assert.match(String(failure), /out of memory/);
  assert.equal(left, notifications);
});

test("what is not rendered when the service stops waits, and is not tried again", async () => {
  let tries = 0;
  const { failure, left } = await renderWith(() => {
    tries += 1;
    return Promise.reject(new ThreadClosed("the service stops"));
  });

  assert.ok(failure instanceof ThreadClosed);
  assert.deepEqual([left, tries], [notifications, 1]);
});
