import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LaneStatus, type LastRead, laneStatusOf } from "../../../src/deliver/lane-status.ts";
import type { KeyState, StoredMessage } from "../../../src/outbox/store.ts";
import { windowMs } from "../../../src/wecom/limits.ts";

const now = 10 * windowMs;
const up: KeyState = { keyId: "a", holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0 };
const failed = (lastReason: StoredMessage["lastReason"]) => ({ lastReason }) as StoredMessage;
const twenty = Array.from({ length: 20 }, () => ({ keyId: "a", startedAt: now - 10, answeredAt: now - 5 }));

const cases: readonly (readonly [what: string, work: LastRead["work"], Partial<LaneStatus>])[] = [
  ["a lane that has not read yet has all its slots", null, { keysUp: 2, freeSlots: 40, readyAt: now, reasons: [] }],
  ["used slots are not free", { attempts: twenty, keys: [], messages: [] }, { freeSlots: 20 }],
  [
    "a key on hold is up and has no slot",
    { attempts: [], keys: [{ ...up, holdUntilAt: now + 500 }], messages: [] },
    { keysUp: 2, freeSlots: 20, readyAt: now },
  ],
  [
    "a key that is off has its reason",
    { attempts: [], keys: [{ ...up, offReason: "keyInvalid", probeAt: now + 500 }], messages: [] },
    { keysUp: 1, freeSlots: 20, reasons: ["keyInvalid"] },
  ],
  [
    "each reason is given once, those of keys first",
    {
      attempts: [],
      keys: [{ ...up, offReason: "keyInvalid", probeAt: now + 500 }],
      messages: [failed("busy"), failed(null), failed("keyInvalid"), failed("busy")],
    },
    { reasons: ["keyInvalid", "busy"] },
  ],
];

describe("the status of a lane with two keys", () => {
  for (const [what, work, expected] of cases) {
    it(what, () => {
      const status = laneStatusOf({ work, keyIds: ["a", "b"], now });

      assert.deepEqual({ ...status, ...expected }, status);
      assert.equal(status.keys, 2);
    });
  }

  it("gives the instant of the next slot when no key has one", () => {
    const work = { attempts: twenty, keys: [], messages: [] };

    const status = laneStatusOf({ work, keyIds: ["a"], now });

    assert.deepEqual([status.freeSlots, status.readyAt], [0, now - 5 + windowMs]);
  });
});
