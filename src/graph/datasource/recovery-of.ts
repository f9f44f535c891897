// Whether a resolved alert recovered by its value. Says nothing where it is not certain: a guess would be read as a measurement.

import type { Alert } from "../../domain/alert.ts";
import type { Recovery } from "../../domain/recovery.ts";
import type { Expression, Threshold } from "../expression.ts";
import { unitOf } from "../unit.ts";
import { comparisonSigns, valueTexts } from "../value-text.ts";
import type { FindSeries } from "./alert-series.ts";

/** Scrape and evaluation of a rule are seconds apart. */
const settledAfterMs = 5_000;

/** When the recovery can be seen: a little after the end, but not in the future. */
export function recoverySeenAt(endsAt: number, now: number): number {
  return Math.max(endsAt, Math.min(endsAt + settledAfterMs, now));
}

/** Grafana sends values of its own. Other reasons for a state than the values are no recovery. */
export function mayHaveRecovered({ status, endsAt, values, annotations }: Alert): boolean {
  const isOfGrafana = values !== null || Object.hasOwn(annotations, "grafana_state_reason");
  return status === "resolved" && endsAt !== null && !isOfGrafana;
}

/** `absent`: the alert has no series there. Null: unknown. */
export type FoundRecovery = Recovery | "absent" | null;

/**
 * From the answer for the time of recovery. Whether an absent series ever was there, the answer for its start says.
 */
export function recoveryFrom(
  find: FindSeries,
  { labels }: Pick<Alert, "labels">,
  { draw, thresholds, filtered }: Expression,
): FoundRecovery {
  const [own, ...others] = find(labels);
  // `count(up == 0)` ends where nothing is down any more.
  if (own === undefined) return filtered ? null : "absent";
  const [at, value] = own.points.at(-1) ?? [0, Number.NaN];
  if (others.length > 0 || Number.isNaN(value)) return null;
  const [text = "", ...limits] = valueTexts([value, ...thresholds.map((one) => one.value)], unitOf(draw));
  return {
    kind: "value",
    value: text,
    thresholds: thresholds.map(({ op }, n) => `${comparisonSigns[op]} ${limits[n]}`),
    at,
    isBreaching: thresholds.every((threshold) => isOver(value, threshold)),
  };
}

function isOver(value: number, { op, value: limit }: Threshold): boolean {
  switch (op) {
    case "==":
      return value === limit;
    case "!=":
      return value !== limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
  }
}
