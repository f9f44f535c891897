// Waiting heads by group: what the planner compares with the free slots.

import type { QueuedHead } from "../outbox/store.ts";

/** About as many alerts as fit one message. An estimate for the choice between full and digest; rendering measures exactly. */
const alertsPerMessage = 15;

export interface WaitingGroup {
  readonly groupId: string;
  /** All waiting notifications of the group, oldest first: the newer supersede the older. */
  readonly ids: readonly number[];
  /** True when any of them is. */
  readonly urgent: boolean;
  readonly oldestAt: number;
  /** Not to be delivered before: a group that merges waits for what belongs to it. */
  readonly readyAt: number;
  /** Estimate of the messages it takes in full. */
  readonly cost: number;
}

/** In the order of each group's oldest head. Groups in an unsettled delivery wait, so that their order is kept. */
export function groupHeads(heads: readonly QueuedHead[], busyGroups: ReadonlySet<string>): readonly WaitingGroup[] {
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

function costOfAlerts(alerts: number): number {
  return Math.ceil(alerts / alertsPerMessage);
}

export function costOf(groups: readonly WaitingGroup[]): number {
  return groups.reduce((sum, group) => sum + group.cost, 0);
}
