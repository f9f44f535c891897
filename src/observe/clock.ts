// The passing of time as something a shell is given, so that tests advance it instead of waiting.

import { setTimeout as delay } from "node:timers/promises";

export interface Clock {
  /** Epoch ms. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` is or becomes aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A timer set for longer fires at once (Node clamps what exceeds 32 bits to 1 ms). */
const longestTimerMs = 2 ** 31 - 1;

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms, signal) {
      const span = Math.min(Math.max(ms, 0), longestTimerMs);
      // The only rejection is the abort, which is an early end here and not a failure.
      await delay(span, undefined, { signal }).catch(() => undefined);
    },
  };
}
