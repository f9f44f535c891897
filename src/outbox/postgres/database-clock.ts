// The database's clock, read without asking each time: from what it said last and how much time has passed here since. Pure.

export interface TimeSample {
  /** Local, before the question left and after the answer came. Epoch ms. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** What the database said in between. */
  readonly databaseAt: number;
}

/** Clocks drift apart by less than this (a bad one by 0.1 ms in a second), so an old sample gives way to a slower new one. */
const driftPerMs = 1e-3;

/**
 * Never ahead of the database: the sample is taken as if the database had spoken in the last instant before its answer arrived. So it is
 * behind by less than the quickest question took; a request leaves several questions after the instant it was decided
 * from, so a slot of the window is never used early.
 */
export class DatabaseClock {
  readonly #localNow: () => number;
  #kept: TimeSample;

  constructor(localNow: () => number, first: TimeSample) {
    this.#localNow = localNow;
    this.#kept = first;
  }

  /** The quicker of two answers knows the time better. */
  learn(sample: TimeSample): void {
    const doubt = spanOf(this.#kept) + (sample.answeredAt - this.#kept.answeredAt) * driftPerMs;
    // A local clock that was set makes the old sample worthless, however quick it was.
    const jumped = Math.abs(offsetOf(sample) - offsetOf(this.#kept)) > spanOf(sample) + doubt;
    if (jumped || spanOf(sample) <= doubt) this.#kept = sample;
  }

  /** Epoch ms, whole. */
  now(): number {
    return Math.floor(this.#localNow() + offsetOf(this.#kept));
  }
}

function spanOf({ askedAt, answeredAt }: TimeSample): number {
  return answeredAt - askedAt;
}

function offsetOf({ databaseAt, answeredAt }: TimeSample): number {
  return databaseAt - answeredAt;
}
