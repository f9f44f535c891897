// The two identities of a routed group: which group it is, and which state of the group. Hashes, so that the outbox can index them.

import type { Alert } from "../domain/alert.ts";
import { identityHash } from "../domain/instance.ts";
import type { Notification, RoutedGroup } from "../domain/notification.ts";

/**
 * The receiver is part of the group's identity: two receivers reached from routes with the same matchers send the same groupKey
 * (prometheus/alertmanager dispatch/route.go, Key). The sender's externalURL is not: HA peers differ in it.
 * The entry of `alertmanagers` that sent it is part of the state: an equal alert of another cluster is another alert.
 * A group that is merged has neither receiver nor groupKey: all groups for one destination are one group.
 * Annotations are not part of the state: a changing value in a summary is no new state.
 * Different texts decode with losses to the same text, so the bytes of such a body are part of the group's identity, and its
 * notifications are never duplicates.
 */
export function identify(routed: RoutedGroup): Notification {
  const { group, destination, mergeWaitMs } = routed;
  const sent = mergeWaitMs > 0 ? [] : [group.receiver, group.groupKey];
  const groupId = identityHash([
    group.source,
    ...sent,
    destination,
    ...(group.lossyBody === null ? [] : [group.lossyBody]),
  ]);
  const states = group.alerts.map(stateOf).sort();
  const isExact = group.lossyBody === null && group.alerts.every((alert) => alert.startsAt !== null);
  const sentBy = group.alertmanager === null ? [] : [group.alertmanager];
  return { routed, groupId, dedupKey: isExact ? identityHash([groupId, states, ...sentBy]) : null };
}

function stateOf(alert: Alert): string {
  return `${alert.identity} ${alert.status} ${alert.startsAt}`;
}
