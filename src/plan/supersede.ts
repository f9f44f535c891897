// Notifications of one group that waited together, in; one group with the newest state of every alert, out.
// An alert that only an older notification names is kept: nothing accepted is dropped here.

import type { Alert, AlertGroup, NotificationReason } from "../domain/alert.ts";
import { commonPairs, groupStatus } from "../domain/group.ts";
import type { GroupDelivery, RoutedGroup } from "../domain/notification.ts";

export interface WaitingNotification {
  readonly acceptedAt: number;
  /** A notification with the same alerts in the same states was told before. */
  readonly repeat: boolean;
  readonly routed: RoutedGroup;
}

/**
 * The newest notification gives the envelope and the order; for each alert the latest accepted state wins.
 * Latest accepted, not latest by the alert's own times: a firing state must never be hidden by an older recovery
 * whose clock ran ahead.
 *
 * A repeat that waited together with news is news.
 *
 * @param waiting oldest first, at least one
 */
export function supersede(
  waiting: readonly [WaitingNotification, ...WaitingNotification[]],
  { late }: { readonly late: boolean },
): GroupDelivery {
  const newest = waiting.at(-1) ?? waiting[0];
  const groups = waiting.map((notification) => notification.routed.group);
  const alerts = newestStates(groups);
  return {
    kind: "group",
    routed: {
      ...newest.routed,
      group: {
        ...newest.routed.group,
        status: groupStatus(alerts),
        alerts,
        commonLabels: commonPairs(alerts.map((alert) => alert.labels)),
        commonAnnotations: commonPairs(alerts.map((alert) => alert.annotations)),
        notificationReason: mergedReason(groups),
      },
    },
    acceptedAt: waiting[0].acceptedAt,
    recoveredWhileWaiting: recoveredAmong(groups, alerts),
    late,
    repeat: waiting.every((notification) => notification.repeat),
  };
}

/** Alerts of the newest group in the sender's order, then those only older groups name. */
function newestStates(groups: readonly AlertGroup[]): readonly Alert[] {
  const states = new Map<string, Alert>();
  for (const group of [...groups].reverse()) {
    for (const alert of group.alerts) {
      if (!states.has(alert.fingerprint)) states.set(alert.fingerprint, alert);
    }
  }
  return [...states.values()];
}

function recoveredAmong(groups: readonly AlertGroup[], final: readonly Alert[]): readonly string[] {
  const firedWhileWaiting = new Set(
    groups.flatMap((group) =>
      group.alerts.filter((alert) => alert.status === "firing").map((alert) => alert.fingerprint),
    ),
  );
  return final
    .filter((alert) => alert.status === "resolved" && firedWhileWaiting.has(alert.fingerprint))
    .map((alert) => alert.fingerprint);
}

/** A repeat merged with news is news. */
function mergedReason(groups: readonly AlertGroup[]): NotificationReason | null {
  const reasons = groups.map((group) => group.notificationReason);
  const news = reasons.filter((reason) => reason !== "repeat interval elapsed");
  return (news.length > 0 ? news : reasons).at(-1) ?? null;
}
