// Whether a body says more than one may: the refusal that says so, or null.

import { maxAlerts, maxPairs } from "./limits.ts";
import { isObject, type JsonObject } from "./read-fields.ts";
import type { RefusalCode } from "./refusal.ts";

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
