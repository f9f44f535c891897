import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LaneStatus, laneStatusOf } from "../../../src/deliver/keys.ts";
import type { KeyState, LaneWork, StoredMessage } from "../../../src/outbox/store.ts";
import { windowMs } from "../../../src/wecom/limits.ts";
import { laneWork } from "../../support/waiting.ts";

const now = 10 * windowMs;
const up: KeyState = { keyId: "a", holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0 };
const failed = (lastReason: StoredMessage["lastReason"]) => ({ lastReason }) as StoredMessage;
const twenty = Array.from({ length: 20 }, () => ({ keyId: "a", startedAt: now - 10, answeredAt: now - 5 }));

const cases: readonly (readonly [what: string, work: Partial<LaneWork> | null, Partial<LaneStatus>])[] = [
  ["a lane that has not read yet has all its slots", null, { keysUp: 2, freeSlots: 40, readyAt: now, reasons: [] }],
  ["used slots are not free", { attempts: twenty }, { freeSlots: 20 }],
  [
    "a key on hold is up and has no slot",
    { keys: [{ ...up, holdUntilAt: now + 500 }] },
    { keysUp: 2, freeSlots: 20, readyAt: now },
  ],
  [
    "a key that is off has its reason",
    { keys: [{ ...up, offReason: "keyInvalid", probeAt: now + 500 }] },
    { keysUp: 1, freeSlots: 20, reasons: ["keyInvalid"] },
  ],
  [
    "each reason is given once, those of keys first",
    {
      keys: [{ ...up, offReason: "keyInvalid", probeAt: now + 500 }],
      messages: [failed("busy"), failed(null), failed("keyInvalid"), failed("busy")],
    },
    { reasons: ["keyInvalid", "busy"] },
  ],
];

describe("the status of a lane with two keys", () => {
  for (const [what, work, expected] of cases) {
    it(what, () => {
      const status = laneStatusOf(work === null ? null : laneWork(work), ["a", "b"], now);

      assert.deepEqual({ ...status, ...expected }, status);
      assert.equal(status.keys, 2);
    });
  }

  it("gives the instant of the next slot when no key has one", () => {
    const status = laneStatusOf(laneWork({ attempts: twenty }), ["a"], now);

    assert.deepEqual([status.freeSlots, status.readyAt], [0, now - 5 + windowMs]);
  });
});
