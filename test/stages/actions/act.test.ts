// In which order an action is stored, done and announced, with a real outbox and an Alertmanager of this process: whatever fails or
// ends in between, what was silenced is watched, and what was not is not announced.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { after, before, beforeEach, describe, it } from "node:test";
import { type ActDeps, type ActionChoice, type ActionOutcome, act } from "../../../src/actions/act.ts";
import { createAlertmanagerClient } from "../../../src/actions/alertmanager.ts";
import type { Announcement } from "../../../src/actions/announcement.ts";
import { type SilenceWatch, watchEveryMs } from "../../../src/domain/action.ts";
import { parseRoutedGroup } from "../../../src/domain/notification.ts";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import { type LocalAlertmanager, startLocalAlertmanager } from "../../support/local-alertmanager.ts";
import { deliveryOf, now, sampleAlert, sampleGroup } from "../render/deliveries.ts";

const labels = { alertname: "队列积压", queue: "orders" };
const silence: ActionChoice = { action: "silence", scope: "alert", durationMs: 3_600_000 };

let alertmanager: LocalAlertmanager;
let deps: ActDeps;
let announced: Announcement[] = [];
let fails = false;
let isFull = false;
let outbox: Outbox;

before(async () => {
  alertmanager = await startLocalAlertmanager();
});
after(() => alertmanager.close());
beforeEach(async () => {
  Object.assign(alertmanager, { answer: "normal", message: "", alerts: [labels] });
  alertmanager.silences.length = 0;
  announced = [];
  fails = false;
  isFull = false;
  outbox = await outboxOn(new DatabaseSync(":memory:"), { now: () => now });
  const { origin } = alertmanager;
  const client = createAlertmanagerClient({ urls: [origin], headers: () => ({}), ca: null });
  let ids = 0;
  deps = {
    store: outbox,
    announce: async (announcement) => {
      if (fails) throw new Error("the outbox is away");
      if (!isFull) announced.push(announcement);
      return !isFull;
    },
    alertmanagerOf: () => ({ name: "prod", client }),
    rules: { durationsMs: [3_600_000], maxMs: 7_200_000, scopes: ["alert"], never: [] },
    now: () => now,
    wall: () => now,
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
  };
});

function does(choice: ActionChoice, changed: Partial<ActDeps> = {}): Promise<ActionOutcome> {
  const { routed } = deliveryOf(sampleGroup([sampleAlert(labels)]));
  const sender = { address: "10.0.0.1", userAgent: "" };
  const stored = { ...routed, sender };
  const request = { stored, bot: "ops", choice, by: "张三（自称）", sender, isAdmin: async () => false };
  return act(request, { ...deps, ...changed });
}

/** Those that are stored. */
function watches(): Promise<readonly SilenceWatch[]> {
  return outbox.takeDueWatches(now + 2 * watchEveryMs);
}

describe("a silence", () => {
  it("is watched and announced, once each", async () => {
    const outcome = await does(silence);
    const [watch = assert.fail(), ...more] = await watches();

    assert.equal(outcome.kind, "silenced");
    assert.deepEqual(more, []);
    assert.deepEqual(
      [watch.id, watch.silenceId, watch.notice, watch.untilRecovered, watch.endsAt],
      ["id-1", alertmanager.silences[0]?.id, "", false, now + 3_600_000],
    );
    assert.deepEqual(
      parseRoutedGroup(watch.body).group.alerts.map((alert) => alert.labels),
      [labels],
    );
    assert.deepEqual(
      announced.map(({ key }) => key),
      ["id-1"],
    );
    assert.match(announced[0]?.notice ?? "", /^张三（自称） 已静默 队列积压 · orders 至/u);
    assert.ok(alertmanager.silences[0]?.comment.includes("id-1"));
  });

  it("begins before now, so that it is in force where the clock is behind", async () => {
    await does(silence);

    assert.ok(Date.parse(alertmanager.silences[0]?.startsAt ?? "") < now);
  });

  it("is stored before it is set: without a store nothing is set", async () => {
    const store = { ...outbox, watchSilence: () => Promise.reject(new Error("away")) };

    const outcome = await does(silence, { store });

    assert.deepEqual(outcome, { kind: "failed", reason: "notStored", detail: "" });
    assert.deepEqual(alertmanager.silences, []);
  });

  it("is not set for an alert that Alertmanager does not have: a forged webhook opens nothing", async () => {
    alertmanager.alerts = [{ ...labels, forged: "no" }];

    const outcome = await does(silence);

    assert.deepEqual(outcome, { kind: "failed", reason: "alertNotFound", detail: "" });
    assert.deepEqual(alertmanager.silences, []);
    assert.deepEqual(announced, []);
  });

  for (const why of ["away", "full"]) {
    it(`that cannot be announced now is still set, and its watch has the announcement and finds it: ${why}`, async () => {
      fails = why === "away";
      isFull = why === "full";

      const outcome = await does(silence);
      const [watch = assert.fail()] = await watches();

      assert.equal(outcome.kind, "silenced");
      assert.deepEqual([watch.silenceId, watch.notice !== ""], [null, true]);
    });
  }

  it("that is rejected is not watched", async () => {
    const client = createAlertmanagerClient({ urls: [alertmanager.origin], headers: () => ({}), ca: null });
    const rejecting = {
      ...client,
      createSilence: async () => ({ kind: "rejected", status: 400, message: "invalid label name" }) as const,
    };

    const outcome = await does(silence, { alertmanagerOf: () => ({ name: "prod", client: rejecting }) });

    assert.deepEqual(outcome, { kind: "failed", reason: "alertmanagerRejected", detail: "400 invalid label name" });
    assert.deepEqual([await watches(), announced], [[], []]);
  });

  it("that may have been set stays watched, and is not announced yet", async () => {
    const client = createAlertmanagerClient({ urls: [alertmanager.origin], headers: () => ({}), ca: null });
    const breaking = {
      ...client,
      createSilence: async () => ({ kind: "failed", code: "ECONNRESET", isInDoubt: true }) as const,
    };

    const outcome = await does(silence, { alertmanagerOf: () => ({ name: "prod", client: breaking }) });

    assert.deepEqual(outcome, { kind: "failed", reason: "inDoubt", detail: "ECONNRESET" });
    assert.deepEqual([(await watches()).length, announced], [1, []]);
  });
});

describe("an acknowledgement", () => {
  it("is stored for the start of the alert and announced", async () => {
    const outcome = await does({ action: "acknowledge" });

    const [stored = assert.fail()] = await outbox.acknowledgements({ bot: "ops", now });
    assert.deepEqual(outcome, { kind: "acknowledged" });
    assert.deepEqual([stored.by, stored.acknowledgedAt], ["张三（自称）", now]);
    assert.match(announced[0]?.notice ?? "", /^张三（自称） 在处理 队列积压 · orders$/u);
  });

  it("that cannot be announced is shown as not stored: the group would not know", async () => {
    fails = true;

    assert.deepEqual(await does({ action: "acknowledge" }), { kind: "failed", reason: "notStored", detail: "" });
  });

  it("is stored when the backlog is full, and the page says that the group got no message", async () => {
    isFull = true;

    assert.deepEqual(await does({ action: "acknowledge" }), { kind: "failed", reason: "notAnnounced", detail: "" });
    assert.equal((await outbox.acknowledgements({ bot: "ops", now })).length, 1);
  });
});
