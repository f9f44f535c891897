// The passing of time as something a shell is given, so that tests advance it instead of waiting.

import { setTimeout as delay } from "node:timers/promises";

export interface Clock {
  /**
   * Epoch ms, whole. Counts on steadily from what the machine's clock said when this one was made: setting that clock moves
   * nothing here, so the difference of two readings is time that has passed. Every span and every wait is measured with it.
   */
  now(): number;
  /** Epoch ms as the machine says at this moment: what people, signatures and other machines go by. May jump. */
  wall(): number;
  /** Resolves after `ms`, or at once when `signal` is or becomes aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Where the system's clock takes its time from; another one in tests that set the machine's clock. */
export interface TimeSource {
  /** Epoch ms; may jump. */
  readonly wall: () => number;
  /** Ms since any instant; never jumps. */
  readonly steady: () => number;
}

const system: TimeSource = { wall: () => Date.now(), steady: () => performance.now() };

/** A timer set for longer fires at once (Node clamps what exceeds 32 bits to 1 ms). */
const longestTimerMs = 2 ** 31 - 1;

export function systemClock({ wall, steady }: TimeSource = system): Clock {
  const steadyZeroAt = wall() - steady();
  return {
    now: () => Math.floor(steadyZeroAt + steady()),
    wall,
    async sleep(ms, signal) {
      const span = Math.min(Math.max(ms, 0), longestTimerMs);
      // The only rejection is the abort, which is an early end here and not a failure.
      await delay(span, undefined, { signal }).catch(() => undefined);
    },
  };
}
