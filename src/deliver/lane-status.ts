// The state of a lane for metrics and the status page, from what the lane last read. Pure.

import type { FailureReason } from "../domain/reason.ts";
import type { AttemptTimes, KeyState, StoredMessage } from "../outbox/store.ts";
import { earliestReady, readiness, slotsOf } from "./keys.ts";

export interface LaneStatus {
  readonly keys: number;
  /** Not switched off. A key on hold is up. */
  readonly keysUp: number;
  /** Over all keys; 0 while they are on hold. */
  readonly freeSlots: number;
  /** When a key may carry a request, epoch ms; null while requests in flight hold all slots, or when there is no key. */
  readonly readyAt: number | null;
  /** Why keys are off, and why waiting messages failed before. Each once. */
  readonly reasons: readonly FailureReason[];
}

/** The parts of LaneWork that the status comes from. */
export interface StatusWork {
  readonly attempts: readonly AttemptTimes[];
  readonly keys: readonly KeyState[];
  readonly messages: readonly StoredMessage[];
}

export interface LastRead {
  /** Null for a lane that has not read yet. */
  readonly work: StatusWork | null;
  readonly keyIds: readonly string[];
  readonly now: number;
}

export function laneStatusOf({ work, keyIds, now }: LastRead): LaneStatus {
  const { attempts, keys: states, messages } = work ?? { attempts: [], keys: [], messages: [] };
  const keys = readiness({ keyIds, states, attempts, now });
  const reasons = [...states.map((state) => state.offReason), ...messages.map((message) => message.lastReason)];
  return {
    keys: keyIds.length,
    keysUp: keys.filter((key) => !key.off).length,
    freeSlots: slotsOf(keys),
    readyAt: earliestReady(keys),
    reasons: [...new Set(reasons.flatMap((reason) => reason ?? []))],
  };
}
