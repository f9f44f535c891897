// The backlog, without counting at each accept: it is counted every few seconds and adjusted by our own changes in between. Changes
// of other processes are seen at the next count.

import type { Backlog } from "../backlog.ts";

/** Other processes may exceed the limits by what they accept in this time, and no more. */
const recountMs = 5_000;

export class BacklogCount {
  readonly #count: () => Promise<Backlog>;
  readonly #now: () => number;
  #known: Backlog;
  #countedAt: number;
  /** Added since the running count began: it may be in that count or not, and too high is safe. */
  #addedMeanwhile: Backlog | null = null;

  constructor(first: Backlog, now: () => number, count: () => Promise<Backlog>) {
    this.#known = first;
    this.#now = now;
    this.#countedAt = now();
    this.#count = count;
  }

  /** Starts a new count in the background when the last one is old. */
  get(): Backlog {
    if (this.#addedMeanwhile === null && this.#now() - this.#countedAt >= recountMs) void this.#recount();
    return this.#known;
  }

  change(by: Backlog): void {
    this.#known = sumOf(this.#known, by);
    if (this.#addedMeanwhile !== null && by.notifications > 0) this.#addedMeanwhile = sumOf(this.#addedMeanwhile, by);
  }

  async #recount(): Promise<void> {
    this.#addedMeanwhile = { notifications: 0, bytes: 0 };
    this.#countedAt = this.#now();
    try {
      const counted = await this.#count();
      this.#known = sumOf(counted, this.#addedMeanwhile);
    } catch {
      // The database is away or slow: the known count stays, and a later accept counts again.
    } finally {
      this.#addedMeanwhile = null;
    }
  }
}

function sumOf(a: Backlog, b: Backlog): Backlog {
  return { notifications: a.notifications + b.notifications, bytes: a.bytes + b.bytes };
}
