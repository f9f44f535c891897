import { setTimeout as delay } from "node:timers/promises";

export interface Clock {
  /**
   * Epoch ms, whole. Counts steadily from the time of the machine's clock when this one was made. Setting that clock changes
   * nothing here, so the difference of two readings is elapsed time. Every span and every wait is measured with it.
   */
  now(): number;
  /** Epoch ms of the machine's clock: for people, signatures and other machines. May jump. */
  wall(): number;
  /** Resolves after `ms`, or at once when `signal` is or becomes aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What the system's clock reads; another one in tests that set the machine's clock. */
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
      // It rejects only when aborted, which is an early end here and not a failure.
      await delay(span, undefined, { signal }).catch(() => undefined);
    },
  };
}
