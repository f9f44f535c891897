// Two bots have the same robot key for a moment: a reload moves the key to another bot while the first one's request is in flight, or a
// rolling update runs replicas whose configs name different bots for it. The window belongs to the key, whoever uses it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deliveredTexts } from "../support/delivered.ts";
import { isTaken } from "../support/posting.ts";
import { eventually } from "../support/stack.ts";
import { assertLaws, engines, type Lab, type Replica, startLab } from "./delivery/lab.ts";
import { idPattern, partIds, partsFor } from "./delivery/load.ts";

const windowSlots = 20;
/** Of one delivery: more than the window of its key has room for. */
const parts = windowSlots + 1;
const digestMessages = windowSlots;

describe("a key that a reload moves to another bot", () => {
  for (const engine of engines) {
    it(`while a request is in flight, again and again, on ${engine}: one request at a time, and one window`, async (t) => {
      const lab = await startLab(t, { engine, robots: ["room"] });
      const { simulator } = lab;
      simulator.script("room", [{ kind: "latency", ms: 200, times: 100 }]);
      const replica = await lab.start({ bots: { alpha: "room" }, digestMessages });
      await post(replica, "alpha", 1);

      // The last time, the request in flight has the last but one slot.
      for (const [n, arrivals] of [2, 6, 11, 15, windowSlots - 1].entries()) {
        const bot = n % 2 === 0 ? "beta" : "alpha";
        await eventually("a request is in flight", () => simulator.arrivals().length === arrivals);
        await replica.reload({ [bot]: "room" });
        if (n === 0) await post(replica, bot, 2);
      }
      await untilFull(lab, [["beta", replica]], ["room"]);

      const seen = assertLaws(lab);
      assert.equal(seen.largestWindow, windowSlots);
      assert.equal(seen.mostInFlight, 1);
      assert.equal(seen.repeats, 0);
      for (const delivery of [1, 2]) assert.deepEqual(...shownAndPlanned(lab, delivery));
    });
  }
});

describe("a rolling update", () => {
  it("of two replicas that name different bots for the same keys: one window for each key", async (t) => {
    const rooms = Array.from({ length: 10 }, (_, n) => `${n}`.padStart(4, "r"));
    const lab = await startLab(t, { engine: "PostgreSQL", robots: rooms });
    const botsOf = (prefix: string) => Object.fromEntries(rooms.map((room) => [`${prefix}-${room}`, room]));
    const both = await Promise.all(["old", "new"].map((prefix) => lab.start({ bots: botsOf(prefix), digestMessages })));
    const pairs = both.flatMap((replica, n) =>
      Object.keys(botsOf(n === 0 ? "old" : "new")).map((bot) => [bot, replica] as const),
    );

    await Promise.all(pairs.map(([bot, replica], n) => post(replica, bot, n)));
    await untilFull(lab, pairs, rooms);

    const seen = assertLaws(lab);
    t.diagnostic(JSON.stringify(seen));
    assert.equal(seen.largestWindow, windowSlots);
    assert.ok(seen.mostInFlight <= 2, `${seen.mostInFlight} requests of one key in flight in two processes`);
    assert.equal(seen.repeats, 0);
  });
});

async function post({ origin }: Replica, bot: string, delivery: number): Promise<void> {
  assert.ok(await isTaken(`${origin}/webhook/bot/${bot}`, partsFor(bot, partIds(delivery, parts))));
}

/** Every window is used up, and every bot knows it: no request follows. */
async function untilFull(
  { simulator }: Lab,
  bots: readonly (readonly [bot: string, replica: Replica])[],
  robots: readonly string[],
): Promise<void> {
  await eventually("all slots are used", () => simulator.arrivals().length >= windowSlots * robots.length);
  await eventually("no bot has a free slot", async () => {
    const free = await Promise.all(bots.map(([bot, replica]) => replica.metric("window_slots_free", bot)));
    return free.every((slots) => slots === 0);
  });
}

/** The parts of a delivery in order of arrival, and as they should be. */
function shownAndPlanned({ simulator }: Lab, delivery: number): readonly [string[], string[]] {
  const planned = partIds(delivery, parts);
  const shown = deliveredTexts(simulator).flatMap((text) =>
    planned.filter((id) => text.match(idPattern)?.includes(id)),
  );
  return [shown, planned.slice(0, shown.length)];
}
