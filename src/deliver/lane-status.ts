// What a lane last read, in; how it stands, for metrics and the status page, out. Pure.

import type { FailureReason } from "../domain/reason.ts";
import type { LaneWork } from "../outbox/store.ts";
import { earliestReady, readiness, slotsOf } from "./keys.ts";

export interface LaneStatus {
  readonly keys: number;
  /** Not switched off. A key that rests is up. */
  readonly keysUp: number;
  /** Over all keys; 0 while they rest. */
  readonly freeSlots: number;
  /** When a key may carry a request, epoch ms; null when only requests in flight hold the slots, or there is no key. */
  readonly readyAt: number | null;
  /** Why keys are off, and why messages that wait were not taken. Each once. */
  readonly reasons: readonly FailureReason[];
}

export interface LastRead {
  /** Null for a lane that has not looked yet. */
  readonly work: Pick<LaneWork, "attempts" | "keys" | "messages"> | null;
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
