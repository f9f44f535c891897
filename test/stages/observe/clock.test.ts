// The system's clock and the two that tests use behave alike.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../src/observe/clock.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { scaledClock } from "../../support/scaled-clock.ts";

const never = new AbortController().signal;

for (const [name, clock] of [
  ["system", systemClock()],
  ["scaled", scaledClock(1000)],
] as const) {
  test(`the ${name} clock sleeps until the given time`, async () => {
    const before = clock.now();

    await clock.sleep(5, never);

    assert.ok(clock.now() - before >= 4);
  });

  test(`a sleep of the ${name} clock ends at once when it is aborted, before or during it`, async () => {
    const aborting = new AbortController();
    const sleep = clock.sleep(3_600_000_000, aborting.signal);

    aborting.abort();

    await sleep;
    await clock.sleep(3_600_000_000, aborting.signal);
  });
}

test("the system clock counts steadily when the machine's clock is set, and has the set time as wall", () => {
  let [setBy, passed] = [0, 0];
  const clock = systemClock({ wall: () => 1_800_000_000_000 + setBy + passed, steady: () => 12.5 + passed });

  const started = clock.now();
  const readings = [3_600_000, -3_600_000].map((ms) => {
    setBy += ms;
    passed += 1_000;
    return { passed: clock.now() - started, set: clock.wall() - clock.now() };
  });

  assert.equal(started, 1_800_000_000_000);
  assert.deepEqual(
    readings.map((reading) => [reading.passed, Math.round(reading.set)]),
    [
      [1_000, 3_600_000],
      [2_000, 0],
    ],
  );
});

test("the manual clock wakes sleepers in the order of their times", async () => {
  const clock = new ManualClock(0);
  const woken: (readonly [string, number])[] = [];
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms, never);
    woken.push([name, clock.now()]);
  };
  void sleeper("late", 30);
  void sleeper("early", 10);
  void sleeper("never", 31);

  await clock.advance(30);

  assert.deepEqual(woken, [
    ["early", 10],
    ["late", 30],
  ]);
  assert.deepEqual([clock.now(), clock.sleeping], [30, 1]);
});

test("a sleeper that sleeps again while the manual clock advances is woken again in the same advance", async () => {
  const clock = new ManualClock(0);
  let rounds = 0;
  void (async () => {
    for (;;) {
      await clock.sleep(10, never);
      rounds += 1;
    }
  })();

  await clock.advance(35);

  assert.equal(rounds, 3);
});

test("an aborted sleep of the manual clock ends without advancing", async () => {
  const clock = new ManualClock(0);
  const aborting = new AbortController();
  const sleep = clock.sleep(10, aborting.signal);

  aborting.abort();
  await sleep;

  assert.deepEqual([clock.now(), clock.sleeping], [0, 0]);
});
