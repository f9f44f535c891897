// A clock that runs `factor` times as fast as the system's: end-to-end tests see a minute pass in a second. Processes that
// are given the same origin read the same time.

import { type Clock, systemClock, type TimeSource } from "../../src/observe/clock.ts";

/**
 * @param originAt the real instant, in epoch ms, at which scaled and real time agree
 * @param source of the real time; the system's when absent
 */
export function scaledClock(factor: number, originAt: number = Date.now(), source?: TimeSource): Clock {
  const real = systemClock(source);
  const scaled = (at: number) => Math.floor(originAt + (at - originAt) * factor);
  return {
    now: () => scaled(real.now()),
    wall: () => scaled(real.wall()),
    sleep: (ms, signal) => real.sleep(ms / factor, signal),
  };
}
