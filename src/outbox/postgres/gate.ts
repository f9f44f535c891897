// Lets so many in at a time and the rest wait in order, but not for ever. Knows no SQL.

import { OutboxAway } from "../errors.ts";

interface Waiter {
  readonly enter: () => void;
  readonly timer: NodeJS.Timeout;
}

export class Gate {
  readonly #longestWaitMs: number;
  readonly #waiters = new Set<Waiter>();
  #free: number;

  constructor(places: number, longestWaitMs: number) {
    this.#free = places;
    this.#longestWaitMs = longestWaitMs;
  }

  /** Resolves with the way out, to be called once. Throws OutboxAway when no place was free in time. */
  async enter(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait();
    return () => this.#leave();
  }

  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new OutboxAway(new Error(`no connection was free for ${this.#longestWaitMs} ms`)));
      }, this.#longestWaitMs);
      const waiter: Waiter = { enter: resolve, timer };
      this.#waiters.add(waiter);
    });
  }

  #leave(): void {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter);
      clearTimeout(waiter.timer);
      waiter.enter();
      return;
    }
    this.#free += 1;
  }
}
