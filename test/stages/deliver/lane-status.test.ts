import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LaneStatus, laneStatusOf } from "../../../src/deliver/keys.ts";
import type { KeyState, LaneWork, StoredMessage } from "../../../src/outbox/lane.ts";
import { windowMs } from "../../../src/wecom/limits.ts";
import { laneWork } from "../../support/waiting.ts";

const now = 10 * windowMs;
const up: KeyState = { keyId: "a", holdUntilAt: 0, offReason: null, probeAt: 0, failures: 0, sentAt: 0 };
const failed = (lastReason: StoredMessage["lastReason"]) => ({ lastReason }) as StoredMessage;
const twenty = Array.from({ length: 20 }, () => ({ keyId: "a", startedAt: now - 10, answeredAt: now - 5 }));

const cases: readonly (readonly [what: string, work: Partial<LaneWork>, Partial<LaneStatus>])[] = [
  [
    "keys without an answer so far are untried and have all their slots",
    {},
    {
      keysUp: 2,
      untriedKeys: 2,
      windowSlots: 40,
      freeSlots: 40,
      usableSlots: 40,
      readyAt: now,
      sentAt: 0,
      reasons: [],
    },
  ],
  ["used slots are not free", { attempts: twenty }, { freeSlots: 20, usableSlots: 20 }],
  [
    "a key on hold after a failure is up, and its window is as it was, but cannot be used",
    { keys: [{ ...up, failures: 1, holdUntilAt: now + 500 }] },
    { keysUp: 2, freeSlots: 40, usableSlots: 20, isRetrying: true, readyAt: now },
  ],
  [
    "a key that is rate limited does not retry after a failure",
    { keys: [{ ...up, holdUntilAt: now + 500 }] },
    { freeSlots: 40, usableSlots: 20, isRetrying: false },
  ],
  [
    "a key that is off has its reason, and is not called untried",
    { keys: [{ ...up, offReason: "keyInvalid", probeAt: now + 500 }] },
    { keysUp: 1, untriedKeys: 1, freeSlots: 40, usableSlots: 20, reasons: ["keyInvalid"] },
  ],
  [
    "a key that sent is not untried, whatever happened since",
    {
      keys: [
        { ...up, sentAt: now - 9, failures: 3 },
        { ...up, keyId: "b", sentAt: now - 5 },
      ],
    },
    { untriedKeys: 0, sentAt: now - 5 },
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
      const status = laneStatusOf(laneWork(work), ["a", "b"], now);

      assert.deepEqual({ ...status, ...expected }, status);
      assert.equal(status.keys, 2);
    });
  }

  it("gives the instant of the next slot when no key has one", () => {
    const status = laneStatusOf(laneWork({ attempts: twenty }), ["a"], now);

    assert.deepEqual([status.freeSlots, status.readyAt], [0, now - 5 + windowMs]);
  });

  it("of a lane that another process holds, has the keys as they are on disk and no window", () => {
    const keys: readonly KeyState[] = [
      { ...up, offReason: "keyInvalid", probeAt: now + 500, sentAt: now - 7 },
      { ...up, keyId: "of another bot", sentAt: now },
    ];

    const status = laneStatusOf({ keys, messages: [], attempts: null }, ["a", "b"], now);

    const { keysUp, freeSlots, sentAt, reasons } = status;
    assert.deepEqual([keysUp, freeSlots, sentAt, reasons], [1, null, now - 7, ["keyInvalid"]]);
  });
});
