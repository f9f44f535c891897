// The webhook body of Alertmanager, version 4 and its predecessors, and of all that imitate it
// (prometheus/alertmanager notify/webhook/webhook.go, template/template.go).

import type { AlertGroup, NotificationReason } from "../domain/alert.ts";
import { groupStatus } from "../domain/group.ts";
import { readCommon } from "./common-labels.ts";
import { withDistinctFingerprints } from "./fingerprint.ts";
import { deriveGroupKey } from "./group-key.ts";
import { readAlert } from "./read-alert.ts";
import { type JsonObject, readAnnotations, readCount, readLabels, readStatus, readText } from "./read-fields.ts";
import { readLink } from "./read-link.ts";
import { unquoteReceiver } from "./receiver-name.ts";

export function readAlertmanagerGroup(body: JsonObject, entries: readonly JsonObject[]): AlertGroup {
  const externalURL = readLink(body.externalURL);
  const context = { groupStatus: readStatus(body.status) ?? readStatus(body.state) ?? "firing", externalURL };
  const alerts = withDistinctFingerprints(entries.map((entry) => readAlert(entry, context)));
  const labels = alerts.map((alert) => alert.labels);
  const annotations = alerts.map((alert) => alert.annotations);
  const groupLabels = readLabels(body.groupLabels);
  return {
    source: "alertmanager",
    receiver: unquoteReceiver(readText(body.receiver)),
    status: groupStatus(alerts),
    alerts,
    groupLabels,
    commonLabels: readCommon(readLabels(body.commonLabels), labels),
    commonAnnotations: readCommon(readAnnotations(body.commonAnnotations), annotations),
    routeLabels: readLabels(body.routeLabels),
    externalURL,
    groupKey: readGroupKey(body.groupKey) || deriveGroupKey(groupLabels, alerts),
    truncatedAlerts: readCount(body.truncatedAlerts),
    notificationReason: readReason(body.notification_reason),
    title: "",
    message: "",
  };
}

/** Early senders wrote a number; 0 is one that was never set, and would make all their groups one. */
function readGroupKey(value: unknown): string {
  return value === 0 ? "" : readText(value);
}

const reasons: ReadonlySet<string> = new Set<NotificationReason>([
  "first notification",
  "new alerts added",
  "some alerts resolved",
  "all alerts resolved",
  "repeat interval elapsed",
  "unknown",
  "none",
]);

/** A reason that a later Alertmanager invents is `unknown`; a sender that gives none has none. */
function readReason(value: unknown): NotificationReason | null {
  const text = readText(value);
  if (text === "") return null;

  return isReason(text) ? text : "unknown";
}

function isReason(text: string): text is NotificationReason {
  return reasons.has(text);
}
