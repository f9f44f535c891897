// A clock that runs `factor` times as fast as the system's: end-to-end tests see a minute pass in a second.

import { type Clock, systemClock } from "../../src/observe/clock.ts";

export function scaledClock(factor: number): Clock {
  const real = systemClock();
  const startAt = real.now();
  return {
    now: () => startAt + (real.now() - startAt) * factor,
    sleep: (ms, signal) => real.sleep(ms / factor, signal),
  };
}
