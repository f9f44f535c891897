// Which of a bot's robot keys may carry the next request. Pure: states and windows in, a key or an instant out.

import type { AttemptTimes, KeyState } from "../outbox/store.ts";
import { freeSlots, nextSlotAt } from "./window.ts";

export interface KeyChoice {
  readonly keyIds: readonly string[];
  readonly states: readonly KeyState[];
  readonly attempts: readonly AttemptTimes[];
  readonly now: number;
}

export type ChosenKey =
  | { readonly kind: "key"; readonly keyId: string }
  /** No key may speak before `untilAt` (null: only requests in flight could change that); `allOff` when every key is switched off. */
  | { readonly kind: "none"; readonly untilAt: number | null; readonly allOff: boolean };

/** A key that is up before one that is only due for a probe; then the one with the most free slots. */
export function chooseKey(choice: KeyChoice): ChosenKey {
  const keys = choice.keyIds.map((keyId) => readiness(keyId, choice));
  const usable = keys.filter((key) => key.readyAt !== null && key.readyAt <= choice.now);
  const best = usable.sort((a, b) => Number(a.off) - Number(b.off) || b.free - a.free)[0];
  if (best !== undefined) return { kind: "key", keyId: best.keyId };
  const instants = keys.flatMap((key) => (key.readyAt === null ? [] : [key.readyAt]));
  return {
    kind: "none",
    untilAt: instants.length === 0 ? null : Math.min(...instants),
    allOff: keys.every((key) => key.off),
  };
}

interface Readiness {
  readonly keyId: string;
  readonly off: boolean;
  readonly free: number;
  readonly readyAt: number | null;
}

function readiness(keyId: string, { states, attempts, now }: KeyChoice): Readiness {
  const state = states.find((candidate) => candidate.keyId === keyId);
  const own = attempts.filter((attempt) => attempt.keyId === keyId);
  const off = state !== undefined && state.offReason !== null;
  const restsUntilAt = Math.max(now, state?.holdUntilAt ?? 0, off ? (state?.probeAt ?? 0) : 0);
  const slotAt = nextSlotAt(own, now);
  return { keyId, off, free: freeSlots(own, now), readyAt: slotAt === null ? null : Math.max(restsUntilAt, slotAt) };
}
