// Waiting heads gathered by group: what the planner weighs against the slots it has.

import type { QueuedHead } from "../outbox/store.ts";

/** About as many alerts as fit one message. Only a guess for choosing between full and digest; what is told is measured exactly. */
const alertsPerMessage = 15;

export interface WaitingGroup {
  readonly groupId: string;
  /** Every pending notification of the group, oldest first: the newer supersede the older. */
  readonly ids: readonly number[];
  /** When any of them is. */
  readonly urgent: boolean;
  readonly oldestAt: number;
  /** Not to be told before: a group that merges waits for what belongs to it. */
  readonly readyAt: number;
  /** Messages it would take in full, roughly. */
  readonly cost: number;
}

/** In the order of each group's oldest head. Groups with a body that is not settled wait, so that their order is kept. */
export function gather(heads: readonly QueuedHead[], busyGroups: ReadonlySet<string>): readonly WaitingGroup[] {
  // One pass and one object a group: this runs at every step of a lane, over all that waits.
  const groups = new Map<string, Gathered>();
  for (const head of heads) {
    if (busyGroups.has(head.groupId)) continue;
    const group = groups.get(head.groupId);
    if (group === undefined) groups.set(head.groupId, firstOf(head));
    else add(group, head);
  }
  return [...groups.values()];
}

type Gathered = { -readonly [Field in keyof WaitingGroup]: WaitingGroup[Field] } & { readonly ids: number[] };

function firstOf({ groupId, id, urgent, acceptedAt, readyAt, alerts }: QueuedHead): Gathered {
  return { groupId, ids: [id], urgent, oldestAt: acceptedAt, readyAt, cost: costOfAlerts(alerts) };
}

function add(group: Gathered, { id, urgent, acceptedAt, readyAt, alerts }: QueuedHead): void {
  group.ids.push(id);
  group.urgent ||= urgent;
  group.oldestAt = Math.min(group.oldestAt, acceptedAt);
  group.readyAt = Math.min(group.readyAt, readyAt);
  group.cost = Math.max(group.cost, costOfAlerts(alerts));
}

function costOfAlerts(alerts: number): number {
  return Math.ceil(alerts / alertsPerMessage);
}

export function costOf(groups: readonly WaitingGroup[]): number {
  return groups.reduce((sum, group) => sum + group.cost, 0);
}
