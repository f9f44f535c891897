// Replicas count the backlog again every few seconds, while webhooks are stored.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Accepts } from "../../../src/outbox/accept.ts";
import { BacklogCount } from "../../../src/outbox/backlog.ts";
import type { OutboxEngine } from "../../../src/outbox/engine.ts";
import { notification, roomy } from "../../contract/outbox/storage.ts";

test("what is stored while the backlog is counted again counts once", async () => {
  let now = 0;
  let stored = 0;
  const engine = {
    shared: true,
    now: () => now,
    db: {
      all: async (text: string) => {
        if (!text.includes("count(*)")) return [];
        // What other calls bring in the meantime is stored before the count is made.
        for (let turn = 0; turn < 10; turn += 1) await nextTurn();
        return stored === 0 ? [] : [{ bot: "ops", notifications: stored, bytes: stored }];
      },
      isOneOf: () => "true",
    },
    store: async (rows: readonly unknown[]) =>
      rows.map(() => {
        stored += 1;
        return { kind: "stored", id: stored };
      }),
  } as unknown as OutboxEngine;
  const backlog = await BacklogCount.open(engine);
  const accepts = new Accepts(engine, backlog, () => {});
  const accept = () => accepts.add([notification()], { ...roomy, maxNotifications: 2 });
  now = 60_000;

  const first = await accept();
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  const second = await accept();
  const third = await accept();

  assert.deepEqual([first.kind, second.kind, third.kind], ["stored", "stored", "full"]);
});
