// The rate of one key: 20 messages in 60 s (document/path/99110). The kind of window, what counts and how long a block
// lasts are guesses and therefore switches.

export interface RateState {
  /** Instants of the requests that count, oldest first, none older than one window. */
  readonly countedAt: readonly number[];
  readonly blockedUntilAt: number;
}

export const noRate: RateState = { countedAt: [], blockedUntilAt: Number.NEGATIVE_INFINITY };

/** See Switches. */
interface RateSwitches {
  readonly window: "sliding" | "fixed";
  readonly limit: number;
  readonly windowMs: number;
  readonly countRejected: boolean;
  readonly blockMs: number;
}

export function isOverRate(state: RateState, at: number, switches: RateSwitches): boolean {
  return at < state.blockedUntilAt || countedIn(state, at, switches) >= switches.limit;
}

/** The number of slots that are in use at an instant. */
export function countedIn(state: RateState, at: number, switches: RateSwitches): number {
  return state.countedAt.filter((countedAt) => countedAt <= at && isInWindow(countedAt, at, switches)).length;
}

/** Sliding: (at - 60 s, at], so a slot is free again exactly 60 s later. Fixed: the calendar minute. */
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

/** The largest number of instants in any half-open span of `windowMs`. */
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
