// Shell: carries a plan out up to the outbox. Notifications are fetched, merged, rendered and materialised; nothing is sent.

import type { GroupTelling, Telling } from "../domain/notification.ts";
import type { Lease, PendingGroup } from "../outbox/store.ts";
import type { WaitingGroup } from "../plan/groups.ts";
import type { PlannedTelling } from "../plan/plan.ts";
import { supersede } from "../plan/supersede.ts";
import type { LaneOptions, RenderedTelling } from "./lane-options.ts";

export async function tell(options: LaneOptions, lease: Lease, planned: PlannedTelling): Promise<void> {
  const groups = planned.kind === "group" ? [planned.group] : planned.groups;
  const ids = groups.flatMap((group) => group.ids);
  const fetched = new Map((await options.outbox.groups(lease, ids)).map((one) => [one.id, one]));
  const tellings = groups.map((group) => mergedOf(group, fetched, planned.late));

  const plannedAt = options.clock.now();
  const { rendered, groupId } = rendering(planned, tellings, {
    render: (telling) => options.render(telling, plannedAt),
    bot: lease.bot,
  });
  const { parts, missing } = await options.complete(rendered.drafts);

  await options.outbox.plan(lease, {
    form: rendered.form,
    groupId,
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

interface Rendering {
  readonly rendered: RenderedTelling;
  /** Empty for a digest. */
  readonly groupId: string;
}

/** A group in full as far as there are messages for it; what is left over would hold up everything behind it. */
function rendering(
  planned: PlannedTelling,
  groups: readonly GroupTelling[],
  { render, bot }: { readonly render: (telling: Telling) => RenderedTelling; readonly bot: string },
): Rendering {
  const [only] = groups;
  if (planned.kind === "group" && only !== undefined) {
    const rendered = render(only);
    if (rendered.drafts.length <= planned.mostMessages) return { rendered, groupId: planned.group.groupId };
  }
  const acceptedAt = Math.min(...groups.map((group) => group.acceptedAt));
  const { late, urgent } = planned;
  return { rendered: render({ kind: "digest", bot, late, urgent, groups, acceptedAt }), groupId: "" };
}
