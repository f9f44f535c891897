import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { type Migration, migrate, migrations, NewerSchema } from "../../../src/outbox/migrate.ts";
import { SqliteConnection } from "../../../src/outbox/sqlite/connection.ts";
import { tableDialect } from "../../../src/outbox/sqlite/open-sqlite.ts";

function tablesOf(database: DatabaseSync): readonly string[] {
  const rows = database.prepare("select sql from sqlite_master where sql is not null order by name").all();
  return rows.map(({ sql }) => String(sql).replaceAll(/\s+/g, " "));
}

function inMemory(t: TestContext) {
  const database = new DatabaseSync(":memory:");
  t.after(() => database.close());
  const connection = new SqliteConnection(database);
  const open = (steps?: readonly Migration[]) => connection.transaction(({ all }) => migrate(all, tableDialect, steps));
  return { database, open };
}

describe("migrations", () => {
  const more: readonly Migration[] = [
    ...migrations,
    () => ["create table later (a integer)"],
    () => ["alter table later add b text"],
  ];

  it("only the missing steps run, whatever the version", async (t) => {
    const { database, open } = inMemory(t);

    const runs: number[] = [];
    for (const upTo of [1, 1, more.length]) runs.push(await open(more.slice(0, upTo)));

    assert.deepEqual(runs, [1, 2, 3], "each opening has a number of its own");
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
    const { database, open } = inMemory(t);
    await open();
    const before = tablesOf(database);

    await assert.rejects(open([...more, () => ["this is not SQL"]]), /syntax/);

    assert.deepEqual(tablesOf(database), before);
  });

  it("newer tables are refused", async (t) => {
    const { open } = inMemory(t);
    await open(more);

    await assert.rejects(open(), NewerSchema);
  });
});
