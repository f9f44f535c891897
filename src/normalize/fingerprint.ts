// Identities that the sender did not give, or gave twice. Equal input has an equal identity in every process.

import { hash } from "node:crypto";
import type { Alert, LabelSet } from "../domain/alert.ts";

/** 16 hex digits, the form of Alertmanager's own (64 bits of SHA-256, not its FNV: the two are never compared). */
export function fingerprintOf(parts: unknown): string {
  return hash("sha256", JSON.stringify(parts), "hex").slice(0, 16);
}

export function labelsFingerprint(labels: LabelSet): string {
  return fingerprintOf(sortedPairs(labels));
}

/** By the UTF-16 units of the names: any order will do as long as it is always the same. */
export function sortedPairs(labels: LabelSet): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
}

/**
 * The key of a group whose sender gives none (KubeSphere, hand-made bodies): made of the group labels, else of the alerts. The
 * latter changes when an alert joins or leaves, so such groups are delivered one by one instead of merged.
 */
export function deriveGroupKey(groupLabels: LabelSet, alerts: readonly Alert[]): string {
  const pairs = sortedPairs(groupLabels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  if (pairs.length > 0) return `groupLabels:{${pairs.join(", ")}}`;

  return `fingerprints:${fingerprintOf(alerts.map((alert) => alert.fingerprint).sort())}`;
}

/**
 * The fingerprint distinguishes the alerts of a group, so no two may share one. The first alert keeps it; each other one gets a
 * fingerprint made of it and its own labels, and of a count for true copies. So it does not depend on the alerts between them.
 */
export function withDistinctFingerprints(alerts: readonly Alert[]): readonly Alert[] {
  const used = new Set<string>();
  const copies = new Map<string, number>();

  return alerts.map((alert) => {
    const fingerprint = used.has(alert.fingerprint) ? nextCopy(alert, copies) : alert.fingerprint;
    used.add(fingerprint);
    return fingerprint === alert.fingerprint ? alert : { ...alert, fingerprint };
  });
}

function nextCopy(alert: Alert, copies: Map<string, number>): string {
  const base = fingerprintOf([alert.fingerprint, sortedPairs(alert.labels)]);
  const copy = copies.get(base) ?? 0;
  copies.set(base, copy + 1);
  return copy === 0 ? base : fingerprintOf([base, copy]);
}
