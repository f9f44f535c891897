// Which sender's body this is, told by its shape. Not by `version`: there are Alertmanagers that send "1", Grafanas that send "4",
// and many that send none; nor by User-Agent, which proxies rewrite.

import { isObject, type JsonObject } from "./read-fields.ts";
import { type Refusal, refuse } from "./refusal.ts";

export type Detected =
  | { readonly kind: "alertmanager" | "grafana"; readonly body: JsonObject; readonly alerts: readonly unknown[] }
  | { readonly kind: "grafana-legacy"; readonly body: JsonObject }
  | { readonly kind: "bare-alert"; readonly body: JsonObject }
  | Refusal;

export function detect(body: unknown): Detected {
  if (Array.isArray(body)) return refuse(body.some(hasLabels) ? "alert_list" : "not_an_object");
  if (!isObject(body)) return refuse("not_an_object");

  const { alerts } = body;
  if (Array.isArray(alerts)) return { kind: isGrafana(body, alerts) ? "grafana" : "alertmanager", body, alerts };
  if (isLegacyRule(body)) return { kind: "grafana-legacy", body };
  if (isBareAlert(body)) return { kind: "bare-alert", body };

  if (alerts === null) return refuse("no_alerts");
  return refuse(alerts === undefined ? "unknown_shape" : "alerts_not_a_list");
}

function isGrafana(body: JsonObject, alerts: readonly unknown[]): boolean {
  const isRendered = ["title", "state", "message"].every((name) => typeof body[name] === "string");
  return typeof body.orgId === "number" || isRendered || alerts.some(isGrafanaAlert);
}

/** Alertmanager writes none of these keys, Grafana all of them, empty or not. */
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
