// Deletes what is settled: when its time is over, and before it where the outbox takes more on disk than it may.

import type { OutboxEngine } from "./engine.ts";
import { type Pruning, pruneIdentities, pruneOldest, pruneRecords } from "./prune.ts";
import type { DiskLimits, DiskUse, PruneLimits } from "./store.ts";

/** A sender that got 503 tries again for so long: until then, what was stored is a duplicate. */
const identitiesKeptMs = 3_600_000;

export class Pruner {
  readonly #engine: OutboxEngine;
  readonly #forgetStates: (before: number) => void;
  readonly #closing = new AbortController();
  /** One after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** Where no space is given back: what the tables had when the history was last shortened. */
  #grownTo = 0;

  /** @param forgetStates called with the instant before which delivered states are deleted */
  constructor(engine: OutboxEngine, forgetStates: (before: number) => void) {
    this.#engine = engine;
    this.#forgetStates = forgetStates;
  }

  /** Returns how many entries of the history were deleted. */
  prune(limits: PruneLimits): Promise<number> {
    return this.#next(async (pruning) => {
      this.#forgetStates(limits.settledBefore);
      const pruned = await pruneRecords(pruning, { ...limits, now: this.#engine.now() });
      await this.#engine.reclaim(pruning.signal);
      return pruned;
    });
  }

  limitDisk(limits: DiskLimits): Promise<DiskUse> {
    return this.#next((pruning) => this.#limit(limits, pruning));
  }

  /** What runs stops early. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }

  #next<T>(work: (pruning: Pruning) => Promise<T>): Promise<T> {
    const working = this.#last.then(() => work({ db: this.#engine.db, signal: this.#closing.signal }));
    this.#last = working.catch(() => {});
    return working;
  }

  async #limit({ maxBytes, settledBefore }: DiskLimits, pruning: Pruning): Promise<DiskUse> {
    const engine = this.#engine;
    const { signal } = pruning;
    const most = Math.max(maxBytes, this.#grownTo);
    let bytes = await engine.diskBytes();
    let deleted = 0;
    while (bytes > most && !signal.aborted) {
      const pruned = await pruneOldest(pruning);
      if (pruned === 0) break;
      deleted += pruned;
      await engine.reclaim(signal);
      bytes = await engine.diskBytes();
      if (!engine.shrinks) break;
    }
    if (!engine.shrinks) {
      if (deleted > 0) this.#grownTo = bytes;
      return { bytes, deleted, isFull: false };
    }
    const now = engine.now();
    for (let keptMs = (now - settledBefore) / 2; bytes > most && !signal.aborted; keptMs /= 2) {
      if (keptMs < identitiesKeptMs) return { bytes, deleted, isFull: true };
      this.#forgetStates(now - keptMs);
      await pruneIdentities(pruning, now - keptMs);
      await engine.reclaim(signal);
      bytes = await engine.diskBytes();
    }
    return { bytes, deleted, isFull: false };
  }
}
