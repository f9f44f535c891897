// What waits for one bot, in; what to say next and in which order, out. Pure: no clock, no rendering, no WeCom.
// It refuses to look inside groups: heads are enough to choose, so a backlog of 100,000 is planned without reading a body.

import type { TellingForm } from "../domain/notification.ts";
import type { PendingHead } from "../outbox/store.ts";

export interface PlanInput {
  /** In order of acceptance. */
  readonly heads: readonly PendingHead[];
  /** Groups with bodies that are not settled yet: their newer states wait and merge, so that order within a group is kept. */
  readonly busyGroups: ReadonlySet<string>;
  readonly now: number;
  /** Older than this is told as late. */
  readonly maxAgeMs: number;
}

export interface PlannedTelling {
  readonly form: TellingForm;
  readonly groupId: string;
  readonly urgent: boolean;
  /** Every pending notification of the group, oldest first: the newer supersede the older. */
  readonly ids: readonly number[];
}

interface WaitingGroup {
  readonly groupId: string;
  readonly ids: number[];
  readonly oldestAt: number;
  urgent: boolean;
}

/** Urgent groups first, then the one that has waited longest. */
export function plan(input: PlanInput): readonly PlannedTelling[] {
  const groups = gather(input);
  const tellings = groups.map((group) => ({
    form: formOf(group, input),
    groupId: group.groupId,
    urgent: group.urgent,
    ids: group.ids,
  }));
  return [...tellings.filter((telling) => telling.urgent), ...tellings.filter((telling) => !telling.urgent)];
}

/** In the order of each group's oldest head, which is the order of the map's first insertions. */
function gather({ heads, busyGroups }: PlanInput): readonly WaitingGroup[] {
  const groups = new Map<string, WaitingGroup>();
  for (const head of heads) {
    if (busyGroups.has(head.groupId)) continue;
    const group = groups.get(head.groupId);
    if (group === undefined) {
      groups.set(head.groupId, {
        groupId: head.groupId,
        ids: [head.id],
        oldestAt: head.acceptedAt,
        urgent: head.urgent,
      });
    } else {
      group.ids.push(head.id);
      group.urgent ||= head.urgent;
    }
  }
  return [...groups.values()];
}

/** Late by its oldest notification, as the worker judges what is already materialised: else one would undo the other for ever. */
function formOf(group: WaitingGroup, { now, maxAgeMs }: PlanInput): TellingForm {
  return now - group.oldestAt > maxAgeMs ? "late" : "full";
}
