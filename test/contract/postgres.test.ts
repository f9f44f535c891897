// The PostgreSQL engine meets the contract, on PostgreSQL in this process. test/e2e/postgres.test.ts does the same with a server.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../src/observe/clock.ts";
import { noWatcher } from "../../src/outbox/commit-watcher.ts";
import { type PostgresAccess, type SharedOptions, sharedOutboxOn } from "../../src/outbox/postgres/open-postgres.ts";
import type { PoolConnection, ProbedPool } from "../../src/outbox/postgres/pool.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually } from "../support/stack.ts";
import { laneOf, lookAt, notification, planAll, roomy } from "./outbox/storage.ts";
import { outboxContract } from "./outbox.ts";
import { type InProcess, startPglite } from "./pglite.ts";

let inProcess: InProcess;
before(async () => {
  inProcess = await startPglite();
});
after(() => inProcess.close());

const leaseMs = 10_000;

const quiet: SharedOptions = {
  owner: "contract",
  leaseMs,
  clock: systemClock(),
  maxBodiesLength: 1_000_000,
  watcher: { ...noWatcher, away: () => {}, back: () => {} },
  failed: (cause) => assert.fail(String(cause)),
};

outboxContract(
  "PostgreSQL in process",
  async () => {
    const place = await inProcess.createPlace();
    return {
      open: () => sharedOutboxOn(place.open(), { ...quiet, failed: () => {} }),
      remove: place.remove,
    };
  },
  15,
);

describe("an idle replica on PostgreSQL", () => {
  it("queries its database at most once a second, whatever the number of its lanes", async (t) => {
    const place = await inProcess.createPlace();
    const clock = new ManualClock();
    const counted = counting(place.open());
    const outbox = await sharedOutboxOn(counted.access, { ...quiet, clock });
    t.after(() => outbox.close());
    outbox.onWork(() => {});
    for (let n = 0; n < 50; n++) {
      await outbox.accept([notification({ bot: `bot${n}` })], roomy);
      await planAll(await laneOf(outbox, `bot${n}`));
    }
    const rests = () => clock.sleeping > 0;
    await eventually("it rests", rests);

    const before = counted.statements();
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000);
      await eventually("it rests again", rests);
    }
    const statements = counted.statements() - before;

    assert.ok(statements >= 20 && statements <= 60, `${statements} statements in a minute`);
  });
});

describe("a lane that got work which nobody announced", () => {
  it("is reported to its holder within two leases", async (t) => {
    const place = await inProcess.createPlace();
    const access = place.open();
    const clock = new ManualClock();
    const open = (owner: string) => sharedOutboxOn(access, { ...quiet, owner, clock });
    const [holder, other] = [await open("holder"), await open("other")];
    t.after(() => holder.close());
    const heard: string[] = [];
    holder.onWork((bots, origin) => void (origin === "unheld" && heard.push(...bots)));
    await other.accept([notification()], roomy);
    await holder.accept([notification()], roomy);
    const lane = await laneOf(holder);
    await planAll(lane);
    const known = lookAt(lane).busyGroups.size;

    // Accepted elsewhere by a process that died before it could say so. A new process has no lane of the bot, so it announces nothing.
    await other.accept([notification()], roomy);
    const before = heard.length;
    for (let beat = 0; beat < 6; beat++) {
      await clock.advance(leaseMs / 3);
      await eventually("it rests again", () => clock.sleeping > 0);
    }

    assert.deepEqual([known, before], [2, 0]);
    assert.ok(heard.includes("ops"));
    assert.ok(lane.isOutOfDate());
    assert.equal(lookAt(await laneOf(holder)).pending.length, 1);
  });
});

describe("a lane whose holder died", () => {
  it("is reported to the others when its lease has ended, within two leases", async (t) => {
    const place = await inProcess.createPlace();
    const access = place.open();
    const clock = new ManualClock();
    const session = await access.pool.connect();
    const databaseAt = (ms: number) => session.query({ name: null, text: `set test.now = '${ms}'`, values: [] });
    session.release();
    const replica = (owner: string) =>
      sharedOutboxOn(access, { ...quiet, owner, clock, databaseNow: "current_setting('test.now')::bigint" });
    const startedAt = clock.now();
    await databaseAt(startedAt);
    // The first has no listener, so it does not beat.
    const [dead, other] = [await replica("dead"), await replica("other")];
    t.after(() => other.close());
    await dead.accept([notification(), notification()], roomy);
    await planAll(await laneOf(dead));
    const heardAt: number[] = [];
    other.onWork((bots, origin) => {
      if (origin === "unheld" && bots.includes("ops")) heardAt.push(clock.now() - startedAt);
    });
    const rests = () => clock.sleeping > 0;
    await eventually("it rests", rests);

    const query = { keyIds: ["key"], window: { slots: 20, spanMs: 60_000, longestRequestMs: 600_000 }, now: 0 };
    const early = await other.hold("ops", query);
    while (heardAt.length === 0 && clock.now() - startedAt < 5 * leaseMs) {
      await databaseAt(clock.now() + 500);
      await clock.advance(500);
      await eventually("it rests again", rests);
    }
    const late = await other.hold("ops", query);

    const [first = 0] = heardAt;
    assert.ok(first >= leaseMs && first <= 2 * leaseMs, `${heardAt} ms after the lease was taken`);
    assert.deepEqual([early, late === null], [null, false]);
  });
});

function counting({ pool, listen }: PostgresAccess) {
  let statements = 0;
  const connect = async (): Promise<PoolConnection> => {
    const connection = await pool.connect();
    return {
      query: (statement) => {
        statements += 1;
        return connection.query(statement);
      },
      release: () => connection.release(),
    };
  };
  const counted: ProbedPool = { connect, end: () => pool.end(), probe: () => pool.probe() };
  return { access: { pool: counted, listen }, statements: () => statements };
}
