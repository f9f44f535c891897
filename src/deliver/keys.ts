// Which of a bot's robot keys may carry the next request. Pure: states and windows in, keys and instants out.

import type { AttemptTimes, KeyState, StoredMessage } from "../outbox/store.ts";
import { freeSlots, nextSlotAt } from "./window.ts";

export interface KeyChoice {
  readonly keyIds: readonly string[];
  readonly states: readonly KeyState[];
  readonly attempts: readonly AttemptTimes[];
  readonly now: number;
}

/** What one key can do at this moment. */
export interface Readiness {
  readonly keyId: string;
  /** Switched off; at `readyAt` it may be probed. */
  readonly off: boolean;
  /** Slots it may use now: 0 while it rests. */
  readonly free: number;
  /** When it may carry a request; null when only requests in flight hold its slots. */
  readonly readyAt: number | null;
}

/** Best first: a key that is up before one that is only due for a probe, then the one with the most free slots. */
export function readiness(choice: KeyChoice): readonly Readiness[] {
  return choice.keyIds
    .map((keyId) => readinessOf(keyId, choice))
    .sort((a, b) => Number(a.off) - Number(b.off) || b.free - a.free);
}

/** A probe is one request, whatever the window would allow. */
export function slotsOf(keys: readonly Readiness[]): number {
  return keys.reduce((sum, key) => sum + (key.off ? Math.min(1, key.free) : key.free), 0);
}

/**
 * The key for a message: the one that carried its earlier parts as long as that key is up, even if it has to be waited for;
 * else one that is due for a probe, since the others would keep it off for ever while they have slots; else the best. What is
 * urgent probes nothing that it need not.
 */
export function keyFor(keys: readonly Readiness[], message: Pick<StoredMessage, "keyId" | "urgent">): string | null {
  const own = keys.find((key) => key.keyId === message.keyId && !key.off);
  const able = keys.filter((key) => key.free > 0);
  const due = message.urgent ? undefined : able.find((key) => key.off);
  const chosen = own ?? due ?? able[0];
  return chosen !== undefined && chosen.free > 0 ? chosen.keyId : null;
}

export function earliestReady(keys: readonly Readiness[]): number | null {
  const instants = keys.flatMap((key) => (key.readyAt === null ? [] : [key.readyAt]));
  return instants.length === 0 ? null : Math.min(...instants);
}

function readinessOf(keyId: string, { states, attempts, now }: KeyChoice): Readiness {
  const state = states.find((candidate) => candidate.keyId === keyId);
  const own = attempts.filter((attempt) => attempt.keyId === keyId);
  const off = state !== undefined && state.offReason !== null;
  const restsUntilAt = Math.max(now, state?.holdUntilAt ?? 0, off ? (state?.probeAt ?? 0) : 0);
  const slotAt = nextSlotAt(own, now);
  const readyAt = slotAt === null ? null : Math.max(restsUntilAt, slotAt);
  return { keyId, off, free: readyAt !== null && readyAt <= now ? freeSlots(own, now) : 0, readyAt };
}
