import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import {
  type BotState,
  botStatuses,
  onCallStatuses,
  type StoredStatus,
  storageFailures,
} from "../../../src/console/status.ts";
import type { LaneStatus } from "../../../src/deliver/keys.ts";
import type { LaneBacklog } from "../../../src/outbox/store.ts";
import { createRotation } from "../../../src/route/on-call.ts";

const now = 1_000_000;
const healthy: LaneStatus = {
  keys: 1,
  keysUp: 1,
  untriedKeys: 0,
  windowSlots: 20,
  freeSlots: 20,
  usableSlots: 20,
  isRetrying: false,
  readyAt: now,
  sentAt: now - 7_000,
  reasons: [],
};
const none = { usableSlots: 0, readyAt: now + 9_000 };
const stored = (...backlog: readonly LaneBacklog[]): StoredStatus => ({ backlog, dead: new Map([["ops", 2]]) });
const waiting: LaneBacklog = { bot: "ops", notifications: 3, oldestAcceptedAt: now - 5_000 };

const cases: readonly (readonly [what: string, lane: Partial<LaneStatus>, BotState, LaneBacklog | null | undefined])[] =
  [
    ["nothing is queued", {}, "idle", undefined],
    ["nothing is queued, though the window is used up", { ...none, freeSlots: 0 }, "idle", undefined],
    ["work and slots", {}, "delivering", waiting],
    ["work and no slot", { ...none, freeSlots: 0 }, "waiting", waiting],
    ["work and a rate limit", none, "waiting", waiting],
    ["work, and the last request failed", { ...none, isRetrying: true }, "retrying", waiting],
    ["work for another replica, which has the window", { freeSlots: null }, "delivering", waiting],
    ["one of two keys is off", { keys: 2, reasons: ["keyInvalid"] }, "someKeysRejected", waiting],
    [
      "no key works, whatever is queued",
      { keysUp: 0, freeSlots: 0, reasons: ["keyInvalid"] },
      "allKeysRejected",
      undefined,
    ],
    ["the storage does not respond", {}, "unknown", null],
  ];

describe("the state of a bot", () => {
  for (const [what, lane, state, backlog] of cases) {
    it(`is ${state} when ${what}`, () => {
      const lanes = [{ bot: "ops", ...healthy, ...lane }];

      const bots = botStatuses(lanes, backlog === undefined ? stored() : backlog && stored(backlog), now);

      assert.equal(bots[0]?.state, state);
    });
  }
});

describe("the status of a bot", () => {
  it("has how much is queued, since when, and when the next request may be sent", () => {
    const lanes = [{ bot: "ops", ...healthy, ...none }];

    const [ops] = botStatuses(lanes, stored(waiting), now);

    assert.deepEqual([ops?.notifications, ops?.oldestMs, ops?.readyInMs, ops?.sentMsAgo], [3, 5_000, 9_000, 7_000]);
  });

  it("lists bots that are not configured and have queued work after the others", () => {
    const lanes = [{ bot: "ops", ...healthy }];

    const bots = botStatuses(lanes, stored({ ...waiting, bot: "gone" }), now);

    assert.deepEqual(
      bots.map(({ bot, state, notifications }) => [bot, state, notifications]),
      [
        ["ops", "idle", 0],
        ["gone", "unconfigured", 3],
      ],
    );
  });

  it("does not claim that nothing is queued when the storage does not respond", () => {
    const [ops] = botStatuses([{ bot: "ops", ...healthy }], null, now);

    assert.deepEqual([ops?.notifications, ops?.oldestMs, ops?.dead], [null, null, null]);
  });

  it("has the messages that WeCom rejected, and calls no key working that nobody has tried", () => {
    const lanes = [{ bot: "ops", ...healthy, keys: 4, keysUp: 3, untriedKeys: 2, sentAt: 0 }];

    const [ops] = botStatuses(lanes, stored(), now);

    assert.deepEqual([ops?.dead, ops?.workingKeys, ops?.untriedKeys, ops?.sentMsAgo], [2, 1, 2, null]);
  });
});

test("what cannot be stored is listed with its ages, and a full backlog by bot", () => {
  const parts = new Map([["webhooks", { reason: "diskFull", sinceAt: now - 9_000, lastAt: now - 1_000 }]] as const);
  const full = new Map([["ops", { reason: "backlogFull", sinceAt: now - 3_000, lastAt: now }]] as const);

  const failures = storageFailures({ parts, full }, now);

  assert.deepEqual(failures, [
    { part: "webhooks", bot: null, reason: "diskFull", sinceMsAgo: 9_000, lastMsAgo: 1_000 },
    { part: "backlog", bot: "ops", reason: "backlogFull", sinceMsAgo: 3_000, lastMsAgo: 0 },
  ]);
});

test("each rotation says who is on call, until when, and who is next", () => {
  const plan = { timezone: "UTC", firstTurnAt: 0, turnMs: 86_400_000, overrides: [] };
  const rotations = new Map([
    ["dba", createRotation({ ...plan, people: ["张三", "李四"] })],
    ["boss", createRotation({ ...plan, people: ["王五"] })],
  ]);

  const onCall = onCallStatuses(rotations, now);

  assert.deepEqual(onCall, [
    { rotation: "dba", who: "张三", endsInMs: 86_400_000 - now, next: "李四" },
    { rotation: "boss", who: "王五", endsInMs: null, next: null },
  ]);
});
