// The pool without sockets: how much it gives in all, who is cut when it is full, and what is always there.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createBodyPool, type PooledBody } from "../../../src/receive/body-pool.ts";

const kilobyte = 1024;
const shares = { largeBytes: 1_000 * kilobyte, smallBytes: 500 * kilobyte, parsedBytes: 500 * kilobyte };

/** A pool on a clock of its own, and the names of the bodies that were cut, in order. */
function pooling(given = shares) {
  const clock = { now: 0 };
  const cuts: string[] = [];
  const pool = createBodyPool(given, { now: () => clock.now });
  const open = (name: string, { address = name, hook = "/webhook", proven = true } = {}) =>
    pool.open({ address, hook, proven }, () => cuts.push(name));
  return { clock, cuts, open };
}

/** In steps of at most 16 kB, as a socket gives them. */
function takeAll(body: PooledBody, bytes: number): boolean {
  for (let left = bytes; left > 0; left -= 16 * kilobyte) {
    if (!body.take(Math.min(left, 16 * kilobyte))) return false;
  }
  return true;
}

const rival = fc.record({
  address: fc.constantFrom("a", "b", "c", "d"),
  hook: fc.constantFrom("/webhook", "/webhook/bot/ops"),
  proven: fc.boolean(),
  bytes: fc.integer({ min: 1, max: 3_000 * kilobyte }),
  hasArrived: fc.boolean(),
  afterMs: fc.integer({ min: 0, max: 3_000 }),
});

test("the pool gives at most its size and one large body, and all of it again after a release", () => {
  fc.assert(
    fc.property(fc.array(rival, { maxLength: 40 }), (rivals) => {
      const { clock, cuts, open } = pooling();
      const held = new Map<string, number>();
      const bodies = rivals.map(({ bytes, hasArrived, afterMs, ...sender }, n) => {
        const body = open(`${n}`, sender);
        clock.now += afterMs;
        for (let left = bytes; left > 0 && body.take(Math.min(left, 50 * kilobyte)); left -= 50 * kilobyte) {
          held.set(`${n}`, (held.get(`${n}`) ?? 0) + Math.min(left, 50 * kilobyte));
          for (const name of cuts) held.delete(name);
          const sizes = [...held.values()].toSorted((one, other) => other - one);
          const sum = sizes.reduce((total, size) => total + size, 0);
          assert.ok(sum - (sizes[0] ?? 0) <= shares.largeBytes + shares.smallBytes, `${sum} bytes are held`);
        }
        if (hasArrived) body.arrived();
        return body;
      });

      for (const body of bodies) body.release();
      const [one, other] = [open("one"), open("other")];
      assert.ok(takeAll(one, 3_000 * kilobyte) && takeAll(other, shares.largeBytes));
    }),
  );
});

test("a body of up to 64 kB always has room among bodies that still arrive", () => {
  fc.assert(
    fc.property(fc.array(rival, { maxLength: 60 }), rival, (rivals, { afterMs, ...newcomer }) => {
      const { clock, open } = pooling();
      for (const { bytes, ...sender } of rivals) {
        takeAll(open("rival", sender), bytes);
        takeAll(open("small rival", sender), bytes % (64 * kilobyte));
      }
      clock.now += afterMs;

      assert.ok(takeAll(open("newcomer", newcomer), 64 * kilobyte));
    }),
  );
});

test("an address gets its share of the pool, however much others hold and however fast they are", () => {
  const addresses = ["a", "b", "c", "d"];
  fc.assert(
    fc.property(fc.array(rival, { maxLength: 60 }), (rivals) => {
      const { open, cuts } = pooling();
      for (const { bytes, ...sender } of rivals) takeAll(open("rival", { ...sender, proven: true }), bytes);

      assert.ok(takeAll(open("newcomer"), Math.floor(shares.largeBytes / (addresses.length + 1))));
      assert.ok(!cuts.includes("newcomer"));
    }),
  );
});

test("bodies that no credential has proven leave half of the pool to others", () => {
  const { open, cuts } = pooling();
  for (let n = 0; n < 20; n++) takeAll(open(`unproven ${n}`, { address: "a", proven: false }), 100 * kilobyte);
  const before = cuts.length;

  assert.ok(takeAll(open("proven", { address: "a" }), 400 * kilobyte));
  assert.equal(cuts.length, before, "nobody had to make way");
});

const full = { largeBytes: 200 * kilobyte, smallBytes: 500 * kilobyte, parsedBytes: kilobyte };
/** What two bodies of 120 kB did in the five seconds before another one needs their room. */
for (const { what, chunks, everyMs, cut } of [
  { what: "stands still", chunks: 0, everyMs: 5_000, cut: true },
  { what: "sends a byte every 10 ms", chunks: 1, everyMs: 10, cut: true },
  { what: "sends 4 kB/s", chunks: 400, everyMs: 100, cut: true },
  { what: "sends 16 kB/s", chunks: 1_600, everyMs: 100, cut: false },
]) {
  test(`a body that ${what} is ${cut ? "cut before a new one is refused" : "not cut for a new one"}`, () => {
    const { clock, cuts, open } = pooling(full);
    const slow = [1, 2].map(() => open("slow", { address: "a" }));
    for (const body of slow) takeAll(body, 120 * kilobyte);

    for (const until = clock.now + 5_000; clock.now < until; clock.now += everyMs) {
      if (chunks > 0) for (const body of slow) body.take(chunks);
    }
    const isIn = takeAll(open("new", { address: "a" }), 150 * kilobyte);

    assert.equal(isIn, cut);
    assert.equal(cuts.length > 0, cut);
  });
}

test("a body that has arrived is neither slow nor cut", (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const { clock, cuts, open } = pooling(full);
  const body = open("arrived");
  takeAll(body, 190 * kilobyte);
  body.arrived();

  clock.now += 60_000;
  t.mock.timers.tick(60_000);
  for (let n = 0; n < 5; n++) takeAll(open(`later ${n}`), 150 * kilobyte);

  assert.ok(!cuts.includes("arrived"));
  assert.ok(body.take(1));
});

for (const { what, bytesPerSecond, cutAfter } of [
  { what: "stands still", bytesPerSecond: 0, cutAfter: 13 },
  { what: "sends 1 kB/s", bytesPerSecond: kilobyte, cutAfter: 15 },
  { what: "sends 64 kB/s", bytesPerSecond: 64 * kilobyte, cutAfter: 31 },
]) {
  test(`a body that ${what} is cut after ${cutAfter} s although nobody needs its room`, (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const { clock, cuts, open } = pooling();
    const body = open("slow");

    let seconds = 0;
    for (; cuts.length === 0 && seconds < 60; seconds++) {
      clock.now += 1_000;
      if (bytesPerSecond > 0) body.take(bytesPerSecond);
      t.mock.timers.tick(1_000);
    }

    assert.equal(seconds, cutAfter);
  });
}

test("bodies are parsed in the order in which they arrived, as many at once as fit, and a larger one alone", async () => {
  const { open } = pooling({ ...shares, parsedBytes: 100 });
  const order: string[] = [];
  const bodies = [60, 30, 30, 300, 10].map((bytes, n) => {
    const body = open(`${n}`);
    body.take(bytes);
    void body.parsing().then(() => order.push(`${n}`));
    return body;
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  const seen: string[] = [];
  for (const body of bodies) {
    await settled();
    seen.push(order.splice(0).join(" "));
    body.release();
  }

  assert.deepEqual(seen, ["0 1", "2", "", "3", "4"]);
});
