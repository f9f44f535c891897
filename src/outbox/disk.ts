// Keeps what the outbox takes on disk below its limit, by deleting what is settled before its time.

import type { OutboxEngine } from "./engine.ts";
import { pruneIdentities, pruneOldest } from "./prune.ts";
import type { DiskLimits, DiskUse } from "./store.ts";

/** A sender that got 503 tries again for so long: until then, what was stored is a duplicate. */
const identitiesKeptMs = 3_600_000;

export class DiskLimiter {
  readonly #engine: OutboxEngine;
  readonly #forgetStates: (before: number) => void;
  /** Where no space is given back: what the tables had when the history was last shortened. */
  #grownTo = 0;

  /** @param forgetStates called with the instant before which delivered states are deleted */
  constructor(engine: OutboxEngine, forgetStates: (before: number) => void) {
    this.#engine = engine;
    this.#forgetStates = forgetStates;
  }

  async limit({ maxBytes, settledBefore }: DiskLimits, signal: AbortSignal): Promise<DiskUse> {
    const engine = this.#engine;
    const pruning = { db: engine.db, signal };
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
