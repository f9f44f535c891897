import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { type Migration, migrate, migrations, NewerSchema } from "../../../src/outbox/migrate.ts";
import { kyselyOn } from "../../../src/outbox/sqlite/open-sqlite.ts";

const id = "integer primary key autoincrement";

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
  const more: readonly Migration[] = [
    ...migrations,
    () => ["create table later (a integer)"],
    () => ["alter table later add b text"],
  ];

  it("only the missing steps run, whatever the version", async (t) => {
    const { database, db } = inMemory(t);

    for (const upTo of [1, 1, more.length]) await migrate(db, id, more.slice(0, upTo));

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

  it("newer tables are refused", async (t) => {
    const { db } = inMemory(t);
    await migrate(db, id, more);

    await assert.rejects(migrate(db, id), NewerSchema);
  });
});
