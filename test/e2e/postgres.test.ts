// A real PostgreSQL server passes the contract suite, and what needs several connections: copies accepted at the same instant,
// concurrent creation of the schema, and a server that stops and starts again.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { noWatcher } from "../../src/outbox/commit-watcher.ts";
import { openPostgres } from "../../src/outbox/postgres/open-postgres.ts";
import { beginFirst, laneOf, lookAt, notification, planAll, planned, roomy } from "../contract/outbox/storage.ts";
import { outboxContract } from "../contract/outbox.ts";
import { startCable } from "../support/cable.ts";
import { startPostgres, type TestPostgres } from "../support/postgres-server.ts";
import { openReplica, openReplicas, sharedOptions } from "../support/shared-outbox.ts";
import { eventually } from "../support/stack.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
  console.log(`PostgreSQL ${postgres.version}`);
});
after(() => postgres.stop());

outboxContract(
  "PostgreSQL server",
  async () => {
    const server = await postgres.createPlace();
    return {
      open: () => openPostgres(server, sharedOptions),
      remove: () => postgres.removePlace(server),
    };
  },
  15,
);

describe("replicas of one outbox", () => {
  it("that start together create the schema once", async (t) => {
    const opened = await openReplicas(t, await postgres.createPlace(), 6);

    const results = await Promise.all(opened.map((outbox) => outbox.accept([notification()], roomy)));

    assert.ok(results.every(({ kind }) => kind === "stored"));
  });

  it("continue beside one of a newer release, which has added a column, and cannot be started again", async (t) => {
    const place = await postgres.createPlace();
    const running = await openReplica(t, place);
    const newer = [
      `alter table ${place.user}.notifications add column later text`,
      `update ${place.user}.meta set schema_version = schema_version + 1`,
    ];

    for (const sql of newer) await postgres.query(sql);
    const accepted = await running.accept([notification()], roomy);
    await planAll(await laneOf(running));

    assert.equal(accepted.kind, "stored");
    await assert.rejects(openReplica(t, place), { code: "outbox_newer_schema" });
  });

  it("see which config each of them runs, until it ends", async (t) => {
    const opened = await openReplicas(t, await postgres.createPlace(), 2);
    const seen = async () => (await opened[0]?.replicas())?.map(({ name, configHash }) => `${name}: ${configHash}`);
    const shows = (...all: readonly string[]) => eventually(`${all}`, async () => `${await seen()}` === `${all}`);

    for (const [n, outbox] of opened.entries()) {
      outbox.onWork(() => {});
      outbox.shareConfig(`hash ${n}`);
    }
    await shows("replica 0: hash 0", "replica 1: hash 1");
    opened[1]?.shareConfig("hash 0");
    await shows("replica 0: hash 0", "replica 1: hash 0");
    await opened[1]?.close();
    await shows("replica 0: hash 0");
  });

  it("accept simultaneous copies of a notification once, in batches of any order", async (t) => {
    const opened = await openReplicas(t, await postgres.createPlace(), 3);
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

  it("never run ahead of the server's clock, and stay close to it", async (t) => {
    for (const outbox of await openReplicas(t, await postgres.createPlace(), 2)) {
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
    const watcher = { ...noWatcher, away: () => void reported.push("away"), back: () => void reported.push("back") };
    const outbox = await openReplica(t, server, { watcher });
    outbox.onWork(() => {});
    const lane = await planned(outbox);
    const begun = await beginFirst(lane);

    await postgres.down();
    await assert.rejects(outbox.accept([notification()], roomy), { code: "outbox_away" });
    const startedAt = performance.now();
    await assert.rejects(outbox.accept([notification()], roomy), { code: "outbox_away" });
    const tookMs = performance.now() - startedAt;
    const settling = lane.settle({ ...begun, outcome: { kind: "sent" } });
    await postgres.up();
    const settled = await settling;
    await eventually("accepts again", async () => {
      const accepted = await outbox.accept([notification()], roomy).catch(() => null);
      return accepted?.kind === "stored";
    });

    // Waiting for a connection would take seconds.
    assert.ok(tookMs < 1_900, `${tookMs} ms`);
    // Only the answer was written again and again: that the delivery is over is found when the lane is held again.
    assert.equal(settled, null);
    const { recovered, inDoubt } = await laneOf(outbox);
    assert.deepEqual([recovered.map(({ notifications }) => notifications), inDoubt], [[1], 0]);
    assert.deepEqual(reported.slice(0, 2), ["away", "back"]);
  });

  it("and starts again between two steps loses nothing", async (t) => {
    const outbox = await openReplica(t, await postgres.createPlace());
    outbox.onWork(() => {});
    await outbox.accept([notification(), notification()], roomy);

    await postgres.down();
    await postgres.up();
    await eventually("reachable", async () => (await outbox.backlog().catch(() => [])).length > 0);
    const lane = await laneOf(outbox);
    await planAll(lane);

    assert.equal(lookAt(lane).messages.length, 1);
  });
});

describe("a network that is cut", () => {
  it("fails one call after its time-out and the next at once, though connections are open; repaired, it is used again", async (t) => {
    const server = await postgres.createPlace();
    const cable = await startCable(server.port);
    const reported: string[] = [];
    const watcher = { ...noWatcher, away: () => void reported.push("away"), back: () => void reported.push("back") };
    const cut = { ...server, port: cable.port, statementTimeoutMs: 500 };
    const outbox = await openPostgres(cut, { ...sharedOptions, watcher });
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
