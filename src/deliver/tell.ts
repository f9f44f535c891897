// Shell: carries a plan out up to the outbox. Notifications are fetched, merged, rendered and materialised; nothing is sent.

import type { GroupTelling, Telling } from "../domain/notification.ts";
import type { Lease, PendingGroup } from "../outbox/store.ts";
import type { WaitingGroup } from "../plan/groups.ts";
import type { PlannedTelling } from "../plan/plan.ts";
import { supersede } from "../plan/supersede.ts";
import type { LaneOptions } from "./lane-options.ts";

export async function tell(options: LaneOptions, lease: Lease, planned: PlannedTelling): Promise<void> {
  const groups = planned.kind === "group" ? [planned.group] : planned.groups;
  const ids = groups.flatMap((group) => group.ids);
  const fetched = new Map((await options.outbox.groups(lease, ids)).map((one) => [one.id, one]));
  const tellings = groups.map((group) => mergedOf(group, fetched, planned.late));
  const telling = asTelling(tellings, planned, lease.bot);

  const plannedAt = options.clock.now();
  const rendered = options.render(telling, plannedAt);
  const { parts, missing } = await options.complete(rendered.drafts);

  await options.outbox.plan(lease, {
    form: rendered.form,
    groupId: planned.kind === "group" ? planned.group.groupId : "",
    urgent: planned.urgent,
    notificationIds: ids,
    alerts: tellings.reduce((sum, one) => sum + one.routed.group.alerts.length, 0),
    parts,
    plannedAt,
  });
  options.report({
    kind: "planned",
    bot: lease.bot,
    form: rendered.form,
    notifications: ids.length,
    groups: groups.length,
    kinds: rendered.drafts.map((draft) => draft.kind),
    missingPictures: missing,
    shortenedValues: rendered.shortenedValues,
    templateFailures: rendered.templateFailures,
  });
}

function mergedOf(group: WaitingGroup, fetched: ReadonlyMap<number, PendingGroup>, late: boolean): GroupTelling {
  const [first, ...others] = group.ids.flatMap((id) => fetched.get(id) ?? []);
  if (first === undefined) throw new Error(`the outbox has none of the notifications ${group.ids.join(", ")}`);
  return supersede([first, ...others], { late });
}

function asTelling(groups: readonly GroupTelling[], planned: PlannedTelling, bot: string): Telling {
  const [only] = groups;
  if (planned.kind === "group" && only !== undefined) return only;
  const acceptedAt = Math.min(...groups.map((group) => group.acceptedAt));
  return { kind: "digest", bot, late: planned.late, urgent: planned.urgent, groups, acceptedAt };
}
