// The two identities of a routed group: which group it is, and which state of the group. Hashes, so that the outbox can index them.

import { hash } from "node:crypto";
import type { Alert } from "../domain/alert.ts";
import type { Notification, RoutedGroup } from "../domain/notification.ts";

/**
 * The receiver is part of the group's identity: two receivers reached from routes with the same matchers send the same groupKey
 * (prometheus/alertmanager dispatch/route.go, Key). The sender's externalURL is not: HA peers differ in it.
 * A group that is merged has neither receiver nor groupKey: all groups for one destination are one group.
 * Annotations are not part of the state: a changing value in a summary is no new state.
 */
export function identify(routed: RoutedGroup): Notification {
  const { group, destination, mergeWaitMs } = routed;
  const sent = mergeWaitMs > 0 ? [] : [group.receiver, group.groupKey];
  const groupId = identityHash([group.source, ...sent, destination]);
  const states = group.alerts.map(stateOf).sort();
  const hasStarts = group.alerts.every((alert) => alert.startsAt !== null);
  return { routed, groupId, dedupKey: hasStarts ? identityHash([groupId, states]) : null };
}

function stateOf(alert: Alert): string {
  return `${alert.fingerprint} ${alert.status} ${alert.startsAt}`;
}

/** 128 bits of SHA-256, against accidental collisions only: an attacker who may post can post anything anyway. */
function identityHash(value: unknown): string {
  return hash("sha256", JSON.stringify(value), "base64url").slice(0, 22);
}
