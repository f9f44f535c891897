import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BotState, botStatuses } from "../../../src/console/status.ts";
import type { LaneStatus } from "../../../src/deliver/keys.ts";
import type { LaneBacklog } from "../../../src/outbox/store.ts";

const now = 1_000_000;
const healthy: LaneStatus = { keys: 1, keysUp: 1, freeSlots: 20, readyAt: now, reasons: [] };
const waiting: LaneBacklog = { bot: "ops", notifications: 3, oldestAcceptedAt: now - 5_000 };

const cases: readonly (readonly [what: string, lane: Partial<LaneStatus>, BotState, LaneBacklog | null | undefined])[] =
  [
    ["nothing is queued", {}, "idle", undefined],
    ["nothing is queued, though the window is used up", { freeSlots: 0, readyAt: now + 9_000 }, "idle", undefined],
    ["work and slots", {}, "delivering", waiting],
    ["work and no slot", { freeSlots: 0, readyAt: now + 9_000 }, "waiting", waiting],
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

      const bots = botStatuses(lanes, backlog === undefined ? [] : backlog && [backlog], now);

      assert.equal(bots[0]?.state, state);
    });
  }
});

describe("the status of a bot", () => {
  it("has how much is queued, since when, and when the next request may be sent", () => {
    const lanes = [{ bot: "ops", ...healthy, freeSlots: 0, readyAt: now + 9_000 }];

    const [ops] = botStatuses(lanes, [waiting], now);

    assert.deepEqual([ops?.notifications, ops?.oldestMs, ops?.readyInMs], [3, 5_000, 9_000]);
  });

  it("lists bots that are not configured and have queued work after the others", () => {
    const lanes = [{ bot: "ops", ...healthy }];

    const bots = botStatuses(lanes, [{ ...waiting, bot: "gone" }], now);

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

    assert.deepEqual([ops?.notifications, ops?.oldestMs], [null, null]);
  });
});
