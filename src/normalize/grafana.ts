import type { Alert, AlertGroup, AlertStatus, LabelSet } from "../domain/alert.ts";
import { readAlertmanagerGroup } from "./alertmanager.ts";
import { fingerprintOf, sortedPairs, withIdentities } from "./fingerprint.ts";
import { isObject, type JsonObject, readLabelSet, readLink, readStringField } from "./read-fields.ts";
import type { BodyContext } from "./read-times.ts";

/**
 * Unified alerting (version 1): Alertmanager's body with a rendered title and message, and more fields per alert. Its `state` can
 * disagree with `status` and is read only where status is missing.
 */
export function readGrafanaGroup(body: JsonObject, entries: readonly JsonObject[], context: BodyContext): AlertGroup {
  return {
    ...readAlertmanagerGroup(body, entries, context),
    source: "grafana",
    title: readStringField(body.title),
    message: readStringField(body.message),
  };
}

/**
 * Legacy alerting (Grafana 4 to 10): one rule per body, without alerts, times and fingerprint. It becomes a group of one alert.
 * Grafana 4.0 spelled the URLs rule_url and image_url; before 7 there were no orgId and tags.
 */
export function readLegacyRule(rule: JsonObject, { lossyBody }: BodyContext): AlertGroup {
  const alert = readLegacyAlert(rule);
  const { alertname } = alert.labels;
  return {
    source: "grafana",
    receiver: "",
    status: alert.status,
    alerts: withIdentities([alert]),
    groupLabels: alertname === undefined ? {} : { alertname },
    commonLabels: alert.labels,
    commonAnnotations: alert.annotations,
    routeLabels: {},
    externalURL: null,
    alertmanager: null,
    groupKey: `rule:${alert.fingerprint}`,
    truncatedAlerts: 0,
    notificationReason: null,
    title: readStringField(rule.title),
    message: readStringField(rule.message),
    lossyBody,
  };
}

function readLegacyAlert(rule: JsonObject): Omit<Alert, "identity"> {
  const labels = legacyLabels(rule);
  const ruleUrl = readLink(rule.ruleUrl ?? rule.rule_url);
  return {
    status: legacyStatus(readStringField(rule.state)),
    labels,
    annotations: legacyAnnotations(rule),
    startsAt: null,
    endsAt: null,
    startsAtText: "",
    endsAtText: "",
    unreadTimes: [],
    timesAhead: false,
    fingerprint: ruleFingerprint(rule, labels, ruleUrl),
    links: {
      generatorURL: ruleUrl,
      silenceURL: null,
      dashboardURL: null,
      panelURL: null,
      imageURL: readLink(rule.imageUrl ?? rule.image_url),
    },
    values: null,
    valueString: legacyValues(rule.evalMatches),
  };
}

function legacyLabels(rule: JsonObject): LabelSet {
  const alertname = readStringField(rule.ruleName) || readStringField(rule.title);
  const tags = readLabelSet(rule.tags);
  return alertname === "" ? tags : { ...tags, alertname };
}

/**
 * Grafana sends no `pending`; if one comes, the condition holds, so it is firing. A paused rule is no longer evaluated: resolved,
 * with the reason as an annotation, as unified alerting does.
 */
function legacyStatus(state: string): AlertStatus {
  return state === "ok" || state === "paused" ? "resolved" : "firing";
}

/** Values of unified alerting's annotation, for the states that are neither an ordinary firing nor a recovery. */
const stateReasons: ReadonlyMap<string, string> = new Map([
  ["no_data", "NoData"],
  ["paused", "Paused"],
]);

function legacyAnnotations(rule: JsonObject): LabelSet {
  const description = readStringField(rule.message);
  const reason = stateReasons.get(readStringField(rule.state));
  const annotations: Record<string, string> = {};
  if (description !== "") annotations.description = description;
  if (reason !== undefined) annotations.grafana_state_reason = reason;
  return annotations;
}

/** Several rules may have one name, so the rule's number is part of the identity, and the server that numbered it. */
function ruleFingerprint(rule: JsonObject, labels: LabelSet, ruleUrl: string | null): string {
  const server = ruleUrl === null ? "" : new URL(ruleUrl).origin;
  return fingerprintOf([server, readStringField(rule.orgId), readStringField(rule.ruleId), sortedPairs(labels)]);
}

function legacyValues(evalMatches: unknown): string {
  const matches: readonly unknown[] = Array.isArray(evalMatches) ? evalMatches : [];
  return matches.filter(isObject).map(legacyValue).join(", ");
}

function legacyValue(match: JsonObject): string {
  const metric = readStringField(match.metric);
  const value = readStringField(match.value);
  return metric === "" || value === "" ? metric + value : `${metric}=${value}`;
}
