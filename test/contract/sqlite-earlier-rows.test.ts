// What is on disk stays as it was written when a new version starts, and replicas of two versions read each other's rows.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it, type TestContext } from "node:test";
import { migrate, migrations } from "../../src/outbox/migrate.ts";
import { SqliteConnection } from "../../src/outbox/sqlite/connection.ts";
import { openSqlite, tableDialect } from "../../src/outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "../../src/outbox/store.ts";
import { listOfStates } from "../support/delivered-states.ts";
import { answerFirst, everything, firstMessage, laneOf, lookAt } from "./outbox/storage.ts";

/** Of version 1. */
const plannedDelivery =
  `
  insert into media (hash, type, name, created_at, content) values ('h', 'file', 'a.txt', 1000, '5ZGK6K2m');
  insert into deliveries (id, bot, mode, urgent, alerts, bytes, accepted_at, planned_at, notification_ids, states)
    values (1, 'ops', 'full', 0, 1, 10, 1000, 2000, '[1]', '[{"identity":"a","origin":"http://am","status":"firing",` +
  `"startsAt":500,"destination":"d","deliveredAt":2000}]');
  insert into messages (id, delivery_id, part, place, tries, repairs, in_doubt, dead, not_before_at, media_hash, body)
    values (2, 1, 1, 1, 0, 0, 0, 0, 0, 'h', 'body');`;

/** Its matchers have no operator. */
const watch = `
  insert into silence_watches (id, due_at, ends_at, watch)
    values ('w', 1000, 9000, '{"id":"w","matchers":[{"name":"instance","value":"node(1"}]}');`;

/** An index of the history. */
const block = `
  insert into history_blocks (first_id, last_id, from_at, until_at, length) values (1, 1, 1000, 1000, 1);
  insert into history_terms (first_id, terms) values (1, 'x');`;

/** The outbox on tables of version 1 with these rows. */
async function outboxWith(t: TestContext, rows: string): Promise<Outbox> {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "outbox.db");
  const database = new DatabaseSync(file);
  await new SqliteConnection(database).transaction(({ all }) => migrate(all, tableDialect, migrations.slice(0, 1)));
  database.exec(rows);
  database.close();
  const outbox = await openSqlite(file, { now: () => 3_000 });
  t.after(() => outbox.close());
  return outbox;
}

it("a delivery with a file that another version planned is sent once, and its states are known", async (t) => {
  const outbox = await outboxWith(t, plannedDelivery);
  const lane = await laneOf(outbox);

  const media = await lane.media(firstMessage(lane).mediaHash ?? "");
  await answerFirst(lane, { kind: "sent" });

  assert.equal(Buffer.from(media.content).toString(), "告警");
  assert.deepEqual(lookAt(lane).messages, []);
  assert.deepEqual(listOfStates(lane.delivered()), [
    { destination: "d", identity: "a", origin: "http://am", status: "firing", startsAt: 500, deliveredAt: 2_000 },
  ]);
});

it("a matcher of a silence that another version made is an equal one", async (t) => {
  const outbox = await outboxWith(t, watch);

  const [taken] = await outbox.takeDueWatches(2_000);

  assert.deepEqual(taken?.matchers, [{ name: "instance", op: "=", value: "node(1" }]);
});

it("the history that another version indexed is searched and pruned", async (t) => {
  const outbox = await outboxWith(t, block);

  const { entries } = await outbox.history({ ...everything, text: "x" });
  const pruned = await outbox.prune({ settledBefore: 2_000, attemptsBefore: 2_000 });

  assert.deepEqual(entries, []);
  assert.equal(pruned, 0);
});
