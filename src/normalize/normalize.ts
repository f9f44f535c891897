// Turns the parsed body of any sender into one complete group of alerts, or rejects it.
// Missing fields and odd types inside a known shape are accepted; an unknown shape is not.

import type { AlertGroup } from "../domain/alert.ts";
import { readAlertmanagerGroup } from "./alertmanager.ts";
import { type DetectedBody, detectSender, isGrafanaAlert } from "./detect.ts";
import { readGrafanaGroup, readLegacyRule } from "./grafana.ts";
import { isObject, type JsonObject } from "./read-fields.ts";
import { type BodyRejection, bodyLimits, type RejectionCode, rejectBody } from "./rejection.ts";

export interface NormalizedGroup {
  readonly kind: "group";
  readonly group: AlertGroup;
  readonly shape: DetectedBody["kind"];
  /** Entries of `alerts` that are not objects and were left out. */
  readonly invalidAlerts: number;
}

export type Normalized = NormalizedGroup | BodyRejection;

export function normalize(body: unknown): Normalized {
  const detected = detectSender(body);
  if (detected.kind === "rejected") return detected;
  const tooLarge = exceededLimit(detected);
  if (tooLarge !== null) return rejectBody(tooLarge);
  switch (detected.kind) {
    case "grafana-legacy":
      return { kind: "group", group: readLegacyRule(detected.body), shape: detected.kind, invalidAlerts: 0 };
    case "bare-alert":
      return { kind: "group", group: readBareAlert(detected.body), shape: detected.kind, invalidAlerts: 0 };
    case "alertmanager":
    case "grafana":
      return normalizeAlerts(detected);
  }
}

/** No sender means to post a group without alerts: it is rejected, so that the mistake is noticed at the sender. */
function normalizeAlerts({ kind, body, alerts }: DetectedBody): Normalized {
  if (alerts.length === 0) return rejectBody("no_alerts");

  const entries = alerts.filter(isObject);
  if (entries.length === 0) return rejectBody("no_valid_alert");

  const group = kind === "grafana" ? readGrafanaGroup(body, entries) : readAlertmanagerGroup(body, entries);
  return { kind: "group", group, shape: kind, invalidAlerts: alerts.length - entries.length };
}

/** A receiver or an externalURL beside the alert's own fields is read as the group's. */
function readBareAlert(alert: JsonObject): AlertGroup {
  return isGrafanaAlert(alert) ? readGrafanaGroup(alert, [alert]) : readAlertmanagerGroup(alert, [alert]);
}

const limitedMaps = [
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

function exceededLimit({ body, alerts }: DetectedBody): RejectionCode | null {
  if (alerts.length > bodyLimits.alerts) return "too_many_alerts";
  return [body, ...alerts].some((one) => isObject(one) && hasTooLargeMap(one)) ? "too_many_labels" : null;
}

function hasTooLargeMap(object: JsonObject): boolean {
  return limitedMaps.some((name) => {
    const value = object[name];
    return typeof value === "object" && value !== null && Object.keys(value).length > bodyLimits.pairs;
  });
}
