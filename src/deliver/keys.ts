// Which of a bot's robot keys may carry the next request, and when. Pure.

import type { FailureReason } from "../domain/reason.ts";
import type { AttemptTimes, KeyState, StoredMessage } from "../outbox/lane.ts";
import { longestRequestMs, windowMessages, windowMs } from "../wecom/limits.ts";

/** What one key can do now. */
export interface KeyReadiness {
  readonly keyId: string;
  /** The key is off; at `readyAt` it may be probed. */
  readonly off: boolean;
  /** Slots it may use now; 0 while it is on hold. */
  readonly free: number;
  /** Free ones of its window, also while it is on hold. */
  readonly windowFree: number;
  /** When it may carry a request. */
  readonly readyAt: number;
}

interface KeyWork {
  readonly keys: readonly KeyState[];
  readonly attempts: readonly AttemptTimes[];
}

/** The best key first: keys that are off last, then by free slots. */
export function readiness(work: KeyWork, keyIds: readonly string[], now: number): readonly KeyReadiness[] {
  return keyIds
    .map((keyId) => readinessOf(keyId, work, now))
    .sort((a, b) => Number(a.off) - Number(b.off) || b.free - a.free);
}

/** A probe is one request, whatever the window would allow. */
export function slotsOf(keys: readonly KeyReadiness[]): number {
  return keys.reduce((sum, key) => sum + (key.off ? Math.min(1, key.free) : key.free), 0);
}

/**
 * The key for a message. First the key that sent its earlier parts, unless it is off, even if it has no slot yet. Then a key
 * that is due for a probe: it would stay off forever while the others have slots. Then the best. An urgent message probes only
 * when no other key can send it.
 */
export function keyFor(
  keys: readonly KeyReadiness[],
  message: { readonly keyId: string | null; readonly urgent: boolean },
): string | null {
  const own = keys.find((key) => key.keyId === message.keyId && !key.off);
  const able = keys.filter((key) => key.free > 0);
  const due = message.urgent ? undefined : able.find((key) => key.off);
  const chosen = own ?? due ?? able[0];
  return chosen !== undefined && chosen.free > 0 ? chosen.keyId : null;
}

/** Null when there is no key. */
export function earliestReady(keys: readonly KeyReadiness[]): number | null {
  return keys.length === 0 ? null : Math.min(...keys.map(({ readyAt }) => readyAt));
}

function readinessOf(keyId: string, work: KeyWork, now: number): KeyReadiness {
  const state = work.keys.find((candidate) => candidate.keyId === keyId);
  const own = work.attempts.filter((attempt) => attempt.keyId === keyId);
  const off = state !== undefined && state.offReason !== null;
  const heldUntilAt = Math.max(now, state?.holdUntilAt ?? 0, off ? (state?.probeAt ?? 0) : 0);
  const readyAt = Math.max(heldUntilAt, nextSlotAt(own, now));
  const windowFree = freeSlots(own, now);
  return { keyId, off, free: readyAt <= now ? windowFree : 0, windowFree, readyAt };
}

/**
 * Slots of one key's sliding window at `now`. WeCom accepts 20 messages in any 60 s, counted when they arrive. An arrival lies between
 * our request and its answer, so with a slot that frees one window after the *answer* a 21st can never arrive.
 */
export function freeSlots(attempts: readonly AttemptTimes[], now: number): number {
  const taken = attempts.filter((attempt) => freesAt(attempt) > now).length;
  return Math.max(0, windowMessages - taken);
}

/** When the next slot frees; `now` when one is free. Epoch ms. */
export function nextSlotAt(attempts: readonly AttemptTimes[], now: number): number {
  if (freeSlots(attempts, now) > 0) return now;
  const freeing = attempts
    .map(freesAt)
    .filter((at) => at > now)
    .sort((a, b) => a - b);
  return freeing[freeing.length - windowMessages] ?? now;
}

/** One without an answer was begun by a process that died, or is on its way in another process. */
function freesAt({ startedAt, answeredAt }: AttemptTimes): number {
  return (answeredAt ?? startedAt + longestRequestMs) + windowMs;
}

/** For the metrics and the console. */
export interface LaneStatus {
  readonly keys: number;
  /** Keys that are not off. A key on hold counts. */
  readonly keysUp: number;
  /** Of those, keys with which WeCom never took a message. */
  readonly untriedKeys: number;
  /** Of the send window, over all keys. */
  readonly windowSlots: number;
  /** Of these, how many are free, whether the keys may be used or not; null while another process works for the lane. */
  readonly freeSlots: number | null;
  /** How many may be used now: none while the keys are on hold. */
  readonly usableSlots: number;
  /** Keys are on hold because their last request failed. */
  readonly isRetrying: boolean;
  /** When a key may carry a request, epoch ms; null when there is no key. */
  readonly readyAt: number | null;
  /** When WeCom last took a message; 0 for never. */
  readonly sentAt: number;
  /** Why keys are off, and why waiting messages failed before. Each once. */
  readonly reasons: readonly FailureReason[];
}

/** What a lane, or the outbox, knows of its keys. */
export interface KnownWork {
  readonly keys: readonly KeyState[];
  /** Those that wait. */
  readonly messages: readonly StoredMessage[];
  /** Null while another process works for the lane. */
  readonly attempts: readonly AttemptTimes[] | null;
}

export function laneStatusOf(known: KnownWork, keyIds: readonly string[], now: number): LaneStatus {
  const work = { ...known, attempts: known.attempts ?? [] };
  const keys = readiness(work, keyIds, now);
  const states = known.keys.filter(({ keyId }) => keyIds.includes(keyId));
  const reasons = [
    ...states.map((state) => state.offReason),
    ...known.messages.map((message) => message.lastReason),
  ].flatMap((reason) => reason ?? []);
  const tried = new Set(states.filter((state) => state.sentAt > 0).map(({ keyId }) => keyId));
  return {
    keys: keyIds.length,
    keysUp: keys.filter((key) => !key.off).length,
    untriedKeys: keys.filter((key) => !key.off && !tried.has(key.keyId)).length,
    windowSlots: keyIds.length * windowMessages,
    freeSlots: known.attempts === null ? null : keys.reduce((sum, key) => sum + key.windowFree, 0),
    usableSlots: slotsOf(keys),
    isRetrying: states.some((state) => state.failures > 0 && state.offReason === null && state.holdUntilAt > now),
    readyAt: earliestReady(keys),
    sentAt: Math.max(0, ...states.map(({ sentAt }) => sentAt)),
    reasons: [...new Set(reasons)],
  };
}
