// Identities that the sender did not give, or gave twice. Equal input has an equal identity in every process.

import { hash } from "node:crypto";
import type { Alert, LabelSet } from "../domain/alert.ts";
import { alertIdentity, identityHash } from "../domain/instance.ts";

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

  return `alerts:${fingerprintOf(alerts.map(({ identity }) => identity).sort())}`;
}

/** Copies in one body may differ in all else, so none of them replaces another: each one but the first has a number. */
export function withIdentities(alerts: readonly Omit<Alert, "identity">[]): readonly Alert[] {
  const copies = new Map<string, number>();
  return alerts.map((alert) => {
    const identity = alertIdentity(alert);
    const copy = copies.get(identity) ?? 0;
    copies.set(identity, copy + 1);
    return { ...alert, identity: copy === 0 ? identity : identityHash([identity, copy]) };
  });
}
