// Shell: carries a plan out up to the outbox. Notifications are fetched, told in words and materialised; nothing is sent. If we die
// before the last of these, nothing has happened.

import type { WaitingTelling, WaitingText } from "../domain/waiting-telling.ts";
import type { Lease, PendingGroup } from "../outbox/store.ts";
import type { WaitingGroup } from "../plan/groups.ts";
import type { PlannedTelling } from "../plan/plan.ts";
import type { LaneOptions, RenderedTelling } from "./lane-options.ts";
import { TellingAbandoned } from "./telling-abandoned.ts";

export async function tell(options: LaneOptions, lease: Lease, planned: PlannedTelling): Promise<void> {
  const { ids, groups, plannedAt, rendered } = await inWords(options, lease, {
    planned,
    maxBytes: options.tellingBytes,
  });
  const { parts, missing } = await options.complete(rendered.drafts);

  await options.outbox.plan(lease, {
    form: rendered.form,
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
    form: rendered.form,
    notifications: ids.length,
    groups,
    kinds: rendered.drafts.map((draft) => draft.kind),
    missingPictures: missing,
    shortenedValues: rendered.shortenedValues,
    templateFailures: rendered.templateFailures,
  });
}

interface ToTell {
  readonly planned: PlannedTelling;
  readonly maxBytes: number;
}

interface InWords {
  /** Of the notifications that it tells. */
  readonly ids: readonly number[];
  readonly groups: number;
  readonly plannedAt: number;
  readonly rendered: RenderedTelling;
}

/** What is too much for the memory there is, is told in smaller tellings. */
async function inWords(options: LaneOptions, lease: Lease, { planned, maxBytes }: ToTell): Promise<InWords> {
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
    if (cause instanceof TellingAbandoned || fetched.length === 1) throw cause;
    return inWords(options, lease, { planned, maxBytes: Math.floor(maxBytes / 4) });
  }
}

function textsOf(wanted: readonly WaitingGroup[], fetched: readonly PendingGroup[]): WaitingTelling["groups"] {
  const texts = new Map<number, WaitingText>(
    fetched.map(({ id, acceptedAt, repeat, body }) => [id, { acceptedAt, repeat, body }]),
  );
  return wanted.map((group) => group.ids.flatMap((id) => texts.get(id) ?? [])).filter((own) => own.length > 0);
}

function waitingOf(planned: PlannedTelling, groups: WaitingTelling["groups"], bot: string): WaitingTelling {
  const { late, urgent } = planned;
  const mostInFull = planned.kind === "group" ? planned.mostMessages : 0;
  return { bot, late, urgent, groups, mostInFull };
}
