// A clock that runs `factor` times as fast as the system's: end-to-end tests see a minute pass in a second. Processes that
// are given the same origin read the same time.

import { type Clock, systemClock } from "../../src/observe/clock.ts";

/** @param originAt the real instant, in epoch ms, at which scaled and real time agree */
export function scaledClock(factor: number, originAt: number = Date.now()): Clock {
  const real = systemClock();
  return {
    now: () => originAt + (real.now() - originAt) * factor,
    sleep: (ms, signal) => real.sleep(ms / factor, signal),
  };
}
