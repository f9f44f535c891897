// The tables of the outbox are empty most of the time, so what the server believes of their sizes is wrong when work comes. No statement
// may get a plan that reads a table, or that reads a list again for each row of another: such a plan once ran for 90 s.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import type { DeliveredState } from "../../src/domain/instance.ts";
import type { Media } from "../../src/domain/media.ts";
import type { MessageOutcome } from "../../src/outbox/lane.ts";
import { listenTo, type PostgresServer, planSettings, poolOf } from "../../src/outbox/postgres/driver.ts";
import { sharedOutboxOn } from "../../src/outbox/postgres/open-postgres.ts";
import { type ProbedPool, type Statement, WatchedPool } from "../../src/outbox/postgres/pool.ts";
import type { Outbox } from "../../src/outbox/store.ts";
import { laneOf, lookAt, noNews, notification, planAll, roomy } from "../contract/outbox/storage.ts";
import { startPostgres, type TestPostgres } from "../support/postgres-server.ts";
import { sharedOptions } from "../support/shared-outbox.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres({ autovacuum: "off" });
});
after(() => postgres.stop());

interface Recorded {
  readonly statement: Statement;
  longestMs: number;
}

/** An outbox, and its prepared statements by their names. */
async function recordedOutbox(place: PostgresServer) {
  const statements = new Map<string, Recorded>();
  const pool = new WatchedPool(poolOf(place), place.poolSize, sharedOptions.watcher);
  const recording: ProbedPool = {
    async connect() {
      const connection = await pool.connect();
      return {
        async query(statement) {
          const startedAt = performance.now();
          const rows = await connection.query<never>(statement);
          const recorded = statements.get(statement.name ?? "") ?? { statement, longestMs: 0 };
          recorded.longestMs = Math.max(recorded.longestMs, performance.now() - startedAt);
          if (statement.name !== null) statements.set(statement.name, recorded);
          return rows;
        },
        release: () => connection.release(),
      };
    },
    probe: () => pool.probe(),
    end: () => pool.end(),
  };
  return { outbox: await sharedOutboxOn({ pool: recording, listen: listenTo(place) }, sharedOptions), statements };
}

const state: DeliveredState = {
  destination: "d",
  identity: "a",
  origin: null,
  status: "firing",
  startsAt: 500,
  deliveredAt: 2_000,
};

const file: Media = { type: "file", name: "alerts.txt", content: Buffer.from("x") };

const outcomes: readonly MessageOutcome[] = [
  { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: true },
  { kind: "replaced", bodies: ["a", "b"], reason: "tooLong" },
  { kind: "sent" },
  { kind: "dead", reason: "badContent" },
];

/** Every step that a webhook or a message takes. */
async function wholeJourney(outbox: Outbox, bot: string): Promise<void> {
  const lane = await laneOf(outbox, bot, { keyIds: [bot], now: outbox.now() });
  const begin = (upload: boolean) => {
    const messageId = lookAt(lane).messages[0]?.id ?? 0;
    const beginning = lane.begin({ messageId, keyId: bot, startedAt: outbox.now(), upload });
    return async (outcome: MessageOutcome) => {
      const key = { keyId: bot, holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0, sentAt: 0 };
      const attemptId = await beginning;
      await lane.settle({ attemptId, messageId, answeredAt: outbox.now(), errcode: null, key, outcome });
    };
  };
  const plan = (parts: readonly { readonly body: string; readonly media: Media | null }[]) => {
    const notificationIds = lookAt(lane).pending.map(({ id }) => id);
    const told = { ...state, identity: parts[0]?.body ?? "" };
    return lane.plan({
      ...{ mode: "full", urgent: false, notificationIds, alerts: 1, parts, plannedAt: outbox.now() },
      ...{ ...noNews, states: JSON.stringify([told]) },
    });
  };
  await outbox.accept(
    Array.from({ length: 20 }, () => notification({ bot })),
    roomy,
  );
  await planAll(lane);
  await lane.retract(lookAt(lane).messages[0]?.deliveryId ?? 0);
  const planning = plan([{ body: "one", media: null }]);
  const first = begin(false);
  await planning;
  await first({ kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false });
  for (const outcome of outcomes) await begin(false)(outcome);
  await outbox.accept([notification({ bot })], roomy);
  await plan([{ body: "file", media: file }]);
  await begin(true)({ kind: "uploaded", mediaId: `id of ${bot}`, expiresAt: outbox.now() + 60_000 });
  await begin(false)({ kind: "reupload", reason: "badContent" });
  await begin(false)({ kind: "sent" });
  await outbox.accept([notification({ bot })], roomy);
  await lane.move("fallback");
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Parent Relationship"?: string;
  readonly Plans?: readonly PlanNode[];
}

/** The plans that the server makes now, whatever the parameters. */
async function plansOf(place: PostgresServer, statements: ReadonlyMap<string, Recorded>) {
  const { host, port, database, user, password } = place;
  const client = new Client({ host, port, database, user, password: password?.reveal() ?? "" });
  await client.connect();
  for (const setting of planSettings) await client.query(`set ${setting}`);
  const plans = new Map<string, PlanNode>();
  for (const [name, { statement }] of statements) {
    const values = statement.values.map(() => "null").join(", ");
    await client.query(`prepare "${name}" as ${statement.text}`);
    const { rows } = await client.query(`explain (format json) execute "${name}" ${values && `(${values})`}`);
    plans.set(name, rows[0]["QUERY PLAN"][0].Plan);
  }
  await client.end();
  return plans;
}

/** Of a plan that reads a table from end to end, or a list for each row of another. */
function faultsOf(node: PlanNode, isRepeated = false): readonly string[] {
  const type = node["Node Type"];
  const isList = ["CTE Scan", "Function Scan", "Subquery Scan", "Hash Join", "Merge Join"].includes(type);
  const own = type === "Seq Scan" || (isRepeated && isList) ? [type] : [];
  const below = (node.Plans ?? []).flatMap((child) => {
    const relation = child["Parent Relationship"];
    // What an InitPlan reads is read once, wherever it hangs.
    const repeats = relation === "SubPlan" || (type === "Nested Loop" && relation === "Inner");
    return faultsOf(child, relation !== "InitPlan" && (isRepeated || repeats));
  });
  return [...own, ...below];
}

describe("plans of the outbox's statements", () => {
  it("read no table and no list twice, with statistics of empty tables and of full ones, and stay fast under load", async (t) => {
    const place = await postgres.createPlace();
    const { outbox, statements } = await recordedOutbox(place);
    t.after(() => outbox.close());
    outbox.onWork(() => {});
    const analyse = `set search_path = ${place.user}; analyze`;
    await postgres.query(analyse);
    const loaded = new AbortController();
    const analysing = (async () => {
      while (!loaded.signal.aborted) {
        await postgres.query(analyse);
        await delay(50);
      }
    })();

    await Promise.all(Array.from({ length: 200 }, (_, n) => wholeJourney(outbox, `bot${n}`)));
    loaded.abort();
    await analysing;
    const full = await plansOf(place, statements);
    await postgres.query(`set search_path = ${place.user}; truncate notifications, deliveries, messages, attempts, lanes,
      keys, windows, media, media_ids, dedup, owners, history; analyze`);
    const empty = await plansOf(place, statements);

    assert.ok(statements.size >= 15, [...statements.keys()].join(", "));
    for (const plans of [full, empty]) {
      for (const [name, plan] of plans) assert.deepEqual(faultsOf(plan), [], name);
    }
    const slow = [...statements].filter(([, { longestMs }]) => longestMs > 1_000);
    assert.deepEqual(
      slow.map(([name, { longestMs }]) => `${name}: ${longestMs} ms`),
      [],
    );
  });
});
