// Identities for alerts whose sender gave none, or gave the same one twice. Equal input, equal identity, in every process.

import { hash } from "node:crypto";
import type { Alert, LabelSet } from "../domain/alert.ts";

/** 16 hex digits, the form of Alertmanager's own (64 bits of SHA-256, not its FNV: the two are never compared). */
export function digest(parts: unknown): string {
  return hash("sha256", JSON.stringify(parts), "hex").slice(0, 16);
}

export function labelsFingerprint(labels: LabelSet): string {
  return digest(sortedPairs(labels));
}

/** In code unit order of the names: any order will do as long as it is always the same. */
export function sortedPairs(labels: LabelSet): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
}

/**
 * Alerts of one group are told apart by fingerprint, so no two may share one. The first of them keeps it; the others get one
 * made of it and their labels, and a count for true copies, so that it does not depend on which others stand between.
 */
export function withDistinctFingerprints(alerts: readonly Alert[]): readonly Alert[] {
  const taken = new Set<string>();
  const copies = new Map<string, number>();

  return alerts.map((alert) => {
    const fingerprint = taken.has(alert.fingerprint) ? nextCopy(alert, copies) : alert.fingerprint;
    taken.add(fingerprint);
    return fingerprint === alert.fingerprint ? alert : { ...alert, fingerprint };
  });
}

function nextCopy(alert: Alert, copies: Map<string, number>): string {
  const base = digest([alert.fingerprint, sortedPairs(alert.labels)]);
  const copy = copies.get(base) ?? 0;
  copies.set(base, copy + 1);
  return copy === 0 ? base : digest([base, copy]);
}
