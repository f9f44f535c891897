// How much one body may say. No sender comes near these numbers; a body that passes them would hold up everybody else's alerts
// while it is read and rendered, so it is refused as a whole.

import { isObject, type JsonObject } from "./read-fields.ts";
import type { RefusalCode } from "./refusal.ts";

/** About 2 s of reading and rendering. */
export const maxAlerts = 20_000;

/** Of one map of labels, annotations or values. Rendering looks at each pair several times. */
export const maxPairs = 1_000;

const maps = [
  "labels",
  "annotations",
  "values",
  "tags",
  "evalMatches",
  "groupLabels",
  "commonLabels",
  "commonAnnotations",
  "routeLabels",
] as const;

export function excess(body: JsonObject, alerts: readonly unknown[]): RefusalCode | null {
  if (alerts.length > maxAlerts) return "too_many_alerts";
  return [body, ...alerts].some((one) => isObject(one) && isCrowded(one)) ? "too_many_labels" : null;
}

function isCrowded(object: JsonObject): boolean {
  return maps.some((name) => {
    const value = object[name];
    return typeof value === "object" && value !== null && Object.keys(value).length > maxPairs;
  });
}
