// Requests with one signature that share a commit, over an engine that stores every row but those of replays.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Notification } from "../../../src/domain/notification.ts";
import { Accepts } from "../../../src/outbox/accept.ts";
import { BacklogCount } from "../../../src/outbox/backlog.ts";
import type { OutboxEngine } from "../../../src/outbox/engine.ts";
import type { NewNotificationRow } from "../../../src/outbox/rows.ts";
import { roomy } from "../../contract/outbox/storage.ts";
import { alertOf, routedGroup } from "../../support/waiting.ts";

const limits = { ...roomy, acceptedAt: 1_000, dedupWindowMs: 500, maxNotifications: 100, maxBytes: 1e6 };
const signed = { ...limits, signature: { id: "s", expiresAt: 9_000 } };

function notification(dedupKey: string | null): Notification {
  return { groupId: "g", dedupKey, routed: routedGroup([alertOf()]) };
}

async function accepting() {
  const rows: NewNotificationRow[] = [];
  const engine = {
    shared: false,
    now: () => 0,
    db: {
      all: async () => [],
      firstRows: async () => ({ rows: [], isLast: true }),
      isOneOf: () => "true",
      contains: () => "true",
      transaction: () => Promise.reject(new Error("unused")),
    },
    store: async (given: readonly NewNotificationRow[]) => {
      rows.push(...given.filter((row) => row.is_replay === 0));
      return given.map((row, id) => (row.is_replay === 1 ? { kind: "replayed" } : { kind: "stored", id }));
    },
  } as Partial<OutboxEngine> as OutboxEngine;
  return { rows, accepts: new Accepts(engine, await BacklogCount.open(engine), () => {}) };
}

for (const dedupKey of ["d", null]) {
  test(`of equal requests the first is accepted, the others are replays; dedup key: ${dedupKey}`, async () => {
    const { rows, accepts } = await accepting();

    const results = await Promise.all([1, 2, 3].map(() => accepts.add([notification(dedupKey)], signed)));

    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["stored", "replayed", "replayed"],
    );
    assert.equal(rows.length, 1);
  });
}

test("when the first does not fit into the backlog, none was accepted and none is a replay", async () => {
  const { rows, accepts } = await accepting();
  const full = { ...signed, maxNotifications: 0 };

  const results = await Promise.all([1, 2].map(() => accepts.add([notification(null)], full)));

  assert.deepEqual(results, Array(2).fill({ kind: "full", bots: ["ops"], stored: 0, duplicates: 0 }));
  assert.deepEqual(rows, []);
});

test("a replay takes no room from the requests after it", async () => {
  const { accepts } = await accepting();
  const two = { maxNotifications: 2 };
  const calls = [signed, signed, { ...limits, signature: null }];

  const results = await Promise.all(calls.map((call) => accepts.add([notification(null)], { ...call, ...two })));

  assert.deepEqual(
    results.map(({ kind }) => kind),
    ["stored", "replayed", "stored"],
  );
});

test("requests without a signature, and with different ones, are accepted together", async () => {
  const { rows, accepts } = await accepting();
  const signatures = [null, null, { id: "a", expiresAt: 9_000 }, { id: "b", expiresAt: 9_000 }];

  const calls = signatures.map((signature) => accepts.add([notification(null)], { ...limits, signature }));

  for (const result of await Promise.all(calls)) assert.equal(result.kind, "stored");
  assert.deepEqual(
    rows.map(({ signature }) => signature),
    ["", "", "a", "b"],
  );
});
