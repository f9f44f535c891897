import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import type { FirstRows } from "../../../src/outbox/engine.ts";
import { searchHistory } from "../../../src/outbox/history.ts";
import { choicesOf, indexHistory } from "../../../src/outbox/history-blocks.ts";
import { placesOfBlock } from "../../../src/outbox/history-words.ts";
import { comparedRanges, type IdRange, Slices } from "../../../src/outbox/slices.ts";
import { SqliteConnection } from "../../../src/outbox/sqlite/connection.ts";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import { endedOf, everything, notification, roomy } from "../../contract/outbox/storage.ts";

it("rows are found by their block also where ids are missing, as a sequence leaves them out", async (t) => {
  const database = new DatabaseSync(":memory:");
  const outbox = await outboxOn(database);
  t.after(() => outbox.close());
  const unsent = Array.from({ length: 3 * placesOfBlock }, (_, n) => {
    return { routed: notification({ text: `row ${n}` }).routed, why: "route_drop" } as const;
  });
  await outbox.accept([], { ...roomy, unsent });
  database.exec(`update history set id = id + 3 * ${placesOfBlock} where id > 20`);
  const before = await endedOf(outbox, { text: "row" });

  await outbox.tidyHistory();

  const blocks = database.prepare("select first_id, last_id from history_blocks").all();
  assert.equal(blocks.length, 3);
  for (const { first_id, last_id } of blocks) assert.ok(Number(last_id) - Number(first_id) < placesOfBlock);
  assert.deepEqual(await endedOf(outbox, { text: "row" }), before);
  for (const n of [0, 19, 20, 700, 1400]) {
    assert.equal((await endedOf(outbox, { text: `"row ${n} 0"` })).length, 1, `${n}`);
  }
});

it("a block ends where its texts are long; it is made when all of its rows are five minutes old", async (t) => {
  const database = new DatabaseSync(":memory:");
  let now = 1_000;
  const outbox = await outboxOn(database, { now: () => now });
  t.after(() => outbox.close());
  const long = { routed: notification({ text: "x".repeat(100_000) }).routed, why: "route_drop" } as const;
  const blocks = async () => {
    await outbox.tidyHistory();
    return database.prepare("select first_id, last_id from history_blocks order by first_id").all().map(Object.values);
  };
  await outbox.accept([], { ...roomy, acceptedAt: now, unsent: Array(5).fill(long) });

  now += 299_999;
  assert.deepEqual(await blocks(), []);
  now += 1;
  assert.deepEqual(await blocks(), [
    [1, 2],
    [3, 4],
  ]);
});

it("what is indexed while a search runs is not found twice", async (t) => {
  const database = new DatabaseSync(":memory:");
  const outbox = await outboxOn(database);
  t.after(() => outbox.close());
  const unsent = Array.from(
    { length: placesOfBlock },
    () => ({ routed: notification().routed, why: "route_drop" }) as const,
  );
  await outbox.accept([], { ...roomy, unsent });
  const all = { fromAt: 0, untilAt: 1e15, maxId: 1e15, terms: [], outcome: null, bot: null };

  const ids: number[] = [];
  for await (const choice of choicesOf({ db: new SqliteConnection(database), slices: new Slices() }, all)) {
    ids.push(...idsOf(choice));
    await outbox.tidyHistory();
  }

  assert.deepEqual(ids, falling(placesOfBlock));
});

/** Another replica does something after the first read of rows. */
class InterruptedConnection extends SqliteConnection {
  interrupt: (() => Promise<void>) | null = null;

  override async firstRows<Row>(text: string, parameters: readonly unknown[], limit: number): Promise<FirstRows<Row>> {
    const read = await super.firstRows<Row>(text, parameters, Math.min(limit, 8));
    const { interrupt } = this;
    this.interrupt = null;
    await interrupt?.();
    return { ...read, isLast: read.rows.length === 0 };
  }
}

it("no row is in two blocks, when another replica indexes rows from which the oldest were pruned", async (t) => {
  const database = new DatabaseSync(":memory:");
  const outbox = await outboxOn(database);
  t.after(() => outbox.close());
  const unsent = Array.from({ length: 2 * placesOfBlock + 200 }, (_, n) => {
    return { routed: notification({ text: `row ${n}` }).routed, why: "route_drop" } as const;
  });
  await outbox.accept([], { ...roomy, unsent });
  const interrupted = new InterruptedConnection(database);
  interrupted.interrupt = async () => {
    database.exec("delete from history where id <= 120");
    await outbox.tidyHistory();
  };

  await indexHistory(interrupted, Date.now() + 1e9, new AbortController().signal);

  const blocks = database.prepare("select first_id, last_id from history_blocks order by first_id").all();
  assert.ok(blocks.length > 1);
  for (const [n, { first_id }] of blocks.slice(1).entries()) assert.ok(Number(first_id) > Number(blocks[n]?.last_id));
  const words = database.prepare("select first_id from history_words order by first_id").all();
  assert.deepEqual(
    words,
    blocks.map(({ first_id }) => ({ __proto__: null, first_id })),
  );
});

/** Each read returns one row, as if each took long. */
class SlowConnection extends SqliteConnection {
  override async firstRows<Row>(text: string, parameters: readonly unknown[]): Promise<FirstRows<Row>> {
    const { rows } = await super.firstRows<Row>(text, parameters, 1);
    return { rows, isLast: rows.length === 0 };
  }
}

it("a search finds the same however many rows a read returns, with more blocks than one read returns", async (t) => {
  const database = new DatabaseSync(":memory:");
  const outbox = await outboxOn(database);
  t.after(() => outbox.close());
  const rows = 700;
  const unsent = Array.from({ length: rows }, (_, n) => {
    return {
      routed: notification({ alerts: 1 + (n % 2), text: `row ${n} of ${n % 7}` }).routed,
      why: "route_drop",
    } as const;
  });
  await outbox.accept([], { ...roomy, unsent });
  database.exec(`update history set id = (id + ${rows}) * ${placesOfBlock}`);
  await outbox.tidyHistory();
  await outbox.accept([], { ...roomy, unsent: unsent.slice(0, 5) });

  for (const query of [{}, { text: "row" }, { text: '"of 3 1"' }, { text: "row 699" }, { text: "4", bot: "ops" }]) {
    const wanted = { ...everything, maxEntries: 2_000, ...query };

    const found = await searchHistory(new SlowConnection(database), wanted);

    assert.deepEqual(found, await outbox.history(wanted));
    assert.ok(found.entries.length > 0);
  }
  assert.ok(Number(database.prepare("select count(*) as n from history_blocks").get()?.n) >= rows - 1);
});

it("the texts of a range are few, and each row is in one range", async (t) => {
  const database = new DatabaseSync(":memory:");
  const outbox = await outboxOn(database);
  t.after(() => outbox.close());
  const sizes = [10, 300_000, 300_000, 10, 200_000, 200_000, 10, 10];
  const unsent = sizes.map(
    (size) => ({ routed: notification({ text: "x".repeat(size) }).routed, why: "route_drop" }) as const,
  );
  await outbox.accept([], { ...roomy, unsent });

  const ranges: IdRange[] = [];
  const reading = { db: new SqliteConnection(database), slices: new Slices() };
  for await (const range of comparedRanges(reading, "history", { first: 2, last: 1e15 })) ranges.push(range);

  assert.deepEqual(ranges.flatMap(idsOf), falling(sizes.length).slice(0, -1));
  for (const { first, last } of ranges) {
    const bytes = sizes.slice(first - 1, last).reduce((sum, size) => sum + size, 0);
    assert.ok(first === last || bytes < 262_144, `${first} to ${last}`);
  }
});

function idsOf({ first, last }: IdRange): readonly number[] {
  return falling(last).slice(0, last - first + 1);
}

function falling(last: number): readonly number[] {
  return Array.from({ length: last }, (_, n) => last - n);
}
