// What waits, known without counting at each accept: counted now and then, and moved by our own changes in between. What other
// processes add or tell is seen at the next count.

import type { Waiting } from "../waiting.ts";

/** So the limits may be passed by what the other processes accept in this time, and no more. */
const recountMs = 5_000;

export class WaitingCount {
  readonly #count: () => Promise<Waiting>;
  readonly #now: () => number;
  #known: Waiting;
  #countedAt: number;
  /** What came since the running count began: it may or may not be in it, and too much is safe. */
  #cameMeanwhile: Waiting | null = null;

  constructor(first: Waiting, now: () => number, count: () => Promise<Waiting>) {
    this.#known = first;
    this.#now = now;
    this.#countedAt = now();
    this.#count = count;
  }

  /** Starts a new count in the background when the last one is old. */
  get(): Waiting {
    if (this.#cameMeanwhile === null && this.#now() - this.#countedAt >= recountMs) void this.#recount();
    return this.#known;
  }

  change(by: Waiting): void {
    this.#known = sum(this.#known, by);
    if (this.#cameMeanwhile !== null && by.notifications > 0) this.#cameMeanwhile = sum(this.#cameMeanwhile, by);
  }

  async #recount(): Promise<void> {
    this.#cameMeanwhile = { notifications: 0, bytes: 0 };
    this.#countedAt = this.#now();
    try {
      const counted = await this.#count();
      this.#known = sum(counted, this.#cameMeanwhile);
    } catch {
      // The database is away or slow: what we know stays, and the next accept after a while asks again.
    } finally {
      this.#cameMeanwhile = null;
    }
  }
}

function sum(a: Waiting, b: Waiting): Waiting {
  return { notifications: a.notifications + b.notifications, bytes: a.bytes + b.bytes };
}
