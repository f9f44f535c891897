import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { readRoutedGroup } from "../../../src/domain/stored-group.ts";
import { type Migration, migrate, migrations, NewerSchema } from "../../../src/outbox/migrate.ts";
import { kyselyOn, openSqlite } from "../../../src/outbox/sqlite.ts";
import { groupsOf, leaseOf, lookAt } from "../../contract/outbox/storage.ts";

const id = "integer primary key autoincrement";
const version1 = readFileSync(new URL("schema-v1.sql", import.meta.url), "utf8");

function tablesOf(database: DatabaseSync): readonly string[] {
  const rows = database.prepare("select sql from sqlite_master where sql is not null order by name").all();
  return rows.map(({ sql }) => String(sql).replaceAll(/\s+/g, " "));
}

function inMemory(t: TestContext) {
  const database = new DatabaseSync(":memory:");
  t.after(() => database.close());
  return { database, db: kyselyOn(database) };
}

describe("migrations", () => {
  it("the first step makes the tables of version 1 as they were released", async (t) => {
    const { database, db } = inMemory(t);
    const released = new DatabaseSync(":memory:");
    released.exec(version1);

    await migrate(db, id, migrations.slice(0, 1));

    assert.deepEqual(tablesOf(database), tablesOf(released));
    released.close();
  });

  it("a database of version 1 is opened with what waits in it", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "outbox-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "outbox.db");
    const old = new DatabaseSync(path);
    old.exec(version1);
    old.exec(readFileSync(new URL("rows-v1.sql", import.meta.url), "utf8"));
    old.close();

    const outbox = await openSqlite(path);

    const lease = await leaseOf(outbox, "ops", "new", 5_000);
    const { pending, messages, keys } = await lookAt(outbox, lease);
    const [group] = await groupsOf(outbox, lease, [2]);
    assert.deepEqual(pending, [{ id: 2, groupId: "g2", urgent: true, acceptedAt: 2_000, readyAt: 0, alerts: 1 }]);
    assert.deepEqual(
      messages.map(({ body, inDoubt, form, part }) => ({ body, inDoubt, form, part })),
      [{ body: "{}", inDoubt: true, form: "late", part: 2 }],
    );
    assert.equal(keys[0]?.failures, 3);
    assert.deepEqual(readRoutedGroup(group?.body ?? "").destination.messages, ["markdown"]);
    assert.equal(lease.token, 8);
    await outbox.close();
  });

  const more: readonly Migration[] = [
    ...migrations,
    () => ["create table later (a integer)"],
    () => ["alter table later add b text"],
  ];

  it("only the missing steps are taken, whatever the version is", async (t) => {
    const { database, db } = inMemory(t);

    for (const upTo of [1, 2, 2, more.length]) await migrate(db, id, more.slice(0, upTo));

    assert.deepEqual(
      database
        .prepare("select * from meta")
        .all()
        .map(({ schema_version }) => schema_version),
      [more.length],
    );
    assert.ok(tablesOf(database).includes("CREATE TABLE later (a integer, b text)"));
  });

  it("a step that fails leaves the version before the first of them", async (t) => {
    const { database, db } = inMemory(t);
    await migrate(db, id);
    const before = tablesOf(database);

    await assert.rejects(migrate(db, id, [...more, () => ["this is not SQL"]]), /syntax/);

    assert.deepEqual(tablesOf(database), before);
  });

  it("newer tables are taken by every program that they do not shut out, and keep their version", async (t) => {
    const { database, db } = inMemory(t);
    await migrate(db, id, more);

    await migrate(db, id);

    const [meta] = database.prepare("select * from meta").all();
    assert.equal(meta?.schema_version, more.length);
  });

  it("newer tables that shut out this program are refused", async (t) => {
    const { db } = inMemory(t);
    await migrate(db, id, [...more, () => [`update meta set oldest_version = ${migrations.length + 1}`]]);

    await assert.rejects(migrate(db, id), NewerSchema);
  });
});
