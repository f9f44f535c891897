// Every statement of a webhook or a message finds its rows by an index, however much waits for other bots.

import assert from "node:assert/strict";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { describe, it } from "node:test";
import { placesOfBlock } from "../../../src/outbox/history-words.ts";
import type { MessageOutcome } from "../../../src/outbox/lane.ts";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  beginFirst,
  firstMessage,
  groupsOf,
  historyOf,
  laneOf,
  lookAt,
  noNews,
  notification,
  planAll,
  roomy,
} from "../../contract/outbox/storage.ts";

class RecordingDatabase extends DatabaseSync {
  readonly prepared: string[] = [];

  override prepare(sql: string): StatementSync {
    this.prepared.push(sql);
    return super.prepare(sql);
  }
}

/** Not of `keys` and `media`, which have a row for each key and for each file that waits. */
const tableScan = /^SCAN (notifications|deliveries|messages|attempts|lanes|dedup|signatures|media_ids|history)/;

/** These read the first or last rows in the order of their key, or all open deliveries: SQLite calls it a scan. */
const endOfKey = /order by (id|first_id)( desc)? limit|select max\(id\)|from deliveries where settled_at is null$/;

const again: MessageOutcome = { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: true };
const replaced: MessageOutcome = { kind: "replaced", bodies: ["a", "b"], reason: "tooLong" };
const signature = () => ({ id: crypto.randomUUID(), expiresAt: 1e15 });

/** Every step that a webhook or a message takes. */
async function wholeJourney(outbox: Outbox): Promise<void> {
  const copied = notification();
  await outbox.accept([copied, notification({ urgent: true })], { ...roomy, signature: signature() });
  await outbox.accept([copied], roomy);
  await outbox.accept([copied], { ...roomy, maxNotifications: 1 });
  const lane = await laneOf(outbox);
  await planAll(lane, ["one", "two"]);
  await lane.retract(firstMessage(lane).deliveryId);
  await groupsOf(
    lane,
    lookAt(lane).pending.map(({ id }) => id),
  );
  await planAll(lane, ["one", "two"]);
  const key = { keyId: "key", holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0, sentAt: 0 };
  for (const outcome of [again, replaced, { kind: "sent" }, { kind: "sent" }] as const) {
    await lane.settle({ ...(await beginFirst(lane)), key, outcome });
  }
  await answerFirst(lane, { kind: "dead", reason: "other" });
  await lane.begin({ messageId: null, keyId: "key", startedAt: 3_000, upload: false });
  await withFile(outbox);
  await outbox.accept([notification()], roomy);
  await (await laneOf(outbox)).move("fallback");
}

async function withFile(outbox: Outbox): Promise<void> {
  await outbox.accept([notification()], roomy);
  const lane = await laneOf(outbox);
  const [head] = lookAt(lane).pending;
  const media = { type: "file", name: "a.csv", content: new Uint8Array([1]) } as const;
  await lane.plan({
    ...noNews,
    mode: "file",
    urgent: false,
    notificationIds: [head?.id ?? 0],
    alerts: 1,
    parts: [{ body: "part", media }],
    plannedAt: 1,
  });
  const { id: messageId, mediaHash } = firstMessage(lane);
  await lane.media(mediaHash ?? "");
  const attemptId = await lane.begin({ messageId, keyId: "key", startedAt: 3_000, upload: true });
  const answer = { attemptId, messageId, answeredAt: 3_100, errcode: null, key: null };
  await lane.settle({ ...answer, outcome: { kind: "uploaded", mediaId: "m1", expiresAt: 9_000 } });
  await answerFirst(lane, { kind: "reupload", reason: "badMedia" });
  // As a crash leaves it.
  await beginFirst(lane);
  await answerFirst(await laneOf(outbox), { kind: "sent" });
}

interface Plan {
  readonly sql: string;
  readonly steps: readonly string[];
}

async function plansOf(work: (outbox: Outbox) => Promise<unknown>): Promise<readonly Plan[]> {
  const database = new RecordingDatabase(":memory:");
  const outbox = await outboxOn(database, { maxBodiesLength: 0 });
  database.prepared.length = 0;
  await work(outbox);
  const statements = new Set(database.prepared.filter((sql) => /^\s*(select|insert|replace|update|delete)/.test(sql)));
  const plans = [...statements].map((sql) => {
    const rows = DatabaseSync.prototype.prepare.call(database, `explain query plan ${sql}`).all();
    return { sql, steps: rows.map(({ detail }) => String(detail)) };
  });
  await outbox.close();
  return plans;
}

function scansOf(plans: readonly Plan[]): readonly Plan[] {
  return plans.filter(({ steps }) => steps.some((step) => tableScan.test(step)));
}

describe("query plans", () => {
  it("no statement of accept, hold, groups, plan, begin, settle, retract or move scans a table", async () => {
    const plans = await plansOf(wholeJourney);

    assert.ok(plans.length >= 30, `${plans.length}`);
    assert.deepEqual(scansOf(plans), []);
  });

  it("no statement of prune scans a table: what has no index is looked at in slices", async () => {
    const plans = await plansOf(async (outbox) => {
      const lane = await laneOf(outbox);
      await outbox.accept([notification()], roomy);
      await planAll(lane);
      await answerFirst(lane, { kind: "dead", reason: "badContent" });
      await outbox.prune({ settledBefore: 1e15, attemptsBefore: 1e15 });
    });

    const pruning = plans.filter(({ sql }) => /^\s*delete/.test(sql));
    assert.ok(pruning.length >= 9, `${pruning.length}`);
    assert.deepEqual(
      scansOf(pruning).filter(({ sql }) => !sql.includes("media_ids") && !endOfKey.test(sql)),
      [],
    );
  });

  it("the notifications of a link are found by its id, and acknowledgements by their bot", async () => {
    const plans = await plansOf(async (outbox) => {
      await outbox.linkedGroups(1);
      await outbox.acknowledgements({ bot: "ops", now: 1 });
    });

    assert.equal(plans.length, 4);
    assert.ok(plans.every(({ steps }) => steps[0]?.startsWith("SEARCH ")));
  });

  it("dead deliveries are found among the dead; the history by ids, which are found by its blocks", async () => {
    const plans = await plansOf(async (outbox) => {
      const [found] = await outbox.dead({ maxDeliveries: 10 });
      await outbox.replay([found?.id ?? 1]);
      await outbox.drop([1]);
      const { routed } = notification();
      const unsent = Array.from({ length: placesOfBlock }, () => ({ routed, why: "route_drop" }) as const);
      await outbox.accept([], { ...roomy, unsent });
      await historyOf(outbox, { bot: "ops", outcome: "not_sent", text: "hook" });
      await outbox.tidyHistory();
      await historyOf(outbox, { bot: "ops", outcome: "not_sent", text: "hook" });
      await historyOf(outbox, { deliveryId: 1 });
    });

    const steps = plans.flatMap((plan) => plan.steps);
    assert.ok(steps.some((step) => /deliveries_settled/.test(step)));
    assert.ok(steps.some((step) => /SEARCH history USING INDEX history_delivery/.test(step)));
    assert.ok(steps.some((step) => /SEARCH history USING INTEGER PRIMARY KEY \(rowid>\? AND rowid<\?\)/.test(step)));
    assert.ok(steps.some((step) => /SEARCH history USING INTEGER PRIMARY KEY \(rowid=\?\)/.test(step)));
    assert.ok(steps.some((step) => /SEARCH history_words/.test(step)));
    const scans = scansOf(plans).filter(({ sql }) => !endOfKey.test(sql));
    assert.deepEqual(scans, []);
    assert.ok(!steps.some((step) => /TEMP B-TREE/.test(step) && !/LAST TERM/.test(step)), `${steps}`);
  });

  it("a key's window is found by time, not among all attempts of the key", async () => {
    const plans = await plansOf(wholeJourney);

    const windows = plans.filter(({ sql }) => sql.includes("answered_at is null or answered_at >"));

    assert.equal(windows.length, 2, "of the mark, and of a lane that is read");
    for (const { steps } of windows) {
      assert.ok(
        steps.some((step) => /attempts_of_key \(key_id=\? AND started_at>\?\)/.test(step)),
        `${steps}`,
      );
    }
  });

  it("heads are read in the order of their index, so that a later piece does not read the earlier ones", async () => {
    const plans = await plansOf(wholeJourney);

    const heads = plans.filter(({ sql }) => sql.includes("order by accepted_at, bytes, id"));

    assert.equal(heads.length, 1);
    assert.match(`${heads[0]?.steps}`, /notifications_waiting \(bot=\? AND .*accepted_at.*>/);
    assert.doesNotMatch(`${heads[0]?.steps}`, /TEMP B-TREE/);
  });

  it("after everything was done once, no statement is prepared again", async () => {
    const database = new RecordingDatabase(":memory:");
    const outbox = await outboxOn(database, { maxBodiesLength: 0 });
    await wholeJourney(outbox);
    database.prepared.length = 0;

    await wholeJourney(outbox);

    assert.deepEqual(database.prepared, []);
    await outbox.close();
  });
});
