// The PostgreSQL engine meets the contract, on PostgreSQL in this process. test/e2e/postgres.test.ts does the same with a server.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../src/observe/clock.ts";
import { type PostgresAccess, sharedOutboxOn } from "../../src/outbox/postgres/open-postgres.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually } from "../support/stack.ts";
import { notification, roomy } from "./outbox/storage.ts";
import { outboxContract } from "./outbox.ts";
import { type InProcess, startPglite } from "./pglite.ts";

let inProcess: InProcess;
before(async () => {
  inProcess = await startPglite();
});
after(() => inProcess.close());

outboxContract(
  "PostgreSQL in process",
  async () => {
    const place = await inProcess.createPlace();
    return {
      open: () =>
        sharedOutboxOn(place.open(), {
          owner: "contract",
          leaseMs: 10_000,
          clock: systemClock(),
          watcher: { away: () => {}, back: () => {} },
          failed: () => {},
        }),
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
    const outbox = await sharedOutboxOn(counted.access, {
      ...{ owner: "idle", leaseMs: 10_000, clock, failed: (cause) => assert.fail(String(cause)) },
      watcher: { away: () => {}, back: () => {} },
    });
    t.after(() => outbox.close());
    outbox.onWork(() => {});
    for (let n = 0; n < 50; n++) {
      await outbox.accept([notification({ bot: `bot${n}` })], roomy);
      await outbox.lease(`bot${n}`, { owner: "idle", now: outbox.now(), untilAt: outbox.now() + 10_000 });
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

describe("a lane whose holder died", () => {
  const leaseMs = 10_000;

  it("is reported to the others when its lease has ended, within two leases", async (t) => {
    const place = await inProcess.createPlace();
    const access = place.open();
    const clock = new ManualClock();
    const session = await access.pool.connect();
    const databaseAt = (ms: number) => session.query(`set test.now = '${ms}'`, []);
    session.release();
    const replica = (owner: string) =>
      sharedOutboxOn(access, {
        ...{ owner, leaseMs, clock, databaseNow: "current_setting('test.now')::bigint" },
        watcher: { away: () => {}, back: () => {} },
        failed: (cause) => assert.fail(String(cause)),
      });
    const startedAt = clock.now();
    await databaseAt(startedAt);
    // The first has no listener, so it keeps no lease.
    const [dead, other] = [await replica("dead"), await replica("other")];
    t.after(() => other.close());
    await dead.accept([notification()], roomy);
    await dead.lease("ops", { owner: "dead", now: dead.now(), untilAt: dead.now() + leaseMs });
    const heardAt: number[] = [];
    other.onWork((bots, origin) => {
      if (origin === "unheld" && bots.includes("ops")) heardAt.push(clock.now() - startedAt);
    });
    const rests = () => clock.sleeping > 0;
    await eventually("it rests", rests);

    while (heardAt.length === 0 && clock.now() - startedAt < 5 * leaseMs) {
      await databaseAt(clock.now() + 500);
      await clock.advance(500);
      await eventually("it rests again", rests);
    }

    const [first = 0] = heardAt;
    assert.ok(first >= leaseMs && first <= 2 * leaseMs, `${heardAt} ms after the lease was taken`);
    assert.notEqual(await other.lease("ops", { owner: "other", now: other.now(), untilAt: other.now() + 1 }), null);
  });
});

function counting({ pool, listen }: PostgresAccess) {
  let statements = 0;
  const connect = async () => {
    const client = await pool.connect();
    const query = (sql: string, parameters: readonly unknown[]) => {
      statements += 1;
      return client.query(sql, parameters);
    };
    return { query: query as typeof client.query, release: () => client.release() };
  };
  const counted = { connect, end: () => pool.end(), probe: () => pool.probe() };
  return { access: { pool: counted, listen }, statements: () => statements };
}
