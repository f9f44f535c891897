// Merges the notifications of one group that waited together into one group with the newest state of every alert. An alert that only
// an older notification has is kept: nothing that was accepted is dropped here.

import { type Acknowledgement, acknowledgementOf } from "../domain/action.ts";
import { type AlertGroup, commonOf, firstAlertNames, groupStatus, type NotificationReason } from "../domain/alert.ts";
import type { DeliveredState, DeliveredStates } from "../domain/instance.ts";
import { type MergedAlert, newestStates } from "../domain/newest-states.ts";
import {
  type AlertNews,
  destinationId,
  type GroupDelivery,
  parseRoutedGroup,
  type RoutedGroup,
} from "../domain/notification.ts";
import type { QueuedGroup } from "../outbox/lane.ts";
import { lastDelivered, newsOf } from "./news.ts";

/** What was delivered before, who works on alerts of the bot, and whether the delivery waited too long. */
export interface SupersedeContext {
  readonly delivered: DeliveredStates;
  readonly acknowledgements: readonly Acknowledgement[];
  readonly late: boolean;
}

/**
 * The newest notification gives the envelope; for each instance of an alert the latest accepted state wins. Latest accepted, not
 * latest by the alert's own times: an older recovery whose clock ran ahead must never hide a firing state. News comes first.
 *
 * @param queued oldest first, at least one
 */
export function supersede(
  queued: readonly [QueuedGroup, ...QueuedGroup[]],
  { delivered, acknowledgements, late }: SupersedeContext,
): GroupDelivery {
  const [oldest, ...others] = queued;
  const first = parseRoutedGroup(oldest.body);
  const routed = [first, ...others.map(({ body }) => parseRoutedGroup(body))];
  const newest = routed.at(-1) ?? first;
  const groups = routed.map(({ group }) => group);
  const toDestination = destinationId(newest.destination);
  const merged = newestStates(groups).map((one) => {
    const last = lastDelivered(one.state, toDestination, delivered);
    return { ...one, last, news: newsOf(one.states, last) };
  });
  const ordered = [...merged.filter(({ news }) => news !== "unchanged"), ...merged.filter(isUnchanged)];
  const alerts = ordered.map(({ alert }) => alert);
  return {
    kind: "group",
    routed: {
      ...newest,
      notice: mergedNotice(routed),
      group: {
        ...newest.group,
        status: groupStatus(alerts),
        alerts,
        // `parseRoutedGroup` has added them to a single group.
        ...(others.length === 0 ? {} : commonOf(alerts)),
        notificationReason: mergedReason(groups),
      },
    },
    destinationId: toDestination,
    acceptedAt: oldest.acceptedAt,
    states: ordered.map(({ state }) => state),
    news: ordered.map(({ news }) => news),
    remindedAt: latestOf(ordered.filter(isUnchanged)),
    recoveredWhileWaiting: ordered.flatMap((one, n) => (recoveredMeanwhile(one) ? [n] : [])),
    recoveries: new Map(),
    acknowledgedBy: whoWorksOn(ordered, acknowledgements),
    notificationId: queued.at(-1)?.id ?? oldest.id,
    late,
  };
}

/** One entry for each alert. There may be ten thousand alerts and acknowledgements, so they are matched by identity first. */
function whoWorksOn(alerts: readonly MergedAlert[], acknowledgements: readonly Acknowledgement[]): readonly string[] {
  if (acknowledgements.length === 0) return alerts.map(() => "");
  const given = Map.groupBy(acknowledgements, ({ identity }) => identity);
  return alerts.map(({ state }) => acknowledgementOf(state, given.get(state.identity ?? "") ?? [])?.by ?? "");
}

function isUnchanged({ news }: { readonly news: AlertNews }): boolean {
  return news === "unchanged";
}

function latestOf(unchanged: readonly { readonly last: DeliveredState | null }[]): number | null {
  return unchanged.reduce<number | null>((latest, { last }) => Math.max(latest ?? 0, last?.deliveredAt ?? 0), null);
}

function recoveredMeanwhile({ state, states }: MergedAlert): boolean {
  return state.status === "resolved" && states.some(({ status }) => status === "firing");
}

/** A repeat merged with news is news. */
function mergedReason(groups: readonly AlertGroup[]): NotificationReason | null {
  const reasons = groups.map((group) => group.notificationReason);
  const news = reasons.filter((reason) => reason !== "repeat interval elapsed");
  return (news.length > 0 ? news : reasons).at(-1) ?? null;
}

const mostNotices = 3;

/** Notices about alerts without a newer state. When several groups are merged, each notice names its alerts. */
function mergedNotice(routed: readonly RoutedGroup[]): string {
  if (routed.every(({ notice }) => notice === "")) return "";
  const newer = new Set<string>();
  const notices: string[] = [];
  for (const { notice, group } of routed.toReversed()) {
    const holds = group.alerts.every(({ identity }) => !newer.has(identity));
    if (notice !== "" && holds) notices.unshift(routed.length === 1 ? notice : noticeWithNames(notice, group));
    for (const { identity } of group.alerts) newer.add(identity);
  }
  return [...new Set(notices)].slice(-mostNotices).join("; ");
}

function noticeWithNames(notice: string, { alerts }: AlertGroup): string {
  return `${firstAlertNames(alerts)}: ${notice}`;
}
