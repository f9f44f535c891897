import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import { choicesOf, type RowChoice } from "../../../src/outbox/history-blocks.ts";
import { placesOfBlock } from "../../../src/outbox/history-words.ts";
import { SqliteConnection } from "../../../src/outbox/sqlite/connection.ts";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import { endedOf, notification, roomy } from "../../contract/outbox/storage.ts";

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

  const choices: RowChoice[] = [];
  for await (const choice of choicesOf(new SqliteConnection(database), all)) {
    choices.push(choice);
    await outbox.tidyHistory();
  }

  assert.deepEqual(choices, [{ first: 1, last: placesOfBlock, ids: null }]);
});
