import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { keyBackoffMs, messageBackoffMs, probeDelayMs } from "../../../src/deliver/conclude.ts";

const middle = 0.5;

describe("backoff", () => {
  it("a message waits 1 s, 2 s, 4 s … and at most 5 minutes", () => {
    const waits = [1, 2, 3, 9, 10, 1000].map((tries) => messageBackoffMs(tries, middle));

    assert.deepEqual(waits, [1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
  });

  it("a busy key is tried three times after 1 s, then after growing delays of at most a minute", () => {
    const waits = [1, 2, 3, 4, 5, 9, 100].map((failures) => keyBackoffMs(failures, 3, middle));

    assert.deepEqual(waits, [1_000, 1_000, 1_000, 2_000, 4_000, 60_000, 60_000]);
  });

  it("a key that is off is probed after 1, 2, 4, 8 and then every 10 minutes: at most once a minute", () => {
    const waits = [1, 2, 3, 4, 5, 50].map((failures) => probeDelayMs(failures));

    assert.deepEqual(waits, [60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  });

  it("for all: jitter stays between half and one and a half", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (n, r) => {
          const exact = messageBackoffMs(n, middle);
          const jittered = messageBackoffMs(n, r);
          assert.ok(jittered >= exact * 0.5 - 1 && jittered <= exact * 1.5 + 1);
        },
      ),
    );
  });
});
