// The sliding window of one robot key. WeCom accepts 20 messages in any 60 s, counted when they arrive; an arrival lies
// between our request and its answer, so a slot that frees one window after the *answer* can never let a 21st arrive.

import { windowMessages, windowMs } from "../wecom/limits.ts";

export interface Attempt {
  /** Null while no answer was recorded: the slot stays taken. */
  readonly answeredAt: number | null;
}

/** Slots a key may use at `now`. */
export function freeSlots(attempts: readonly Attempt[], now: number): number {
  const taken = attempts.filter((attempt) => attempt.answeredAt === null || now - attempt.answeredAt < windowMs).length;
  return Math.max(0, windowMessages - taken);
}

/** When the next slot frees; `now` when one is free, null when only requests in flight hold them. Epoch ms. */
export function nextSlotAt(attempts: readonly Attempt[], now: number): number | null {
  const free = freeSlots(attempts, now);
  if (free > 0) return now;
  const freeing = attempts
    .flatMap((attempt) => (attempt.answeredAt === null ? [] : [attempt.answeredAt + windowMs]))
    .filter((at) => at > now)
    .sort((a, b) => a - b);
  const inFlight = attempts.filter((attempt) => attempt.answeredAt === null).length;
  return freeing[freeing.length + inFlight - windowMessages] ?? null;
}
