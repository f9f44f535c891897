// The group's key for senders that give none (KubeSphere, hand-made bodies). Alertmanager's are kept as they are.

import type { Alert, LabelSet } from "../domain/alert.ts";
import { digest, sortedPairs } from "./fingerprint.ts";

/**
 * From the labels the sender grouped by; without them from the alerts themselves. The latter changes when an alert joins or
 * leaves, so such groups are told one by one instead of merged.
 */
export function deriveGroupKey(groupLabels: LabelSet, alerts: readonly Alert[]): string {
  const pairs = sortedPairs(groupLabels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  if (pairs.length > 0) return `groupLabels:{${pairs.join(", ")}}`;

  return `fingerprints:${digest(alerts.map((alert) => alert.fingerprint).sort())}`;
}
