// In: a parsed webhook body of any sender. Out: one complete group of alerts, or a refusal that says what was expected.
// Lenient about what is missing or oddly typed inside a known shape, strict about the shape itself.

import type { AlertGroup } from "../domain/alert.ts";
import { readAlertmanagerGroup } from "./alertmanager.ts";
import { detect, isGrafanaAlert } from "./detect.ts";
import { excess } from "./excess.ts";
import { readGrafanaGroup } from "./grafana.ts";
import { readLegacyRule } from "./grafana-legacy.ts";
import { isObject, type JsonObject } from "./read-fields.ts";
import { type Refusal, refuse } from "./refusal.ts";

export type Shape = "alertmanager" | "grafana" | "grafana-legacy" | "bare-alert";

export interface NormalizedGroup {
  readonly kind: "group";
  readonly group: AlertGroup;
  readonly shape: Shape;
  /** Entries of `alerts` that were no objects and are left out. */
  readonly invalidAlerts: number;
}

export type Normalized = NormalizedGroup | Refusal;

type ReadGroup = (body: JsonObject, entries: readonly JsonObject[]) => AlertGroup;

export function normalize(body: unknown): Normalized {
  const detected = detect(body);
  if (detected.kind === "refused") return detected;
  const tooMuch = excess(
    detected.body,
    detected.kind === "alertmanager" || detected.kind === "grafana" ? detected.alerts : [],
  );
  if (tooMuch !== null) return refuse(tooMuch);
  switch (detected.kind) {
    case "grafana-legacy":
      return { kind: "group", group: readLegacyRule(detected.body), shape: "grafana-legacy", invalidAlerts: 0 };
    case "bare-alert":
      return { kind: "group", group: readBareAlert(detected.body), shape: "bare-alert", invalidAlerts: 0 };
    case "alertmanager":
      return normalizeAlerts(detected, readAlertmanagerGroup);
    case "grafana":
      return normalizeAlerts(detected, readGrafanaGroup);
  }
}

interface AlertsBody {
  readonly kind: "alertmanager" | "grafana";
  readonly body: JsonObject;
  readonly alerts: readonly unknown[];
}

/** A group without alerts tells nothing and no sender means to post one: refused, so that the mistake shows at the sender. */
function normalizeAlerts({ kind, body, alerts }: AlertsBody, readGroup: ReadGroup): Normalized {
  if (alerts.length === 0) return refuse("no_alerts");

  const entries = alerts.filter(isObject);
  if (entries.length === 0) return refuse("no_valid_alert");

  return { kind: "group", group: readGroup(body, entries), shape: kind, invalidAlerts: alerts.length - entries.length };
}

/** The alert is its own envelope: should it carry a receiver or an externalURL, they count. */
function readBareAlert(alert: JsonObject): AlertGroup {
  return isGrafanaAlert(alert) ? readGrafanaGroup(alert, [alert]) : readAlertmanagerGroup(alert, [alert]);
}
