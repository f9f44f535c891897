// Whether an optional part may be made, sent or omitted. Pure. Text never waits for one: it is made and sent only while the lane has
// nothing else to do and most of the window is free.

import type { OptionalResult } from "../domain/optional-part.ts";
import type { KeyState, LaneWork } from "../outbox/lane.ts";
import { earliestAfter, type PlanSettings, reservedSlots } from "../plan/plan.ts";
import { windowMessages } from "../wecom/limits.ts";
import type { KeyReadiness } from "./keys.ts";

/** A picture or graph of a delivery, in the memory of its lane. */
export interface OptionalPart {
  /** Unique in its lane. */
  readonly id: number;
  readonly phase: OptionalPhase;
}

export type OptionalPhase =
  /** Its delivery is planned, and not all of its messages are sent. */
  { readonly kind: "planned" } | ({ readonly kind: "wanted" | "filling" | "filled" } & SentText);

export interface SentText {
  readonly textSentAt: number;
  /** The key that sent the text: readers get all of it from one robot. */
  readonly keyId: string;
}

export interface OmitStep {
  readonly kind: "omit";
  readonly partId: number;
  readonly result: OptionalResult;
}

/** Makes its body, beside all other steps. */
export interface FillStep {
  readonly kind: "fill";
  readonly partId: number;
}

export interface SendOptionalStep {
  readonly kind: "sendOptional";
  readonly partId: number;
  readonly keyId: string;
  /** Null for a key without an answer so far. */
  readonly keyState: KeyState | null;
}

export interface OptionalState extends PlanSettings {
  readonly optional: readonly OptionalPart[];
  /** One that is not sent within this time after its text is omitted. */
  readonly optionalMaxDelayMs: number;
  readonly work: LaneWork;
  readonly now: number;
}

/** The first alerts of a storm arrive at shorter intervals than this; a reader hardly notices the delay. */
const calmMs = 500;

export function overduePart({ optional, optionalMaxDelayMs, now }: OptionalState): OmitStep | null {
  for (const { id, phase } of optional) {
    if (phase.kind === "planned" || now < phase.textSentAt + optionalMaxDelayMs) continue;
    return { kind: "omit", partId: id, result: phase.kind === "filling" ? "late" : "busy" };
  }
  return null;
}

/** One at a time. Null when nothing can be done for one now. */
export function optionalStep(state: OptionalState, keys: readonly KeyReadiness[]): FillStep | SendOptionalStep | null {
  const { optional, work, now } = state;
  const waits = work.messages.length > 0 || work.pending.some(({ readyAt }) => readyAt <= now);
  if (waits || now < calmAt(work)) return null;
  const begun = optional.find(({ phase }) => phase.kind === "filling" || phase.kind === "filled");
  const next = begun ?? optional.find(({ phase }) => phase.kind === "wanted");
  if (next === undefined || next.phase.kind === "planned" || next.phase.kind === "filling") return null;
  const keyId = keyWithRoom(state, keys, next.phase.keyId);
  if (keyId === null) return null;
  if (next.phase.kind === "wanted") return { kind: "fill", partId: next.id };
  const keyState = work.keys.find((known) => known.keyId === keyId) ?? null;
  return { kind: "sendOptional", partId: next.id, keyId, keyState };
}

/** When an optional part may have to be omitted, or the lane is calm again; null when there is none. */
export function nextOptionalAt({ optional, optionalMaxDelayMs, work, now }: OptionalState): number | null {
  const instants = optional.flatMap(({ phase }) =>
    phase.kind === "planned" ? [] : [phase.textSentAt + optionalMaxDelayMs, calmAt(work)],
  );
  return earliestAfter(now, instants);
}

/** An attempt without an answer belongs to another bot with the same key. */
function calmAt({ attempts }: LaneWork): number {
  return attempts.reduce((latest, one) => Math.max(latest, one.answeredAt ?? one.startedAt), 0) + calmMs;
}

/**
 * The key of the text before others. Keys that are off or failed last are for text alone. Half of the window is left to the text, and
 * all that the planner reserves.
 */
function keyWithRoom(state: OptionalState, keys: readonly KeyReadiness[], textKeyId: string): string | null {
  const failing = new Set(state.work.keys.flatMap(({ keyId, failures }) => (failures > 0 ? [keyId] : [])));
  const usable = keys.filter(({ keyId, off, free }) => !off && free > 0 && !failing.has(keyId));
  const free = usable.reduce((sum, key) => sum + key.free, 0);
  const left = Math.max((usable.length * windowMessages) / 2, reservedSlots(state));
  if (free <= left) return null;
  return (usable.find(({ keyId }) => keyId === textKeyId) ?? usable[0])?.keyId ?? null;
}
