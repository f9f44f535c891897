// Carries out a plan up to the outbox: fetches the notifications, renders them and stores the bodies. Nothing is sent. If we die before
// the bodies are stored, nothing has happened.

import type { Acknowledgement } from "../domain/action.ts";
import type { DeliveryNotes, HistoryFlag } from "../domain/history.ts";
import { type DeliveryMode, identitiesIn } from "../domain/notification.ts";
import type { HeldLane, QueuedGroup } from "../outbox/lane.ts";
import type { DeliveryPlan, WaitingGroup } from "../plan/plan.ts";
import type { WantedPicture } from "../render/message-draft.ts";
import { ThreadClosed } from "../threads/question-thread.ts";
import { kindOf } from "../wecom/message.ts";
import type { LaneOptions } from "./lane-options.ts";
import { waitForRecoveries } from "./recovery-wait.ts";
import type { RenderedRequest } from "./renderer.ts";

export interface Materialised {
  /**
   * Resolves when the bodies are on disk, with the id of the delivery; null when nothing needs a message. The lane goes on before: its
   * next write is stored together with them.
   */
  readonly stored: Promise<number | null>;
  readonly mode: DeliveryMode;
  /** These are not stored. */
  readonly wanted: readonly WantedPicture[];
}

export async function materialise(options: LaneOptions, lane: HeldLane, planned: DeliveryPlan): Promise<Materialised> {
  const { report, deliveryMaxBytes } = options.process;
  const { rendered, ...batch } = await renderPlan(options, lane, { planned, maxBytes: deliveryMaxBytes });
  const required = rendered.parts.filter(({ picture }) => picture === null);
  const suppressed = new Set(rendered.suppressed);
  const notificationIds = batch.notificationIds.filter((id) => !suppressed.has(id));
  // Messages of one group have the link of its newest notification (plan/supersede.ts); digests have none.
  const isLinked = options.settings.hasLinks && batch.groups === 1;
  const planning = lane.plan({
    mode: rendered.mode,
    urgent: planned.urgent,
    notificationIds,
    suppressedIds: rendered.suppressed,
    states: rendered.states,
    alerts: rendered.alerts,
    linkedId: isLinked ? (notificationIds.at(-1) ?? null) : null,
    parts: required.map(({ message, media }) => ({ body: JSON.stringify(message), media })),
    plannedAt: batch.plannedAt,
    notes: deliveryNotes(rendered),
  });
  const reportPlanned = (delivery: number | null) => {
    report({
      kind: "planned",
      bot: lane.bot,
      delivery,
      names: rendered.names,
      mode: rendered.mode,
      notifications: batch.notificationIds.length,
      groups: batch.groups,
      kinds: required.map(({ message }) => kindOf(message)),
      shortenedValues: rendered.shortenedValues,
      unmentionable: rendered.unmentionable,
      templateFailures: rendered.templateFailures,
    });
    return delivery;
  };
  const wanted = rendered.parts.flatMap(({ picture }) => picture ?? []);
  return { stored: planning.then(reportPlanned), mode: rendered.mode, wanted };
}

function deliveryNotes(rendered: RenderedRequest): DeliveryNotes {
  const { mentioned, unmentionable, templateFailures, shortenedValues } = rendered;
  const flags: readonly HistoryFlag[] = shortenedValues > 0 ? ["shortened"] : [];
  return { mentions: { mentioned, notFound: unmentionable }, templateFailures, flags };
}

interface PlanBatch {
  readonly planned: DeliveryPlan;
  readonly maxBytes: number;
}

interface RenderedBatch {
  readonly notificationIds: readonly number[];
  readonly groups: number;
  readonly plannedAt: number;
  readonly rendered: RenderedRequest;
}

/** If rendering fails, most likely because memory ran out, a quarter of the bytes is tried, down to one notification. */
async function renderPlan(
  options: LaneOptions,
  lane: HeldLane,
  { planned, maxBytes }: PlanBatch,
): Promise<RenderedBatch> {
  const { clock } = options.process;
  const wanted = planned.kind === "group" ? [planned.group] : planned.groups;
  const ids = wanted.flatMap((group) => group.ids);
  const fetched = await lane.groups({ ids, maxBytes });
  const groups = byGroup(wanted, fetched);
  if (groups.length === 0) throw new Error(`the outbox has none of the notifications ${ids.join(", ")}`);

  const plannedAt = clock.now();
  const { late, urgent } = planned;
  const mostInFull = planned.kind === "group" ? planned.mostInFull : 0;
  const request = {
    bot: lane.bot,
    late,
    urgent,
    mostInFull,
    groups,
    delivered: lane.delivered(),
    recoveries: new Map(),
    acknowledgements: await acknowledgementsOf(options, lane, fetched),
    plannedAt,
    wallAt: clock.wall(),
  };
  const recoveries = await waitForRecoveries(options, lane, { planned, request });
  try {
    const rendered = await options.bodies.render({ ...request, recoveries });
    return { notificationIds: fetched.map(({ id }) => id), groups: groups.length, plannedAt, rendered };
  } catch (cause) {
    if (cause instanceof ThreadClosed || fetched.length === 1) throw cause;
    return renderPlan(options, lane, { planned, maxBytes: Math.floor(maxBytes / 4) });
  }
}

/** Searching more bodies takes longer than the query. */
const mostBodiesSearched = 20;

/**
 * Only where somebody may have acknowledged an alert: one that was delivered before. If that cannot be read, the alert is delivered
 * without it.
 */
async function acknowledgementsOf(
  { settings, process }: LaneOptions,
  lane: HeldLane,
  fetched: readonly QueuedGroup[],
): Promise<readonly Acknowledgement[]> {
  if (!settings.hasLinks) return [];
  const known = [...lane.delivered().values()];
  const wasDelivered = (identity: string) => known.some((states) => states.has(identity));
  const mayBe =
    fetched.length > mostBodiesSearched || fetched.some(({ body }) => identitiesIn(body).some(wasDelivered));
  if (!mayBe) return [];
  return process.outbox.acknowledgements({ bot: lane.bot, now: process.clock.now() }).catch(() => []);
}

function byGroup(
  wanted: readonly WaitingGroup[],
  fetched: readonly QueuedGroup[],
): readonly (readonly QueuedGroup[])[] {
  const byId = new Map(fetched.map((one) => [one.id, one]));
  return wanted.map((group) => group.ids.flatMap((id) => byId.get(id) ?? [])).filter((own) => own.length > 0);
}
