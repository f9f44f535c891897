// The machine's clock is set back between two runs of the service.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import type { DeliveredState } from "../../src/domain/instance.ts";
import type { LaneWork } from "../../src/outbox/lane.ts";
import { openSqlite } from "../../src/outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "../../src/outbox/store.ts";
import { listOfStates } from "../support/delivered-states.ts";
import { answerFirst, beginFirst, laneOf, lookAt, noNews, notification, roomy } from "./outbox/storage.ts";

const hourMs = 3_600_000;
/** The time of the attempts below. */
const before = 1_800_000_000_000;

const shown: DeliveredState = {
  destination: "d",
  identity: "a",
  origin: null,
  status: "firing",
  startsAt: null,
  deliveredAt: before - 200,
};

/** An alert accepted a minute before, and one attempt answered just now, whose key rests for 65 s and whose message for 10 s. */
async function attemptMade(outbox: Outbox): Promise<void> {
  const lane = await laneOf(outbox, "ops", { now: before });
  await outbox.accept([notification()], roomy);
  const [head] = lookAt(lane).pending;
  await lane.plan({
    ...noNews,
    mode: "full",
    urgent: false,
    notificationIds: [head?.id ?? 0],
    alerts: 1,
    parts: [{ body: "body", media: null }],
    states: JSON.stringify([shown]),
    plannedAt: before - 200,
  });
  await outbox.accept([notification()], { ...roomy, acceptedAt: before - 60_000 });
  const begun = await beginFirst(lane, before - 100);
  await lane.settle({
    ...begun,
    answeredAt: before,
    outcome: { kind: "again", notBeforeAt: before + 10_000, reason: "rateLimited", inDoubt: false },
    key: { keyId: "key", holdUntilAt: before + 65_000, offReason: null, probeAt: 0, failures: 0, sentAt: 0 },
  });
}

interface Reopened {
  readonly work: LaneWork;
  readonly setBackBy: readonly number[];
  /** Of the alert, once its message is sent. */
  readonly deliveredAt: number | undefined;
}

async function reopenedAt(t: TestContext, now: number): Promise<Reopened> {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const first = await openSqlite(join(folder, "outbox.db"), { now: () => before });
  await attemptMade(first);
  await first.close();

  const setBackBy: number[] = [];
  const second = await openSqlite(join(folder, "outbox.db"), {
    now: () => now,
    clockSetBack: (byMs) => setBackBy.push(byMs),
  });
  const lane = await laneOf(second, "ops", { now: Math.min(now, before) });
  const work = lookAt(lane);
  await answerFirst(lane, { kind: "sent" }, now);
  const [delivered] = listOfStates(lane.delivered());
  await second.close();
  return { work, setBackBy, deliveredAt: delivered?.deliveredAt };
}

it("set back by an hour: the slot frees a window after the start, and waits and paces keep their length", async (t) => {
  const now = before - hourMs;

  const { work, setBackBy, deliveredAt } = await reopenedAt(t, now);

  assert.deepEqual(setBackBy, [hourMs]);
  assert.equal(deliveredAt, now - 200);
  assert.deepEqual(work.attempts, [{ keyId: "key", startedAt: now - 100, answeredAt: now }]);
  assert.equal(work.pending[0]?.acceptedAt, now - 60_000);
  assert.equal(work.keys[0]?.holdUntilAt, now + 65_000);
  assert.equal(work.messages[0]?.notBeforeAt, now + 10_000);
  assert.equal(work.messages[0]?.plannedAt, now - 200);
  assert.equal(work.lastNormalAt, now - 200);
});

it("a clock that moved forward, however far, changes nothing on record", async (t) => {
  for (const passedMs of [0, 1, hourMs]) {
    const { work, setBackBy, deliveredAt } = await reopenedAt(t, before + passedMs);

    assert.deepEqual(setBackBy, []);
    assert.equal(deliveredAt, before - 200);
    assert.deepEqual(work.attempts, [{ keyId: "key", startedAt: before - 100, answeredAt: before }]);
    assert.equal(work.pending[0]?.acceptedAt, before - 60_000);
    assert.equal(work.keys[0]?.holdUntilAt, before + 65_000);
    assert.equal(work.messages[0]?.notBeforeAt, before + 10_000);
    assert.equal(work.lastNormalAt, before - 200);
  }
});
