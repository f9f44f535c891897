// One property over lanes, worker, planner and outbox as they are, against the simulator's rules: whatever arrives, is answered,
// dies, comes back or is configured again in any order, the promises hold. Time is simulated; the script that breaks a law is printed.

import { describe, it } from "node:test";
import fc from "fast-check";
import { createIdleWatch } from "./storm/idle-watch.ts";
import {
  everyStateIsDelivered,
  noKeyExceedsItsWindow,
  noRequestOutlivesItsTerm,
  noSlotIsLost,
  noStateIsDeliveredByTwo,
  oneInFlightPerKey,
  orderIsKept,
  picturesAreOptional,
  repeatsAreMarkedAndDoubtful,
  shownBy,
  theReserveIsHonoured,
} from "./storm/laws.ts";
import { knownScripts, type Script, scripts } from "./storm/script.ts";
import { play } from "./storm/world.ts";

const runs = Number(process.env.STORM_RUNS ?? 40);

describe("a storm", () => {
  it(`in any order of arrivals, answers, crashes, reloads and time: delivered, in order, within the window, the reserve kept, no idle slot (${runs} scripts)`, async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const world = await play(script, createIdleWatch());

        const shown = shownBy(world.robots);
        everyStateIsDelivered(world, shown);
        orderIsKept(shown);
        noKeyExceedsItsWindow(world.robots);
        noSlotIsLost(world);
        oneInFlightPerKey(world.robots);
        noRequestOutlivesItsTerm(world.robots);
        repeatsAreMarkedAndDoubtful(world);
        noStateIsDeliveredByTwo(shown);
        theReserveIsHonoured(world);
        picturesAreOptional(world, shown);
      }),
      { numRuns: knownScripts.length + runs, examples: knownScripts.map((script): [Script] => [script]) },
    );
  });
});
