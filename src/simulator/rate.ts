// The rate of one key: 20 messages in 60 s. Source of the numbers: document/path/99110; kind of window, what counts and
// how long a block lasts are guesses and therefore switches. Pure: instants in, a verdict and the next state out.

import type { Switches } from "./rules/switches.ts";

export interface RateState {
  /** Instants that count, oldest first, none older than a window. */
  readonly countedAt: readonly number[];
  readonly blockedUntilAt: number;
}

export const noRate: RateState = { countedAt: [], blockedUntilAt: Number.NEGATIVE_INFINITY };

type RateSwitches = Pick<Switches, "window" | "limit" | "windowMs" | "countRejected" | "blockMs">;

export function isOverRate(state: RateState, at: number, switches: RateSwitches): boolean {
  return at < state.blockedUntilAt || countedIn(state, at, switches) >= switches.limit;
}

/** How many of the window's slots are taken at an instant. */
export function countedIn(state: RateState, at: number, switches: RateSwitches): number {
  return state.countedAt.filter((countedAt) => countedAt <= at && isInWindow(countedAt, at, switches)).length;
}

/** A sliding window is (at - 60 s, at]: exactly 60 s later a slot is free again. A fixed one is the calendar minute. */
function isInWindow(countedAt: number, at: number, { window, windowMs }: RateSwitches): boolean {
  if (window === "sliding") return countedAt > at - windowMs;
  return Math.floor(countedAt / windowMs) === Math.floor(at / windowMs);
}

export interface RateOutcome {
  readonly at: number;
  readonly over: boolean;
  readonly accepted: boolean;
}

export function afterRequest(state: RateState, outcome: RateOutcome, switches: RateSwitches): RateState {
  const { at, over, accepted } = outcome;
  const kept = state.countedAt.filter((countedAt) => countedAt > at - switches.windowMs);
  const counts = accepted || switches.countRejected;
  const blocks = over && switches.blockMs > 0 && at >= state.blockedUntilAt;
  return {
    countedAt: counts ? [...kept, at] : kept,
    blockedUntilAt: blocks ? at + switches.blockMs : state.blockedUntilAt,
  };
}

/** The largest number of instants that lie in any half-open span of `windowMs`. */
export function largestWindow(instants: readonly number[], windowMs: number): number {
  const sorted = instants.toSorted((a, b) => a - b);
  let largest = 0;
  let first = 0;
  for (const [last, at] of sorted.entries()) {
    while ((sorted[first] ?? at) <= at - windowMs) first += 1;
    largest = Math.max(largest, last - first + 1);
  }
  return largest;
}
