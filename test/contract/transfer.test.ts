// What SQLite and PostgreSQL hand to each other: the contract of a transfer and the random journeys once more, over storages of which
// every second one is of the other engine. And what only one of them does.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../src/observe/clock.ts";
import { sharedOutboxOn } from "../../src/outbox/postgres.ts";
import { openSqlite, outboxOn } from "../../src/outbox/sqlite.ts";
import { outboxModel } from "./outbox/model.ts";
import { leaseOf, lookAt, notification, roomy, type Storage } from "./outbox/storage.ts";
import { transferContract } from "./outbox/transfer.ts";
import { exported, importing } from "./outbox/transfers.ts";
import { type InProcess, startPglite } from "./pglite.ts";

let inProcess: InProcess;
before(async () => {
  inProcess = await startPglite();
});
after(() => inProcess.close());

const quiet = {
  owner: "contract",
  leaseMs: 10_000,
  clock: systemClock(),
  watcher: { away: () => {}, back: () => {} },
  failed: () => {},
};

async function createPostgres(databaseNow?: string): Promise<Storage> {
  const place = await inProcess.createPlace();
  const options = { ...quiet, ...(databaseNow === undefined ? {} : { databaseNow }) };
  return { open: () => sharedOutboxOn(place.open(), options), remove: place.remove };
}

async function createSqlite(): Promise<Storage> {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  return {
    open: () => openSqlite(join(folder, "outbox.db")),
    remove: async () => rmSync(folder, { recursive: true }),
  };
}

/** One engine, then the other, and so on. */
function alternating(): () => Promise<Storage> {
  let made = 0;
  return () => {
    made += 1;
    return made % 2 === 0 ? createPostgres() : createSqlite();
  };
}

describe("from SQLite to PostgreSQL", () => transferContract(alternating()));

describe("from PostgreSQL to SQLite", () => {
  const create = alternating();
  before(async () => (await create()).remove());
  transferContract(create);
});

describe("to and fro", () => outboxModel(alternating(), 15));

describe("tables that a newer program added to", () => {
  it("are neither exported nor imported into: what this one does not know would be left out", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "outbox-"));
    const database = new DatabaseSync(join(folder, "outbox.db"));
    const outbox = await outboxOn(database);
    t.after(async () => {
      await outbox.close();
      rmSync(folder, { recursive: true });
    });
    database.exec("update meta set schema_version = 99");

    const exporting = exported(outbox);
    await assert.rejects(exporting, { code: "outbox_newer_schema" });
    const refused = importing(outbox, []);
    await assert.rejects(refused, { code: "outbox_newer_schema" });
  });
});

describe("PostgreSQL", () => {
  it("is neither exported nor imported into while a lease is held; the bots are named", async (t) => {
    const storage = await createPostgres();
    const outbox = await storage.open();
    t.after(async () => {
      await outbox.close();
      await storage.remove();
    });
    await outbox.accept([notification()], roomy);
    for (const bot of ["ops", "dba"]) {
      await outbox.lease(bot, { owner: "a replica", now: outbox.now(), untilAt: outbox.now() + 10_000 });
    }

    const exporting = exported(outbox);
    await assert.rejects(exporting, { code: "outbox_in_use", message: /leases are held for dba, ops/ });
    const refused = importing(outbox, []);
    await assert.rejects(refused, { code: "outbox_in_use" });

    assert.equal((await outbox.accept([notification()], roomy)).kind, "stored");
  });

  it("whose clock is an hour ahead of the machine's gives and takes instants by it", async (t) => {
    const ahead = await createPostgres("floor(extract(epoch from clock_timestamp()) * 1000)::bigint + 3600000");
    const from = await createSqlite();
    const source = await from.open();
    const target = await ahead.open();
    const back = await createSqlite();
    const returned = await back.open();
    t.after(async () => {
      for (const outbox of [source, target, returned]) await outbox.close();
      for (const storage of [from, ahead, back]) await storage.remove();
    });
    const acceptedAt = source.now() - 600_000;
    await source.accept([notification()], { ...roomy, acceptedAt });

    await importing(target, await exported(source));
    const [there] = (await lookAt(target, await leaseOf(target))).pending;
    await importing(returned, await exported(target));
    const [here] = (await lookAt(returned, await leaseOf(returned))).pending;

    const agoMs = target.now() - (there?.acceptedAt ?? 0);
    assert.ok(Math.abs(agoMs - 600_000) < 30_000, `${agoMs}`);
    assert.ok(Math.abs((here?.acceptedAt ?? 0) - acceptedAt) < 2_000, `${here?.acceptedAt} ${acceptedAt}`);
  });
});
