// Merges the notifications of one group that waited together into one group with the newest state of every alert. An alert that only
// an older notification has is kept: nothing that was accepted is dropped here.

import { type Alert, type AlertGroup, commonPairs, groupStatus, type NotificationReason } from "../domain/alert.ts";
import { type GroupDelivery, parseRoutedGroup } from "../domain/notification.ts";
import type { QueuedGroup } from "../outbox/store.ts";

/**
 * The newest notification gives the envelope and the order; for each alert the latest accepted state wins. Latest accepted, not
 * latest by the alert's own times: an older recovery whose clock ran ahead must never hide a firing state.
 *
 * A repeat that waited together with news is news.
 *
 * @param queued oldest first, at least one
 */
export function supersede(
  queued: readonly [QueuedGroup, ...QueuedGroup[]],
  { late }: { readonly late: boolean },
): GroupDelivery {
  const [oldest, ...others] = queued;
  const first = parseRoutedGroup(oldest.body);
  const routed = [first, ...others.map(({ body }) => parseRoutedGroup(body))];
  const newest = routed.at(-1) ?? first;
  const groups = routed.map(({ group }) => group);
  const alerts = newestStates(groups);
  return {
    kind: "group",
    routed: {
      ...newest,
      group: {
        ...newest.group,
        status: groupStatus(alerts),
        alerts,
        commonLabels: commonPairs(alerts.map((alert) => alert.labels)),
        commonAnnotations: commonPairs(alerts.map((alert) => alert.annotations)),
        notificationReason: mergedReason(groups),
      },
    },
    acceptedAt: oldest.acceptedAt,
    recoveredWhileWaiting: recoveredAmong(groups, alerts),
    late,
    repeat: queued.every((notification) => notification.repeat),
  };
}

/** Alerts of the newest group in the sender's order, then those that only older groups have. */
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
