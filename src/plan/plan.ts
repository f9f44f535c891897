// What waits for one bot and the slots it has, in; what to say next, out. Pure, and it refuses to look inside groups: heads are
// enough to choose, so a backlog of 100,000 is planned without reading a body.

import type { QueuedHead } from "../outbox/store.ts";
import { windowMs } from "../wecom/limits.ts";
import { costOf, gather, type WaitingGroup } from "./groups.ts";

export interface PlanInput {
  /** In order of acceptance. */
  readonly heads: readonly QueuedHead[];
  readonly busyGroups: ReadonlySet<string>;
  readonly now: number;
  /** Older than this is told as late. */
  readonly maxAgeMs: number;
  /** Free at this moment, over all keys of the bot. */
  readonly freeSlots: number;
  /** Slots kept for urgent groups; 0 for a bot that has no urgent route. */
  readonly reserve: number;
  /** Messages a digest may take before the rest goes into a file. */
  readonly digestMessages: number;
  /** When the last delivery of either sort was planned, each with a pace of its own; 0 for never. */
  readonly lastNormalAt: number;
  readonly lastUrgentAt: number;
}

export type DeliveryPlan =
  | {
      readonly kind: "group";
      readonly group: WaitingGroup;
      readonly urgent: boolean;
      readonly late: boolean;
      /** Its cost is a guess. Should it take more messages than these, it is told as a digest of itself. */
      readonly mostMessages: number;
    }
  | {
      readonly kind: "digest";
      readonly groups: readonly WaitingGroup[];
      readonly urgent: boolean;
      readonly late: boolean;
    };

export type Plan =
  | { readonly kind: "deliver"; readonly delivery: DeliveryPlan }
  /** Something waits, but not for a slot of this moment. Null: nothing waits. */
  | { readonly kind: "wait"; readonly untilAt: number | null };

/**
 * While slots are plenty every group is told at once and in full. When they run short the last ones are not spent one by one on
 * whatever comes next: they open at a pace, and each tells all that has gathered since the last, as a digest. Urgent groups have
 * slots of their own and the same rule among themselves; whoever has waited a whole window gets the next slot there is.
 */
export function plan(input: PlanInput): Plan {
  const waiting = gather(input.heads, input.busyGroups);
  const ready = waiting.filter((group) => group.readyAt <= input.now);
  const urgent = ready.filter((group) => group.urgent);
  const others = ready.filter((group) => !group.urgent);

  const [oldest, ...rest] = others;
  if (oldest !== undefined && isStarving(oldest, urgent, input)) {
    return { kind: "deliver", delivery: deliveryOf([oldest, ...rest], input) };
  }
  const plans = [planUrgent(urgent, input), planOthers(others, input)];
  const delivery = plans.find((one) => one.kind === "deliver");
  if (delivery !== undefined) return delivery;
  const instants = [...plans.map(untilOf), ...waiting.flatMap((group) => [group.readyAt, group.oldestAt + windowMs])];
  return { kind: "wait", untilAt: earliestAfter(instants, input.now) };
}

/** Urgent groups have been told for a whole window while it waited, or nothing urgent waits: the next slot is its own, reserve or not. */
function isStarving(oldest: WaitingGroup, urgent: readonly WaitingGroup[], input: PlanInput): boolean {
  const waitedMs = input.now - oldest.oldestAt;
  const others = urgent.length === 0 || input.lastUrgentAt > oldest.oldestAt;
  return waitedMs >= windowMs && others && input.freeSlots > 0;
}

/** Slots that urgent groups may take one by one; the last two open at a pace, or a storm of urgent alerts would end unheard. */
function urgentRoom({ freeSlots }: PlanInput): number {
  return freeSlots - 2;
}

/** Slots that other groups may take one by one: a digest and its file must still fit, and the reserve is not theirs. */
function commonRoom({ freeSlots, reserve, digestMessages }: PlanInput): number {
  return freeSlots - reserve - digestBudget(digestMessages);
}

/** A digest of the allowed length, or one message, an upload and its file, and one more of the latter. */
function digestBudget(digestMessages: number): number {
  return digestMessages + 2;
}

/** At this pace the kept slots last until the first of the window are free again (docs/decisions/0014). */
function paceMs({ digestMessages }: PlanInput): number {
  return windowMs / digestBudget(digestMessages);
}

function planUrgent(groups: readonly WaitingGroup[], input: PlanInput): Plan {
  return paced(groups, input, {
    room: urgentRoom(input),
    open: input.freeSlots > 0,
    nextAt: input.lastUrgentAt + paceMs(input),
  });
}

function planOthers(groups: readonly WaitingGroup[], input: PlanInput): Plan {
  return paced(groups, input, {
    room: commonRoom(input),
    open: input.freeSlots > input.reserve,
    nextAt: input.lastNormalAt + paceMs(input),
  });
}

interface Pace {
  /** Slots for single groups. */
  readonly room: number;
  /** Whether any slot is theirs at all. */
  readonly open: boolean;
  /** When the next of the kept slots opens. */
  readonly nextAt: number;
}

function paced(groups: readonly WaitingGroup[], input: PlanInput, { room, open, nextAt }: Pace): Plan {
  const [first, ...others] = groups;
  if (first === undefined || !open) return { kind: "wait", untilAt: null };
  if (costOf(groups) <= room)
    return { kind: "deliver", delivery: deliveryOf([first, ...lateBeside(first, others, input)], input) };
  if (input.now < nextAt) return { kind: "wait", untilAt: nextAt };
  return { kind: "deliver", delivery: deliveryOf([first, ...others], input) };
}

/** Late groups are told together, however many slots there are: nobody wants an hour of stale messages. */
function lateBeside(first: WaitingGroup, others: readonly WaitingGroup[], input: PlanInput): readonly WaitingGroup[] {
  return isLate(first, input) ? others.filter((group) => isLate(group, input)) : [];
}

type Some<T> = readonly [T, ...T[]];

function deliveryOf(groups: Some<WaitingGroup>, input: PlanInput): DeliveryPlan {
  const late = groups.every((group) => isLate(group, input));
  const urgent = groups.some((group) => group.urgent);
  const [only, ...more] = groups;
  const inFull = more.length === 0 && only.cost <= input.digestMessages;
  if (!inFull) return { kind: "digest", groups, urgent, late };
  const room = urgent ? urgentRoom(input) : commonRoom(input);
  return { kind: "group", group: only, urgent, late, mostMessages: Math.max(room, digestBudget(input.digestMessages)) };
}

/** By its oldest notification, as the worker judges what is already materialised: else one would undo the other for ever. */
function isLate(group: WaitingGroup, { now, maxAgeMs }: PlanInput): boolean {
  return now - group.oldestAt > maxAgeMs;
}

function untilOf(one: Plan): number | null {
  return one.kind === "wait" ? one.untilAt : null;
}

function earliestAfter(instants: readonly (number | null)[], now: number): number | null {
  const coming = instants.filter((at) => at !== null && at > now);
  return coming.length === 0 ? null : coming.reduce((a, b) => Math.min(a ?? 0, b ?? 0));
}
