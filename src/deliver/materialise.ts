// Shell: carries a plan out up to the outbox. Notifications are fetched, told in words and materialised; nothing is sent. If we die
// before the last of these, nothing has happened.

import type { QueuedDelivery, QueuedText } from "../domain/queued-delivery.ts";
import type { Lease, QueuedGroup } from "../outbox/store.ts";
import type { WaitingGroup } from "../plan/groups.ts";
import type { DeliveryPlan } from "../plan/plan.ts";
import type { LaneOptions, RenderedDelivery } from "./lane-options.ts";
import { RenderAbandoned } from "./render-abandoned.ts";

export async function materialise(options: LaneOptions, lease: Lease, planned: DeliveryPlan): Promise<void> {
  const { ids, groups, plannedAt, rendered } = await renderPlan(options, lease, {
    planned,
    maxBytes: options.deliveryMaxBytes,
  });
  const { parts, missing } = await options.complete(rendered.drafts);

  await options.outbox.plan(lease, {
    mode: rendered.mode,
    groupId: planned.kind === "group" && rendered.kind === "group" ? planned.group.groupId : "",
    urgent: planned.urgent,
    notificationIds: ids,
    alerts: rendered.alerts,
    parts,
    plannedAt,
  });
  options.report({
    kind: "planned",
    bot: lease.bot,
    mode: rendered.mode,
    notifications: ids.length,
    groups,
    kinds: rendered.drafts.map((draft) => draft.kind),
    missingPictures: missing,
    shortenedValues: rendered.shortenedValues,
    templateFailures: rendered.templateFailures,
  });
}

interface ToRender {
  readonly planned: DeliveryPlan;
  readonly maxBytes: number;
}

interface RenderedGroups {
  /** Of the notifications that it tells. */
  readonly ids: readonly number[];
  readonly groups: number;
  readonly plannedAt: number;
  readonly rendered: RenderedDelivery;
}

/** What is too much for the memory there is, is told in smaller deliveries. */
async function renderPlan(
  options: LaneOptions,
  lease: Lease,
  { planned, maxBytes }: ToRender,
): Promise<RenderedGroups> {
  const wanted = planned.kind === "group" ? [planned.group] : planned.groups;
  const all = wanted.flatMap((group) => group.ids);
  const fetched = await options.outbox.groups(lease, { ids: all, maxBytes });
  const groups = textsOf(wanted, fetched);
  if (groups.length === 0) throw new Error(`the outbox has none of the notifications ${all.join(", ")}`);

  const plannedAt = options.clock.now();
  try {
    const rendered = await options.render(waitingOf(planned, groups, lease.bot), plannedAt);
    return { ids: fetched.map(({ id }) => id), groups: groups.length, plannedAt, rendered };
  } catch (cause) {
    if (cause instanceof RenderAbandoned || fetched.length === 1) throw cause;
    return renderPlan(options, lease, { planned, maxBytes: Math.floor(maxBytes / 4) });
  }
}

function textsOf(wanted: readonly WaitingGroup[], fetched: readonly QueuedGroup[]): QueuedDelivery["groups"] {
  const texts = new Map<number, QueuedText>(
    fetched.map(({ id, acceptedAt, repeat, body }) => [id, { acceptedAt, repeat, body }]),
  );
  return wanted.map((group) => group.ids.flatMap((id) => texts.get(id) ?? [])).filter((own) => own.length > 0);
}

function waitingOf(planned: DeliveryPlan, groups: QueuedDelivery["groups"], bot: string): QueuedDelivery {
  const { late, urgent } = planned;
  const mostInFull = planned.kind === "group" ? planned.mostMessages : 0;
  return { bot, late, urgent, groups, mostInFull };
}
