import type { KeyState, StoredMessage } from "../outbox/lane.ts";
import { type DeliveryPlan, earliestAfter, type Plan, plan } from "../plan/plan.ts";
import { windowMs } from "../wecom/limits.ts";
import { earliestReady, type KeyReadiness, keyFor, readiness, slotsOf } from "./keys.ts";
import {
  type FillStep,
  nextOptionalAt,
  type OmitStep,
  type OptionalState,
  optionalStep,
  overduePart,
  type SendOptionalStep,
} from "./optional-step.ts";

export interface LaneState extends OptionalState {
  /** Keys of the bot, in the order of the config. */
  readonly keyIds: readonly string[];
  /** The bot that takes over while all keys of this one are off; null for none. */
  readonly fallback: string | null;
}

export type LaneStep =
  /** Take a delivery back, to plan it again: it became late, or no key can send it now. */
  | { readonly kind: "retract"; readonly deliveryId: number }
  /** All keys of this bot are off: its backlog goes to the fallback. */
  | { readonly kind: "move"; readonly toBot: string }
  | { readonly kind: "plan"; readonly delivery: DeliveryPlan }
  | UploadStep
  | SendStep
  | OmitStep
  | FillStep
  | SendOptionalStep
  | LaneRest;

/** A message, and the key that carries its next request. */
export interface LaneRequest {
  readonly message: StoredMessage;
  readonly keyId: string;
  /** Null for a key without an answer so far. */
  readonly keyState: KeyState | null;
}

/** WeCom must have the file of a message before the message can use it. */
export interface UploadStep extends LaneRequest {
  readonly kind: "upload";
  readonly mediaHash: string;
}

export interface SendStep extends LaneRequest {
  readonly kind: "send";
  /** The id of the message's file; null when it has none. */
  readonly mediaId: string | null;
}

/**
 * The lane sleeps until `untilAt` (null: no limit). New work ends the sleep, but only from `wakesAt` on (null: it never does).
 */
export interface LaneRest {
  readonly kind: "rest";
  readonly untilAt: number | null;
  readonly wakesAt: number | null;
}

export function nextStep(lane: LaneState): LaneStep {
  const { work, keyIds, now } = lane;
  const overdue = overduePart(lane);
  if (overdue !== null) return overdue;
  const keys = readiness(work, keyIds, now);
  const noneUsable = keys.every((key) => key.off && key.free === 0);
  const retractable = firstToRetract(lane, noneUsable);
  if (retractable !== undefined) return { kind: "retract", deliveryId: retractable.deliveryId };
  const waits = work.pending.length + work.messages.length > 0;
  if (noneUsable && lane.fallback !== null && waits) return { kind: "move", toBot: lane.fallback };

  // A key that is off has one slot, for a probe: it cannot be reserved.
  const reserve = keys.some((key) => !key.off) ? lane.reserve : 0;
  return stepWith({ ...lane, reserve }, keys);
}

function stepWith(lane: LaneState, keys: readonly KeyReadiness[]): LaneStep {
  const { work, now } = lane;
  const heads = headsOfDeliveries(work.messages);
  const free = slotsOf(keys);
  const planned = plan({ ...lane, ...work, heads: work.pending, freeSlots: free });
  const sendable = heads.filter((message) => message.notBeforeAt <= now && maySend(message, free, lane, keys));

  const urgent = sendable.find((message) => message.urgent);
  if (urgent !== undefined) return sendOrUpload(urgent, lane, keys);
  if (free > 0 && planned.kind === "deliver" && planned.delivery.urgent)
    return { kind: "plan", delivery: planned.delivery };
  const next = sendable[0];
  if (next !== undefined) return sendOrUpload(next, lane, keys);
  if (free > 0 && planned.kind === "deliver") return { kind: "plan", delivery: planned.delivery };
  return optionalStep(lane, keys) ?? restOf(lane, { heads, keys, planned, free });
}

/** The reserve is for urgent messages, and for those that waited a whole window: the planner gives such a group the next slot too. */
function maySend(message: StoredMessage, free: number, lane: LaneState, keys: readonly KeyReadiness[]): boolean {
  const mayUseReserve = message.urgent || lane.now - message.acceptedAt >= reserveHoldsMs;
  return keyFor(keys, message) !== null && (mayUseReserve || free > lane.reserve);
}

/** One window: no message waits longer for slots that stay unused. */
const reserveHoldsMs = windowMs;

function sendOrUpload(message: StoredMessage, { work, now }: LaneState, keys: readonly KeyReadiness[]): LaneStep {
  const keyId = keyFor(keys, message);
  if (keyId === null) throw new Error(`no key for message ${message.id}, though one was found a moment ago`);
  const { mediaHash } = message;
  const keyState = work.keys.find((state) => state.keyId === keyId) ?? null;
  if (mediaHash === null) return { kind: "send", message, keyId, keyState, mediaId: null };
  const known = work.mediaIds.find((id) => id.keyId === keyId && id.mediaHash === mediaHash && id.expiresAt > now);
  if (known === undefined) return { kind: "upload", message, mediaHash, keyId, keyState };
  return { kind: "send", message, keyId, keyState, mediaId: known.mediaId };
}

/** Only the first open part of a delivery may be sent: readers see the parts in order. */
function headsOfDeliveries(messages: readonly StoredMessage[]): readonly StoredMessage[] {
  const deliveries = new Set<number>();
  return messages.filter((message) => {
    if (deliveries.has(message.deliveryId)) return false;
    deliveries.add(message.deliveryId);
    return true;
  });
}

/** A delivery of which nothing was sent may be planned again: merged with what came meanwhile, and marked late when it became late. */
function firstToRetract({ work, now, maxAgeMs }: LaneState, noneUsable: boolean): StoredMessage | undefined {
  return work.messages.find(({ retractable, acceptedAt, plannedAt }) => {
    const becameLate = now - acceptedAt > maxAgeMs && plannedAt - acceptedAt <= maxAgeMs;
    return retractable && (noneUsable || becameLate);
  });
}

/** In a storm, an urgent alert is noticed within this time. */
const replanMs = 250;

interface WaitingWork {
  readonly heads: readonly StoredMessage[];
  readonly keys: readonly KeyReadiness[];
  readonly planned: Plan;
  readonly free: number;
}

/** Without a free slot: until a key has one, and new work does not wake the lane. Else until the next known instant. */
function restOf(lane: LaneState, { heads, keys, planned, free }: WaitingWork): LaneRest {
  const { work, now } = lane;
  if (heads.length === 0 && work.pending.length === 0)
    return { kind: "rest", untilAt: nextOptionalAt(lane), wakesAt: now };
  if (free === 0) return { kind: "rest", untilAt: earliestReady(keys), wakesAt: null };
  const instants = [
    ...heads.flatMap((message) => [message.notBeforeAt, message.acceptedAt + reserveHoldsMs]),
    planned.kind === "wait" ? planned.untilAt : null,
    nextOptionalAt(lane),
    ...keys.map((key) => key.readyAt),
    ...work.attempts.map((attempt) => (attempt.answeredAt === null ? null : attempt.answeredAt + windowMs)),
  ];
  return {
    kind: "rest",
    untilAt: earliestAfter(now, instants),
    // With a backlog, not for every webhook of a storm: each step reads the whole backlog.
    wakesAt: work.pending.length === 0 ? now : now + replanMs,
  };
}
