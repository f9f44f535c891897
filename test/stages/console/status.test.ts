import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BotState, type StatusSources, statusOf } from "../../../src/console/status.ts";
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
    ["nothing waits", {}, "idle", undefined],
    ["nothing waits, though the window is used up", { freeSlots: 0, readyAt: now + 9_000 }, "idle", undefined],
    ["work and slots", {}, "delivery", waiting],
    ["work and no slot", { freeSlots: 0, readyAt: now + 9_000 }, "waiting", waiting],
    ["one of two keys is off", { keys: 2, reasons: ["keyInvalid"] }, "keysOff", waiting],
    ["no key is up, whatever waits", { keysUp: 0, freeSlots: 0, reasons: ["keyInvalid"] }, "noKeyUp", undefined],
    ["the storage does not answer", {}, "unknown", null],
  ];

describe("the state of a bot", () => {
  for (const [what, lane, state, backlog] of cases) {
    it(`is ${state} when ${what}`, () => {
      const lanes = [{ bot: "ops", ...healthy, ...lane }];

      const { bots } = statusOf({ ...sources, lanes, backlog: backlog === undefined ? [] : backlog && [backlog] });

      assert.equal(bots[0]?.state, state);
    });
  }
});

describe("the status", () => {
  it("says how much waits, since when, and when the next request may leave", () => {
    const lanes = [{ bot: "ops", ...healthy, freeSlots: 0, readyAt: now + 9_000 }];

    const { bots, storage } = statusOf({ ...sources, lanes, backlog: [waiting] });

    const [ops] = bots;
    assert.deepEqual([ops?.notifications, ops?.oldestMs, ops?.readyInMs], [3, 5_000, 9_000]);
    assert.deepEqual(storage, { engine: "sqlite", answers: true });
  });

  it("names bots that something waits for and no config names, after the others", () => {
    const lanes = [{ bot: "ops", ...healthy }];

    const { bots } = statusOf({ ...sources, lanes, backlog: [{ ...waiting, bot: "gone" }] });

    assert.deepEqual(
      bots.map(({ bot, state, notifications }) => [bot, state, notifications]),
      [
        ["ops", "idle", 0],
        ["gone", "unconfigured", 3],
      ],
    );
  });

  it("says of no bot that nothing waits when the storage does not answer", () => {
    const { bots, storage } = statusOf({ ...sources, lanes: [{ bot: "ops", ...healthy }], backlog: null });

    assert.equal(storage.answers, false);
    assert.deepEqual([bots[0]?.notifications, bots[0]?.oldestMs], [null, null]);
  });
});
