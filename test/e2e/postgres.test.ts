// A real PostgreSQL server passes the contract suite, and what needs several connections: copies accepted at the same instant,
// concurrent creation of the schema, and a server that stops and starts again.

import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import { systemClock } from "../../src/observe/clock.ts";
import type { PostgresServer } from "../../src/outbox/postgres/driver.ts";
import { openPostgres, type SharedOptions } from "../../src/outbox/postgres/open-postgres.ts";
import type { Outbox, WorkOrigin } from "../../src/outbox/store.ts";
import { beginFirst, leaseOf, lookAt, notification, planAll, planned, roomy } from "../contract/outbox/storage.ts";
import { outboxContract } from "../contract/outbox.ts";
import { startCable } from "../support/cable.ts";
import { startPostgres, type TestPostgres } from "../support/postgres-server.ts";
import { eventually } from "../support/stack.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
  console.log(`PostgreSQL ${postgres.version}`);
});
after(() => postgres.stop());

const quiet: SharedOptions = {
  owner: "replica",
  leaseMs: 2_000,
  clock: systemClock(),
  watcher: { away: () => {}, back: () => {} },
  failed: () => {},
};

outboxContract(
  "PostgreSQL server",
  async () => {
    const server = await postgres.createPlace();
    return {
      open: () => openPostgres(server, quiet),
      remove: () => postgres.removePlace(server),
    };
  },
  15,
);

async function replicas(t: TestContext, count: number, server?: PostgresServer): Promise<readonly Outbox[]> {
  const place = server ?? (await postgres.createPlace());
  const opened = await Promise.all(
    Array.from({ length: count }, (_, n) => openPostgres(place, { ...quiet, owner: `replica ${n}` })),
  );
  t.after(() => Promise.all(opened.map((outbox) => outbox.close())));
  return opened;
}

describe("replicas of one outbox", () => {
  it("that start together create the schema once", async (t) => {
    const opened = await replicas(t, 6);

    const results = await Promise.all(opened.map((outbox) => outbox.accept([notification()], roomy)));

    assert.ok(results.every(({ kind }) => kind === "stored"));
  });

  it("continue beside one of a newer release, which has added a column, and cannot be started again", async (t) => {
    const place = await postgres.createPlace();
    const [running] = await replicas(t, 1, place);
    const newer = [
      `alter table ${place.user}.notifications add column later text`,
      `update ${place.user}.meta set schema_version = schema_version + 1`,
    ];

    for (const sql of newer) await postgres.query(sql);
    const accepted = await running?.accept([notification()], roomy);

    assert.equal(accepted?.kind, "stored");
    await assert.rejects(replicas(t, 1, place), { code: "outbox_newer_schema" });
  });

  it("accept simultaneous copies of a notification once, in batches of any order", async (t) => {
    const opened = await replicas(t, 3);
    const many = Array.from({ length: 600 }, (_, n) => notification({ dedup: `copy ${n}` }));
    const one = Array.from({ length: 40 }, (_, n) => [notification({ dedup: `single ${n}` })]);

    const large = await Promise.all(
      opened.map((outbox, n) => outbox.accept(n % 2 === 0 ? many : many.toReversed(), roomy)),
    );
    const small = await Promise.all(one.flatMap((copies) => opened.map((outbox) => outbox.accept(copies, roomy))));

    const stored = [...large, ...small].reduce(
      (sum, result) => sum + (result.kind === "stored" ? result.stored : 0),
      0,
    );
    assert.equal(stored, 640);
  });

  it("are notified of each other's work, and of lanes whose holder ended", async (t) => {
    const place = await postgres.createPlace();
    const [one, two] = await replicas(t, 2, place);
    assert.ok(one && two);
    const notices: string[] = [];
    one.onWork(() => {});
    two.onWork((bots, origin: WorkOrigin) => notices.push(...bots.map((bot) => `${bot} ${origin}`)));
    const listening = `select from pg_stat_activity where usename = '${place.user}' and query ilike 'listen %'`;
    await eventually("both listen", async () => (await postgres.query(listening)).length === 2);

    const lease = await one.lease("ops", { owner: "replica 0", now: one.now(), untilAt: one.now() + 60_000 });
    assert.ok(lease);
    await one.accept([notification()], roomy);
    await eventually("notified of work elsewhere", () => notices.includes("ops elsewhere"));
    const whileHeld = notices.includes("ops unheld");
    await one.release(lease);
    await one.close();
    await eventually("notified of the free lane", () => notices.includes("ops unheld"));

    assert.equal(whileHeld, false);
  });

  it("keep their leases while they live", async (t) => {
    const [one, two] = await replicas(t, 2);
    assert.ok(one && two);
    one.onWork(() => {});
    const untilAt = one.now() + quiet.leaseMs;
    await one.lease("ops", { owner: "replica 0", now: one.now(), untilAt });

    await eventually("the lease would have ended", () => two.now() > untilAt + quiet.leaseMs / 2);
    const taken = await two.lease("ops", { owner: "replica 1", now: two.now(), untilAt: two.now() + 1_000 });

    assert.equal(taken, null);
  });

  it("never run ahead of the server's clock, and stay close to it", async (t) => {
    const [one, two] = await replicas(t, 2);
    assert.ok(one && two);

    for (const outbox of [one, two]) {
      const before = outbox.now();
      const [row] = await postgres.query("select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as now");
      const after = outbox.now();

      assert.ok(before <= Number(row?.now) + 1, `ahead of the server: ${before} before ${row?.now}`);
      assert.ok(after >= Number(row?.now) - 200, `behind the server: ${after} after ${row?.now}`);
    }
  });
});

describe("a server that stops", () => {
  it("fails calls at once and is used again when it is back; unfinished work is settled then", async (t) => {
    const server = await postgres.createPlace();
    const reported: string[] = [];
    const watcher = { away: () => void reported.push("away"), back: () => void reported.push("back") };
    const outbox = await openPostgres(server, { ...quiet, watcher });
    t.after(() => outbox.close());
    outbox.onWork(() => {});
    const lease = await planned(outbox);
    const begun = await beginFirst(outbox, lease);

    await postgres.down();
    await assert.rejects(outbox.accept([notification()], roomy), { code: "outbox_away" });
    const startedAt = performance.now();
    await assert.rejects(outbox.accept([notification()], roomy), { code: "outbox_away" });
    const tookMs = performance.now() - startedAt;
    const settling = outbox.settle(lease, { ...begun, outcome: { kind: "sent" } });
    await postgres.up();
    const settled = await settling;
    await eventually("accepts again", async () => {
      const accepted = await outbox.accept([notification()], roomy).catch(() => null);
      return accepted?.kind === "stored";
    });

    // Waiting for a connection would take seconds.
    assert.ok(tookMs < 1_900, `${tookMs} ms`);
    assert.equal(settled?.notifications, 1);
    assert.deepEqual(reported.slice(0, 2), ["away", "back"]);
  });

  it("and starts again between two steps loses nothing", async (t) => {
    const [outbox] = await replicas(t, 1);
    assert.ok(outbox);
    outbox.onWork(() => {});
    await outbox.accept([notification(), notification()], roomy);

    await postgres.down();
    await postgres.up();
    await eventually("reachable", async () => (await outbox.backlog().catch(() => [])).length > 0);
    const lease = await leaseOf(outbox);
    await planAll(outbox, lease);

    assert.equal((await lookAt(outbox, lease)).messages.length, 1);
  });
});

describe("a network that is cut", () => {
  it("fails one call after its time-out and the next at once, though connections are open; repaired, it is used again", async (t) => {
    const server = await postgres.createPlace();
    const cable = await startCable(server.port);
    const reported: string[] = [];
    const watcher = { away: () => void reported.push("away"), back: () => void reported.push("back") };
    const outbox = await openPostgres({ ...server, port: cable.port, statementTimeoutMs: 500 }, { ...quiet, watcher });
    t.after(async () => {
      await outbox.close();
      cable.close();
    });
    outbox.onWork(() => {});
    await Promise.all(Array.from({ length: server.poolSize }, () => outbox.backlog()));

    cable.cut();
    await assert.rejects(outbox.accept([notification()], roomy), { code: "outbox_away" });
    const startedAt = performance.now();
    for (let n = 0; n < 3; n++) await assert.rejects(outbox.accept([notification()], roomy), { code: "outbox_away" });
    const tookMs = performance.now() - startedAt;
    cable.repair();
    await eventually("accepts again", async () => {
      const accepted = await outbox.accept([notification()], roomy).catch(() => null);
      return accepted?.kind === "stored";
    });

    assert.ok(tookMs < 500, `${tookMs} ms`);
    assert.deepEqual(reported, ["away", "back"]);
  });
});
