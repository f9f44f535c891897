// SQLite blocks the event loop while it works. A file of 20 MB takes it as long to insert as to commit.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Media } from "../../../src/domain/media.ts";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import { laneOf, notification, planAll, roomy } from "../../contract/outbox/storage.ts";

const file: Media = { type: "file", name: "alerts.csv", content: new Uint8Array([1, 2, 3]) };

for (const [name, media, isFree] of [
  ["is free between a file and its commit", file, true],
  ["has no turn within the commit of a delivery without a file", null, false],
] as const) {
  test(`the event loop ${name}`, async (t) => {
    const database = new DatabaseSync(":memory:");
    const outbox = await outboxOn(database);
    t.after(() => outbox.close());
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);
    let isStored = false;
    const turnsInside: boolean[] = [];

    const storing = planAll(lane, ["body"], media).finally(() => {
      isStored = true;
    });
    while (!isStored) {
      await nextTurn();
      turnsInside.push(database.isTransaction);
    }
    await storing;

    assert.equal(turnsInside.includes(true), isFree);
  });
}
