// Complete alerts and groups. A test gives only the fields that it is about.

import { type Alert, type AlertGroup, unsentAlert } from "../../src/domain/alert.ts";
import { alertIdentity } from "../../src/domain/instance.ts";

/** Fires, without times. Its fingerprint and identity are those of its labels. */
export function completeAlert(alert: Partial<Alert> = {}): Alert {
  const { labels = { alertname: "DiskFull", instance: "node-1" }, fingerprint = JSON.stringify(labels) } = alert;
  return { ...unsentAlert(labels), fingerprint, identity: alertIdentity({ fingerprint, labels }), ...alert };
}

/** Of Alertmanager; it fires while one of its alerts does. */
export function completeGroup(alerts: readonly Alert[], group: Partial<AlertGroup> = {}): AlertGroup {
  return {
    source: "alertmanager",
    receiver: "wecom",
    status: alerts.some((alert) => alert.status === "firing") ? "firing" : "resolved",
    alerts,
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    routeLabels: {},
    externalURL: null,
    alertmanager: null,
    groupKey: "{}:{}",
    truncatedAlerts: 0,
    notificationReason: null,
    title: "",
    message: "",
    lossyBody: null,
    ...group,
  };
}
