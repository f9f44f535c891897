import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { Slices } from "../../../src/outbox/slices.ts";
import { SqliteConnection } from "../../../src/outbox/sqlite/connection.ts";

/** Longer than a slice or a read may take. */
function workLong(): number {
  const endsAt = performance.now() + 3;
  while (performance.now() < endsAt);
  return 1;
}

describe("work in slices", () => {
  it("leaves the loop to others after each step that takes long", async () => {
    const done: string[] = [];
    function* work() {
      for (const step of ["one", "two"]) {
        workLong();
        done.push(step);
        yield;
      }
      return "result";
    }
    function other() {
      done.push("other");
      if (done.length < 4) setImmediate(other);
    }

    setImmediate(other);
    const result = await new Slices().finish(work());

    assert.equal(result, "result");
    assert.deepEqual(done, ["one", "other", "two", "other"]);
  });
});

describe("the first rows of a select", () => {
  function connection(): SqliteConnection {
    const database = new DatabaseSync(":memory:");
    database.function("slow", workLong);
    database.exec("create table numbers (n integer primary key); insert into numbers values (1), (2), (3)");
    return new SqliteConnection(database);
  }

  it("are no more than asked for, and the last ones are known", async () => {
    const db = connection();
    const first = (after: number, limit: number) =>
      db.firstRows("select n from numbers where n > $1 order by n", [after], limit);

    assert.deepEqual(await first(0, 2), { rows: [{ n: 1 }, { n: 2 }], isLast: false });
    assert.deepEqual(await first(0, 4), { rows: [{ n: 1 }, { n: 2 }, { n: 3 }], isLast: true });
    assert.deepEqual(await first(3, 4), { rows: [], isLast: true });
  });

  it("are fewer where reading takes long, and at least one", async () => {
    const db = connection();

    const found = await db.firstRows("select n from numbers where slow() = 1 order by n", [], 3);
    await db.all("insert into numbers values (4)");

    assert.deepEqual(found, { rows: [{ n: 1 }], isLast: false });
  });
});
