// What the holder of a lane keeps of each waiting notification.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { LaneInMemory } from "../../../src/outbox/held-lane.ts";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import { laneOf, notification, roomy } from "../../contract/outbox/storage.ts";

test("memory has a waiting notification without its body, whether it was accepted or read", async (t) => {
  const outbox = await outboxOn(new DatabaseSync(":memory:"));
  t.after(() => outbox.close());
  const accept = () => outbox.accept([notification({ bot: "ops" })], { ...roomy, acceptedAt: 1 });
  const heads = async () => {
    const lane = await laneOf(outbox);
    assert.ok(lane instanceof LaneInMemory);
    return lane.memory.heads;
  };
  const held = await heads();

  await accept();

  const known = [...held.values()];
  assert.equal(known.length, 1);
  assert.deepEqual(known, [...(await heads()).values()]);
});
