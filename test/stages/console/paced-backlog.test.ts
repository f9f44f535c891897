import assert from "node:assert/strict";
import { test } from "node:test";
import { pacedBacklog } from "../../../src/console/paced-backlog.ts";
import type { LaneBacklog } from "../../../src/outbox/store.ts";

/** An outbox in which `notifications` wait; counts are made when `answer` is called. */
function askersOf(notifications: number) {
  const clock = { now: 0 };
  const counts: PromiseWithResolvers<readonly LaneBacklog[]>[] = [];
  const read = () => {
    const count = Promise.withResolvers<readonly LaneBacklog[]>();
    counts.push(count);
    return count.promise;
  };
  const rows = [{ bot: "ops", notifications, oldestAcceptedAt: 0 }];
  return { clock, counts, rows, ask: pacedBacklog(read, () => clock.now) };
}

test("who asks while a count runs gets that count", async () => {
  const { clock, counts, rows, ask } = askersOf(1);

  const asked = [ask(), ask()];
  clock.now += 60_000;
  asked.push(ask());
  counts[0]?.resolve(rows);

  assert.deepEqual(await Promise.all(asked), [rows, rows, rows]);
  assert.equal(counts.length, 1);
});

for (const [notifications, keptMs] of [
  [0, 0],
  [100, 1],
  [100_000, 1_000],
] as const) {
  test(`a count of ${notifications} is kept for ${keptMs} ms from its end`, async () => {
    const { clock, counts, rows, ask } = askersOf(notifications);
    const first = ask();
    clock.now += 5;
    counts[0]?.resolve(rows);
    await first;

    for (let ms = 0; ms < keptMs; ms++) {
      void ask();
      clock.now += 1;
    }
    const within = counts.length;
    void ask();

    assert.deepEqual([within, counts.length], [1, 2]);
  });
}

test("a count that failed is not kept", async () => {
  const { counts, rows, ask } = askersOf(100_000);
  const failed = ask();
  counts[0]?.reject(new Error("away"));
  await assert.rejects(failed, /away/);

  const next = ask();
  counts[1]?.resolve(rows);

  assert.deepEqual(await next, rows);
});
