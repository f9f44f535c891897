// Every statement of a webhook or a message finds its rows by an index, however much waits for other bots.

import assert from "node:assert/strict";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { describe, it } from "node:test";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import type { MessageOutcome, Outbox } from "../../../src/outbox/store.ts";
import {
  beginFirst,
  firstMessage,
  groupsOf,
  leaseOf,
  lookAt,
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

const tableScan = /^SCAN (notifications|deliveries|messages|attempts|keys|lanes)/;

const again: MessageOutcome = { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: true };
const replaced: MessageOutcome = { kind: "replaced", bodies: ["a", "b"], reason: "tooLong" };

/** Every step that a webhook or a message takes. */
async function wholeJourney(outbox: Outbox): Promise<void> {
  await outbox.accept([notification(), notification({ urgent: true })], roomy);
  const lease = await leaseOf(outbox);
  await planAll(outbox, lease, ["one", "two"]);
  await outbox.retract(lease, (await firstMessage(outbox, lease)).deliveryId);
  const { pending } = await lookAt(outbox, lease);
  await groupsOf(outbox, lease, [pending[0]?.id ?? 0]);
  await planAll(outbox, lease, ["one", "two"]);
  const key = { keyId: "key", holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0 };
  for (const outcome of [
    again,
    replaced,
    { kind: "sent" },
    { kind: "sent" },
    { kind: "dead", reason: "other" },
  ] as const) {
    await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), key, outcome });
  }
  await outbox.discover(lease, 9_000);
  await outbox.release(lease);
}

interface Plan {
  readonly sql: string;
  readonly steps: readonly string[];
}

async function plansOfTheJourney(): Promise<readonly Plan[]> {
  const database = new RecordingDatabase(":memory:");
  const outbox = await outboxOn(database);
  database.prepared.length = 0;
  await wholeJourney(outbox);
  await outbox.prune(1e12);
  const statements = new Set(database.prepared.filter((sql) => /^(select|insert|update|delete)/.test(sql)));
  const plans = [...statements].map((sql) => {
    const rows = DatabaseSync.prototype.prepare.call(database, `explain query plan ${sql}`).all();
    return { sql, steps: rows.map(({ detail }) => String(detail)) };
  });
  await outbox.close();
  return plans;
}

describe("query plans", () => {
  it("no statement of accept, read, plan, begin, settle, retract, discover or prune scans a table", async () => {
    const plans = await plansOfTheJourney();

    assert.ok(plans.length > 25, `${plans.length}`);
    assert.deepEqual(
      plans.filter(({ steps }) => steps.some((step) => tableScan.test(step))),
      [],
    );
  });

  it("dead deliveries are found among the dead, not among all that was delivered", async () => {
    const database = new RecordingDatabase(":memory:");
    const outbox = await outboxOn(database);
    database.prepared.length = 0;

    await outbox.dead({ maxDeliveries: 10 });
    await outbox.replay([1]);
    await outbox.drop([1]);

    const steps = database.prepared
      .filter((sql) => /^(select|update|delete)/.test(sql))
      .flatMap((sql) => DatabaseSync.prototype.prepare.call(database, `explain query plan ${sql}`).all())
      .map(({ detail }) => String(detail));
    assert.ok(steps.some((step) => /messages_dead/.test(step)));
    assert.deepEqual(
      steps.filter((step) => tableScan.test(step) && !/messages_dead/.test(step)),
      [],
    );
    await outbox.close();
  });

  it("a key's window is found by time, not among all attempts of the key", async () => {
    const plans = await plansOfTheJourney();

    const [window, ...others] = plans.filter(({ sql }) => sql.startsWith('select "id", "key_id"'));

    assert.deepEqual(others, []);
    assert.match(window?.steps.join("\n") ?? "", /answered_at=\?.*answered_at>\?/s);
  });

  it("after everything was done once, no statement is prepared again", async () => {
    const database = new RecordingDatabase(":memory:");
    const outbox = await outboxOn(database);
    await wholeJourney(outbox);
    database.prepared.length = 0;

    await wholeJourney(outbox);

    assert.deepEqual(database.prepared, []);
    await outbox.close();
  });
});
