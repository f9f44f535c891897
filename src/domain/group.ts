import type { AlertStatus, LabelSet } from "./alert.ts";

/** The pairs that every set holds, in the order of the first; none when there are no sets. Linear in the number of pairs. */
export function commonPairs(sets: readonly LabelSet[]): LabelSet {
  const [first = {}, ...others] = sets;
  if (others.length === 0) return { ...first };
  let shared = Object.entries(first);

  for (const set of others) {
    if (shared.length === 0) break;
    shared = shared.filter(([name, value]) => Object.hasOwn(set, name) && set[name] === value);
  }

  return Object.fromEntries(shared);
}

/** `firing` when any alert fires. */
export function groupStatus(alerts: readonly { readonly status: AlertStatus }[]): AlertStatus {
  return alerts.some((alert) => alert.status === "firing") ? "firing" : "resolved";
}
