// One alert of Alertmanager or Grafana. Grafana's fields are Alertmanager's and more, so one reader serves both.

import type { Alert, AlertLinks, AlertStatus } from "../domain/alert.ts";
import { labelsFingerprint } from "./fingerprint.ts";
import { type JsonObject, readAnnotations, readLabels, readNumbers, readStatus, readText } from "./read-fields.ts";
import { readLink } from "./read-link.ts";
import { readTime } from "./read-time.ts";

export interface AlertContext {
  /** For an alert that has no status of its own: what its group says, and firing when the group says nothing. */
  readonly groupStatus: AlertStatus;
  readonly externalURL: string | null;
}

/**
 * endsAt never decides the state. Firing alerts carry a future one (Alertmanager before 0.16, Prometheus), a zero one or 1970;
 * without a clock a future and a past one look the same, and a false "firing" is looked at while a false "resolved" is not.
 */
export function readAlert(alert: JsonObject, context: AlertContext): Alert {
  const status = readStatus(alert.status) ?? context.groupStatus;
  const labels = readLabels(alert.labels);
  const startsAt = readTime(alert.startsAt);
  const endsAt = readTime(alert.endsAt);
  return {
    status,
    labels,
    annotations: readAnnotations(alert.annotations),
    startsAt: startsAt.at,
    endsAt: status === "resolved" ? endsAt.at : null,
    startsAtText: startsAt.text,
    endsAtText: endsAt.text,
    fingerprint: readText(alert.fingerprint) || labelsFingerprint(labels),
    links: readLinks(alert, context.externalURL),
    values: readNumbers(alert.values),
    valueString: readText(alert.valueString),
  };
}

function readLinks(alert: JsonObject, externalURL: string | null): AlertLinks {
  return {
    generatorURL: readLink(alert.generatorURL, externalURL),
    silenceURL: readLink(alert.silenceURL),
    dashboardURL: readLink(alert.dashboardURL),
    panelURL: readLink(alert.panelURL),
    imageURL: readLink(alert.imageURL),
  };
}
