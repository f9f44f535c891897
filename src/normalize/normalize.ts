// Turns the parsed body of any sender into one complete group of alerts, or rejects it.
// Missing fields and odd types inside a known shape are accepted; an unknown shape is not.

import type { AlertGroup } from "../domain/alert.ts";
import { readAlertmanagerGroup } from "./alertmanager.ts";
import { readGrafanaGroup, readLegacyRule } from "./grafana.ts";
import { isObject, type JsonObject } from "./read-fields.ts";
import type { BodyContext } from "./read-times.ts";
import { type BodyRejection, bodyLimits, type RejectionCode, rejectBody } from "./rejection.ts";

/** A body whose shape is known. */
interface DetectedBody {
  readonly kind: "alertmanager" | "grafana" | "grafana-legacy" | "bare-alert";
  readonly body: JsonObject;
  /** The entries of `alerts`, unread; empty for the two shapes that have no such list. */
  readonly alerts: readonly unknown[];
}

export interface NormalizedGroup {
  readonly kind: "group";
  readonly group: AlertGroup;
  readonly shape: DetectedBody["kind"];
  /** Entries of `alerts` that are not objects and were left out. */
  readonly invalidAlerts: number;
}

export type Normalized = NormalizedGroup | BodyRejection;

export function normalize(parsed: unknown, context: BodyContext): Normalized {
  const detected = detectSender(parsed);
  if (detected.kind === "rejected") return detected;
  const tooLarge = exceededLimit(detected);
  if (tooLarge !== null) return rejectBody(tooLarge);
  const { kind, body } = detected;
  switch (kind) {
    case "grafana-legacy":
      return { kind: "group", group: readLegacyRule(body, context), shape: kind, invalidAlerts: 0 };
    case "bare-alert":
      return { kind: "group", group: readBareAlert(body, context), shape: kind, invalidAlerts: 0 };
    case "alertmanager":
    case "grafana":
      return normalizeAlerts(detected, context);
  }
}

/**
 * Which sender's body this is, decided by its shape. The `version` does not help: there are Alertmanagers that send "1", Grafanas
 * that send "4", and many senders without one. Nor does User-Agent, which proxies rewrite.
 */
function detectSender(body: unknown): DetectedBody | BodyRejection {
  if (typeof body === "string" && /^\s*[[{].*[\]}]\s*$/s.test(body)) return rejectBody("double_encoded");
  if (Array.isArray(body)) return rejectBody(body.some(hasLabels) ? "alert_list" : "not_an_object");
  if (!isObject(body)) return rejectBody("not_an_object");

  const { alerts } = body;
  if (Array.isArray(alerts)) return { kind: isGrafana(body, alerts) ? "grafana" : "alertmanager", body, alerts };
  if (isLegacyRule(body)) return { kind: "grafana-legacy", body, alerts: [] };
  if (isBareAlert(body)) return { kind: "bare-alert", body, alerts: [] };

  if (alerts === null) return rejectBody("no_alerts");
  return rejectBody(alerts === undefined ? "unknown_shape" : "alerts_not_a_list");
}

function isGrafana(body: JsonObject, alerts: readonly unknown[]): boolean {
  const isRendered = ["title", "state", "message"].every((name) => typeof body[name] === "string");
  return typeof body.orgId === "number" || isRendered || alerts.some(isGrafanaAlert);
}

/** Grafana writes all of these keys, empty or not; Alertmanager writes none. */
function isGrafanaAlert(alert: unknown): boolean {
  const names = ["silenceURL", "dashboardURL", "values", "valueString"];
  return isObject(alert) && names.some((name) => Object.hasOwn(alert, name));
}

function isLegacyRule(body: JsonObject): boolean {
  return Object.hasOwn(body, "evalMatches") || (isSet(body.ruleName) && isSet(body.state));
}

function isBareAlert(body: JsonObject): boolean {
  return hasLabels(body) && (isSet(body.startsAt) || isSet(body.status));
}

function hasLabels(value: unknown): boolean {
  return isObject(value) && isObject(value.labels);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** No sender means to post a group without alerts: it is rejected, so that the mistake is noticed at the sender. */
function normalizeAlerts({ kind, body, alerts }: DetectedBody, context: BodyContext): Normalized {
  if (alerts.length === 0) return rejectBody("no_alerts");

  const entries = alerts.filter(isObject);
  if (entries.length === 0) return rejectBody("no_valid_alert");

  const read = kind === "grafana" ? readGrafanaGroup : readAlertmanagerGroup;
  const group = read(body, entries, context);
  return { kind: "group", group, shape: kind, invalidAlerts: alerts.length - entries.length };
}

/** A receiver or an externalURL beside the alert's own fields is read as the group's. */
function readBareAlert(alert: JsonObject, context: BodyContext): AlertGroup {
  const read = isGrafanaAlert(alert) ? readGrafanaGroup : readAlertmanagerGroup;
  return read(alert, [alert], context);
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
