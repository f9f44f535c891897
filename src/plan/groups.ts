// Waiting heads gathered by group: what the planner weighs against the slots it has.

import type { PendingHead } from "../outbox/store.ts";

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
export function gather(heads: readonly PendingHead[], busyGroups: ReadonlySet<string>): readonly WaitingGroup[] {
  const byGroup = Map.groupBy(
    heads.filter((head) => !busyGroups.has(head.groupId)),
    (head) => head.groupId,
  );
  return [...byGroup].map(([groupId, own]) => ({
    groupId,
    ids: own.map((head) => head.id),
    urgent: own.some((head) => head.urgent),
    oldestAt: Math.min(...own.map((head) => head.acceptedAt)),
    readyAt: Math.min(...own.map((head) => head.readyAt)),
    cost: Math.ceil(Math.max(...own.map((head) => head.alerts)) / alertsPerMessage),
  }));
}

export function costOf(groups: readonly WaitingGroup[]): number {
  return groups.reduce((sum, group) => sum + group.cost, 0);
}
