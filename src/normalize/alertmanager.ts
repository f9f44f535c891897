// The webhook body of Alertmanager, version 4 and before, and of senders that imitate it
// (prometheus/alertmanager notify/webhook/webhook.go, template/template.go).

import {
  type Alert,
  type AlertGroup,
  type AlertStatus,
  commonPairs,
  groupStatus,
  type LabelSet,
  type NotificationReason,
} from "../domain/alert.ts";
import { deriveGroupKey, labelsFingerprint, withIdentities } from "./fingerprint.ts";
import {
  type JsonObject,
  readAnnotations,
  readCount,
  readLabelSet,
  readLink,
  readNumbers,
  readStatus,
  readStringField,
} from "./read-fields.ts";
import { type BodyContext, readTime } from "./read-times.ts";

export function readAlertmanagerGroup(
  body: JsonObject,
  entries: readonly JsonObject[],
  context: BodyContext,
): AlertGroup {
  const externalURL = readLink(body.externalURL);
  const status = readStatus(body.status) ?? readStatus(body.state) ?? "firing";
  const alerts = withIdentities(entries.map((entry) => readAlert(entry, { status, externalURL }, context)));
  const labels = alerts.map((alert) => alert.labels);
  const annotations = alerts.map((alert) => alert.annotations);
  const groupLabels = readLabelSet(body.groupLabels);
  return {
    source: "alertmanager",
    receiver: unquoteReceiver(readStringField(body.receiver)),
    status: groupStatus(alerts),
    alerts,
    groupLabels,
    commonLabels: readCommon(readLabelSet(body.commonLabels), labels),
    commonAnnotations: readCommon(readAnnotations(body.commonAnnotations), annotations),
    routeLabels: readLabelSet(body.routeLabels),
    externalURL,
    alertmanager: context.alertmanagerOf(externalURL),
    groupKey: readGroupKey(body.groupKey) || deriveGroupKey(groupLabels, alerts),
    truncatedAlerts: readCount(body.truncatedAlerts),
    notificationReason: readReason(body.notification_reason),
    title: "",
    message: "",
    lossyBody: context.lossyBody,
  };
}

interface GroupFields {
  readonly status: AlertStatus;
  readonly externalURL: string | null;
}

/** Clocks differ by less; the clocks of two time zones by at least 15 minutes. */
const maxAheadMs = 5 * 60_000;

/**
 * One alert of Alertmanager or Grafana, whose fields are Alertmanager's and more. An alert without a status has its group's.
 *
 * endsAt does not decide the state. Firing alerts carry a future one (Alertmanager before 0.16, Prometheus), a zero one or 1970;
 * the sender's clock may be wrong, and a false "firing" is looked at while a false "resolved" is not.
 */
function readAlert(alert: JsonObject, group: GroupFields, context: BodyContext): Omit<Alert, "identity"> {
  const status = readStatus(alert.status) ?? group.status;
  const labels = readLabelSet(alert.labels);
  const startsAt = readTime(alert.startsAt, context.offsetAt);
  const endsAt = readTime(alert.endsAt, context.offsetAt);
  const times = status === "resolved" ? [startsAt, endsAt] : [startsAt];
  return {
    status,
    labels,
    annotations: readAnnotations(alert.annotations),
    startsAt: startsAt.at,
    endsAt: status === "resolved" ? endsAt.at : null,
    startsAtText: startsAt.text,
    endsAtText: endsAt.text,
    unreadTimes: times.flatMap(({ unread }) => (unread === null ? [] : [unread])),
    timesAhead: times.some(({ at }) => at !== null && at > context.receivedAt + maxAheadMs),
    fingerprint: readStringField(alert.fingerprint) || labelsFingerprint(labels),
    links: {
      generatorURL: readLink(alert.generatorURL, group.externalURL),
      silenceURL: readLink(alert.silenceURL),
      dashboardURL: readLink(alert.dashboardURL),
      panelURL: readLink(alert.panelURL),
      imageURL: readLink(alert.imageURL),
    },
    values: readNumbers(alert.values),
    valueString: readStringField(alert.valueString),
  };
}

/**
 * What all alerts share, and what the sender calls common where no alert contradicts it: some senders omit the common pairs, and
 * hand-made bodies contradict themselves. Linear in the number of pairs.
 */
function readCommon(sent: LabelSet, sets: readonly LabelSet[]): LabelSet {
  const common = commonPairs(sets);
  const undisputed = new Map(Object.entries(sent).filter(([name]) => !Object.hasOwn(common, name)));
  // Always so for a body of Alertmanager itself.
  if (undisputed.size === 0) return common;

  for (const set of sets) {
    for (const [name, value] of Object.entries(set)) {
      if (undisputed.get(name) !== value) undisputed.delete(name);
    }
  }

  return Object.fromEntries([...undisputed, ...Object.entries(common)]);
}

const quotedCharacter = /\\([\\.+*?()|[\]{}^$])/g;

/**
 * The name as the operator wrote it. Alertmanager and Grafana send it through Go's regexp.QuoteMeta: `team (prod)` arrives as
 * `team \(prod\)` (prometheus/alertmanager notify/util.go, GetTemplateData).
 */
export function unquoteReceiver(receiver: string): string {
  return receiver.replace(quotedCharacter, "$1");
}

/** Early senders wrote a number. 0 was never set, and would make one group of all their groups. */
function readGroupKey(value: unknown): string {
  return value === 0 ? "" : readStringField(value);
}

const knownReasons: readonly NotificationReason[] = [
  "first notification",
  "new alerts added",
  "some alerts resolved",
  "all alerts resolved",
  "repeat interval elapsed",
  "unknown",
  "none",
];

/** A reason of a later Alertmanager is `unknown`; null when the sender gives none. */
function readReason(value: unknown): NotificationReason | null {
  const text = readStringField(value);
  return text === "" ? null : (knownReasons.find((reason) => reason === text) ?? "unknown");
}
