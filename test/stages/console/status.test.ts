import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BotState, type StatusSources, serviceStatus } from "../../../src/console/status.ts";
import type { LaneStatus } from "../../../src/deliver/lane-status.ts";
import type { LaneBacklog } from "../../../src/outbox/store.ts";

const now = 1_000_000;
const healthy: LaneStatus = { keys: 1, keysUp: 1, freeSlots: 20, readyAt: now, reasons: [] };
const waiting: LaneBacklog = { bot: "ops", notifications: 3, oldestAcceptedAt: now - 5_000 };

const sources: StatusSources = {
  version: "1.2.3",
  demo: false,
  ready: true,
  uptimeMs: 60_000,
  engine: "sqlite",
  config: { hash: "00ff", loadedMsAgo: 1_000, refusedIssues: 0 },
  lanes: [],
  backlog: [],
  now,
};

const cases: readonly (readonly [what: string, lane: Partial<LaneStatus>, BotState, LaneBacklog | null | undefined])[] =
  [
    ["nothing is queued", {}, "idle", undefined],
    ["nothing is queued, though the window is used up", { freeSlots: 0, readyAt: now + 9_000 }, "idle", undefined],
    ["work and slots", {}, "delivering", waiting],
    ["work and no slot", { freeSlots: 0, readyAt: now + 9_000 }, "waiting", waiting],
    ["one of two keys is disabled", { keys: 2, reasons: ["keyInvalid"] }, "someKeysRejected", waiting],
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

      const { bots } = serviceStatus({ ...sources, lanes, backlog: backlog === undefined ? [] : backlog && [backlog] });

      assert.equal(bots[0]?.state, state);
    });
  }
});

describe("the status", () => {
  it("has how much is queued, since when, and when the next request may be sent", () => {
    const lanes = [{ bot: "ops", ...healthy, freeSlots: 0, readyAt: now + 9_000 }];

    const { bots, storage } = serviceStatus({ ...sources, lanes, backlog: [waiting] });

    const [ops] = bots;
    assert.deepEqual([ops?.notifications, ops?.oldestMs, ops?.readyInMs], [3, 5_000, 9_000]);
    assert.deepEqual(storage, { engine: "sqlite", answers: true });
  });

  it("lists bots that are not configured and have queued work after the others", () => {
    const lanes = [{ bot: "ops", ...healthy }];

    const { bots } = serviceStatus({ ...sources, lanes, backlog: [{ ...waiting, bot: "gone" }] });

    assert.deepEqual(
      bots.map(({ bot, state, notifications }) => [bot, state, notifications]),
      [
        ["ops", "idle", 0],
        ["gone", "unconfigured", 3],
      ],
    );
  });

  it("does not claim that nothing is queued when the storage does not respond", () => {
    const { bots, storage } = serviceStatus({ ...sources, lanes: [{ bot: "ops", ...healthy }], backlog: null });

    assert.equal(storage.answers, false);
    assert.deepEqual([bots[0]?.notifications, bots[0]?.oldestMs], [null, null]);
  });
});
