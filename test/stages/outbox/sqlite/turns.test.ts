import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ConnectionTurns } from "../../../../src/outbox/sqlite/turns.ts";

/** Takes the connection, holds it as long as `work` takes, and gives it back. */
async function use(turns: ConnectionTurns, work: () => void): Promise<void> {
  await turns.take();
  work();
  turns.giveBack();
}

test("each user gets the connection in the order of their requests, one at a time", async () => {
  const turns = new ConnectionTurns();
  const order: number[] = [];
  let users = 0;
  const one = async (n: number): Promise<void> => {
    await turns.take();
    assert.equal(users++, 0);
    await nextTurn();
    order.push(n);
    users -= 1;
    turns.giveBack();
  };

  await Promise.all([1, 2, 3].map(one));
  await Promise.all([4, 5].map(one));

  assert.deepEqual(order, [1, 2, 3, 4, 5]);
});

test("the next user goes on in a new turn of the event loop once this one has lasted 10 ms", async () => {
  let now = 0;
  const turns = new ConnectionTurns(() => now);
  const done: number[] = [];
  const all = Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      use(turns, () => {
        now += 4;
        done.push(n);
      }),
    ),
  );

  const perTurn: number[] = [];
  while (done.length < 10) {
    const before = done.length;
    await nextTurn();
    perTurn.push(done.length - before);
  }

  await all;
  assert.ok(Math.max(...perTurn) <= 3, `${perTurn}`);
});
