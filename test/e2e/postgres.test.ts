// A real PostgreSQL server meets the contract, and what only several connections can show: copies accepted at the same instant,
// migrations that meet, and a server that goes away and comes back.

import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../src/observe/clock.ts";
import { openPostgres, type SharedOptions } from "../../src/outbox/postgres.ts";
import type { PostgresServer } from "../../src/outbox/postgres-driver.ts";
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
  it("that start together migrate once", async (t) => {
    const opened = await replicas(t, 6);

    const results = await Promise.all(opened.map((outbox) => outbox.accept([notification()], roomy)));

    assert.ok(results.every(({ kind }) => kind === "stored"));
  });

  it("of this release work beside one of the next, which has added to the tables, and can be started again", async (t) => {
    const place = await postgres.createPlace();
    const [running] = await replicas(t, 1, place);
    const newer = [
      `alter table ${place.user}.notifications add column later text`,
      `update ${place.user}.meta set schema_version = schema_version + 1`,
    ];

    for (const sql of newer) await postgres.query(sql);
    const [started] = await replicas(t, 1, place);
    const results = await Promise.all([running, started].map((outbox) => outbox?.accept([notification()], roomy)));

    assert.deepEqual(
      results.map((result) => result?.kind),
      ["stored", "stored"],
    );
  });

  it("accept copies of one notification at the same instant once, in any order of many", async (t) => {
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

  it("hear of each other's work, and of lanes whose holder ended", async (t) => {
    const [one, two] = await replicas(t, 2);
    assert.ok(one && two);
    const heard: string[] = [];
    one.onWork(() => {});
    two.onWork((bots, origin: WorkOrigin) => heard.push(...bots.map((bot) => `${bot} ${origin}`)));
    await delay(200);

    const lease = await one.lease("ops", { owner: "replica 0", now: one.now(), untilAt: one.now() + 60_000 });
    assert.ok(lease);
    await one.accept([notification()], roomy);
    await eventually("told of work elsewhere", () => heard.includes("ops elsewhere"));
    const whileHeld = heard.includes("ops unheld");
    await one.release(lease);
    await one.close();
    await eventually("told of the lane left", () => heard.includes("ops unheld"));

    assert.equal(whileHeld, false);
  });

  it("keep their leases while they live", async (t) => {
    const [one, two] = await replicas(t, 2);
    assert.ok(one && two);
    one.onWork(() => {});
    await one.lease("ops", { owner: "replica 0", now: one.now(), untilAt: one.now() + quiet.leaseMs });

    await delay(quiet.leaseMs * 1.5);
    const taken = await two.lease("ops", { owner: "replica 1", now: two.now(), untilAt: two.now() + 1_000 });

    assert.equal(taken, null);
  });

  it("never run ahead of the clock of the server, and keep close behind it", async (t) => {
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

describe("a server that goes away", () => {
  it("fails calls at once and is used again when it is back; what was begun is settled then", async (t) => {
    const server = await postgres.createPlace();
    const said: string[] = [];
    const watcher = { away: () => void said.push("away"), back: () => void said.push("back") };
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

    // Without waiting for a connection, which would be seconds.
    assert.ok(tookMs < 1_900, `${tookMs} ms`);
    assert.equal(settled?.notifications, 1);
    assert.deepEqual(said.slice(0, 2), ["away", "back"]);
  });

  it("and comes back between two steps loses nothing", async (t) => {
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
  it("costs one call its time-out and fails the next at once, though connections stand; mended, it is used again", async (t) => {
    const server = await postgres.createPlace();
    const cable = await startCable(server.port);
    const said: string[] = [];
    const watcher = { away: () => void said.push("away"), back: () => void said.push("back") };
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
    cable.mend();
    await eventually("accepts again", async () => {
      const accepted = await outbox.accept([notification()], roomy).catch(() => null);
      return accepted?.kind === "stored";
    });

    assert.ok(tookMs < 500, `${tookMs} ms`);
    assert.deepEqual(said, ["away", "back"]);
  });
});
