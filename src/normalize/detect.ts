// Which sender's body this is, decided by its shape. The `version` does not help: there are Alertmanagers that send "1", Grafanas
// that send "4", and many senders without one. Nor does User-Agent, which proxies rewrite.

import { isObject, type JsonObject } from "./read-fields.ts";
import { type BodyRejection, rejectBody } from "./rejection.ts";

export interface DetectedBody {
  readonly kind: "alertmanager" | "grafana" | "grafana-legacy" | "bare-alert";
  readonly body: JsonObject;
  /** The entries of `alerts`, unread; empty for the two shapes that have no such list. */
  readonly alerts: readonly unknown[];
}

export function detectSender(body: unknown): DetectedBody | BodyRejection {
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
export function isGrafanaAlert(alert: unknown): boolean {
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
