// A clock that stands still until a test advances it.

import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../src/observe/clock.ts";

interface Sleeper {
  readonly dueAt: number;
  wake(): void;
}

export class ManualClock implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startAt = Date.UTC(2026, 0, 1)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  /** Number of sleeps that have not ended. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** When the next sleep ends; null if there is none. */
  get nextAt(): number | null {
    return this.#next(Number.POSITIVE_INFINITY)?.dueAt ?? null;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        dueAt: this.#now + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", sleeper.wake, { once: true });
    });
  }

  /**
   * Moves the time on by `ms`. Sleepers wake one after the other, each at its own instant, and what they do next
   * (sleeping again included) happens before the following one wakes.
   */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (let next = this.#next(until); next !== undefined; next = this.#next(until)) {
      this.#now = Math.max(this.#now, next.dueAt);
      next.wake();
      await turn();
    }
    this.#now = until;
    await turn();
  }

  #next(until: number): Sleeper | undefined {
    return [...this.#sleepers].filter((sleeper) => sleeper.dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)[0];
  }
}
