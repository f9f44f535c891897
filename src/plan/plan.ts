// Decides what one bot delivers next, from its waiting heads and its free slots. Pure. It reads no body, so a backlog of 100,000 is
// planned quickly.

import type { QueuedHead } from "../outbox/lane.ts";
import { windowMs } from "../wecom/limits.ts";

/** The waiting heads of one group: what is compared with the free slots. */
export interface WaitingGroup {
  readonly groupId: string;
  /** All waiting notifications of the group, oldest first: the newer supersede the older. */
  readonly ids: readonly number[];
  /** True when any of them is. */
  readonly urgent: boolean;
  readonly oldestAt: number;
  /** Not delivered before this: with `merge`, a group waits for others of its destination. */
  readonly readyAt: number;
  /** Estimate of the messages it takes in full. */
  readonly cost: number;
}

/** What the configuration says of one bot. */
export interface PlanSettings {
  /** What is older is delivered as late. */
  readonly maxAgeMs: number;
  /** Slots kept for urgent groups; 0 for a bot that has no urgent route. */
  readonly reserve: number;
  /** Messages that a digest may take before the rest goes into a file. */
  readonly digestMessages: number;
}

export interface PlanInput extends PlanSettings {
  /** In order of acceptance. */
  readonly heads: readonly QueuedHead[];
  readonly busyGroups: ReadonlySet<string>;
  readonly now: number;
  /** Free at this moment, over all keys of the bot. */
  readonly freeSlots: number;
  /** When the last delivery of each sort was planned; 0 for never. Each sort has its own pace. */
  readonly lastNormalAt: number;
  readonly lastUrgentAt: number;
}

export type DeliveryPlan =
  | {
      readonly kind: "group";
      readonly group: WaitingGroup;
      readonly urgent: boolean;
      readonly late: boolean;
      /** The cost is an estimate. The renderer counts the messages; if there are more than this, it makes a digest. */
      readonly mostInFull: number;
    }
  | {
      readonly kind: "digest";
      readonly groups: readonly WaitingGroup[];
      readonly urgent: boolean;
      readonly late: boolean;
    };

export type Plan =
  | { readonly kind: "deliver"; readonly delivery: DeliveryPlan }
  /** Nothing to deliver now. To be planned again at `untilAt`; null: no time is known. */
  | { readonly kind: "wait"; readonly untilAt: number | null };

/**
 * While there are enough slots, every group is delivered at once and in full. When slots are short, the last ones are not used for
 * single groups: they open at a pace, and each delivers all groups that came since the last one, as a digest. Urgent groups have
 * their own slots and follow the same rule. A group that has waited a whole window gets the next slot.
 */
export function plan(input: PlanInput): Plan {
  const waiting = groupHeads(input.heads, input.busyGroups);
  const ready = waiting.filter((group) => group.readyAt <= input.now);
  const urgent = ready.filter((group) => group.urgent);
  const normal = ready.filter((group) => !group.urgent);

  const [oldest, ...rest] = normal;
  if (oldest !== undefined && isStarving(oldest, urgent, input)) {
    return { kind: "deliver", delivery: deliveryOf([oldest, ...rest], input) };
  }
  const urgentPlan = paced(urgent, input, {
    room: urgentRoom(input),
    open: input.freeSlots > 0,
    nextAt: input.lastUrgentAt + paceMs(input),
  });
  if (urgentPlan.kind === "deliver") return urgentPlan;
  const normalPlan = paced(normal, input, {
    room: normalRoom(input),
    open: input.freeSlots > input.reserve,
    nextAt: input.lastNormalAt + paceMs(input),
  });
  if (normalPlan.kind === "deliver") return normalPlan;
  const instants = [
    urgentPlan.untilAt,
    normalPlan.untilAt,
    ...waiting.flatMap((group) => [group.readyAt, group.oldestAt + windowMs]),
  ];
  return { kind: "wait", untilAt: earliestAfter(input.now, instants) };
}

/** It waited a whole window, and an urgent group was delivered meanwhile or none waits: it gets the next slot, even of the reserve. */
function isStarving(oldest: WaitingGroup, urgent: readonly WaitingGroup[], input: PlanInput): boolean {
  const waitedMs = input.now - oldest.oldestAt;
  const urgentHadItsTurn = urgent.length === 0 || input.lastUrgentAt > oldest.oldestAt;
  return waitedMs >= windowMs && urgentHadItsTurn && input.freeSlots > 0;
}

/** Slots that urgent groups may take one by one. The last two open at a pace, so that a storm cannot use all at once. */
function urgentRoom({ freeSlots }: PlanInput): number {
  return freeSlots - 2;
}

/** Slots that normal groups may take one by one: a digest and its file must still fit, and the reserve is not for them. */
function normalRoom(input: PlanInput): number {
  return input.freeSlots - reservedSlots(input);
}

/** For urgent groups and for a digest. */
export function reservedSlots({ reserve, digestMessages }: PlanSettings): number {
  return reserve + digestBudget(digestMessages);
}

/** The allowed messages of a digest and two more: with 3, also one message and two files with their uploads. */
function digestBudget(digestMessages: number): number {
  return digestMessages + 2;
}

/** At this pace the last slots suffice until the first of the window are free again (docs/decisions/0014). */
function paceMs({ digestMessages }: PlanInput): number {
  return windowMs / digestBudget(digestMessages);
}

interface PlanPace {
  /** Slots for single groups. */
  readonly room: number;
  /** Whether they may use any slot at all. */
  readonly open: boolean;
  /** When the next of the last slots opens. */
  readonly nextAt: number;
}

function paced(groups: readonly WaitingGroup[], input: PlanInput, { room, open, nextAt }: PlanPace): Plan {
  const [first, ...others] = groups;
  if (first === undefined || !open) return { kind: "wait", untilAt: null };
  if (costOf(groups) <= room)
    return { kind: "deliver", delivery: deliveryOf([first, ...lateBeside(first, others, input)], input) };
  if (input.now < nextAt) return { kind: "wait", untilAt: nextAt };
  return { kind: "deliver", delivery: deliveryOf([first, ...others], input) };
}

/** Late groups are delivered together, however many slots there are: readers do not want many outdated messages. */
function lateBeside(first: WaitingGroup, others: readonly WaitingGroup[], input: PlanInput): readonly WaitingGroup[] {
  return isLate(first, input) ? others.filter((group) => isLate(group, input)) : [];
}

function deliveryOf(groups: readonly [WaitingGroup, ...WaitingGroup[]], input: PlanInput): DeliveryPlan {
  const late = groups.every((group) => isLate(group, input));
  const urgent = groups.some((group) => group.urgent);
  const [only, ...more] = groups;
  const inFull = more.length === 0 && only.cost <= input.digestMessages;
  if (!inFull) return { kind: "digest", groups, urgent, late };
  const room = urgent ? urgentRoom(input) : normalRoom(input);
  return { kind: "group", group: only, urgent, late, mostInFull: Math.max(room, digestBudget(input.digestMessages)) };
}

/** By its oldest notification. next-step.ts needs the same rule: else it would retract, again and again, what is planned here. */
function isLate(group: WaitingGroup, { now, maxAgeMs }: PlanInput): boolean {
  return now - group.oldestAt > maxAgeMs;
}

/** Null when none of them comes. */
export function earliestAfter(now: number, instants: readonly (number | null)[]): number | null {
  const coming = instants.flatMap((at) => (at !== null && at > now ? [at] : []));
  return coming.length === 0 ? null : coming.reduce((a, b) => Math.min(a, b));
}

/** About as many alerts as fit one message. An estimate for the choice between full and digest; rendering measures exactly. */
const alertsPerMessage = 15;

/** In the order of each group's oldest head. Groups in an unsettled delivery wait, so that their order is kept. */
function groupHeads(heads: readonly QueuedHead[], busyGroups: ReadonlySet<string>): readonly WaitingGroup[] {
  // One pass and one object for each group: this runs at every step of a lane, over the whole backlog.
  const groups = new Map<string, MutableGroup>();
  for (const head of heads) {
    if (busyGroups.has(head.groupId)) continue;
    const group = groups.get(head.groupId);
    if (group === undefined) groups.set(head.groupId, firstOf(head));
    else add(group, head);
  }
  return [...groups.values()];
}

type MutableGroup = { -readonly [Field in keyof WaitingGroup]: WaitingGroup[Field] } & { readonly ids: number[] };

function firstOf({ groupId, id, urgent, acceptedAt, readyAt, alerts }: QueuedHead): MutableGroup {
  return { groupId, ids: [id], urgent, oldestAt: acceptedAt, readyAt, cost: costOfAlerts(alerts) };
}

function add(group: MutableGroup, { id, urgent, acceptedAt, readyAt, alerts }: QueuedHead): void {
  group.ids.push(id);
  group.urgent ||= urgent;
  group.oldestAt = Math.min(group.oldestAt, acceptedAt);
  group.readyAt = Math.min(group.readyAt, readyAt);
  group.cost = Math.max(group.cost, costOfAlerts(alerts));
}

/** What has no alerts, an announcement, is a message too. */
function costOfAlerts(alerts: number): number {
  return Math.max(1, Math.ceil(alerts / alertsPerMessage));
}

function costOf(groups: readonly WaitingGroup[]): number {
  return groups.reduce((sum, group) => sum + group.cost, 0);
}
