// Grafana's legacy alerting (4 to 10): one rule per body, no alerts, no times, no fingerprint. It becomes a group of one alert.
// Grafana 4.0 spelt the URLs rule_url and image_url; before 7 there were no orgId and tags.

import type { Alert, AlertGroup, AlertStatus, LabelSet } from "../domain/alert.ts";
import { digest, sortedPairs } from "./fingerprint.ts";
import { isObject, type JsonObject, readLabels, readText } from "./read-fields.ts";
import { readLink } from "./read-link.ts";

export function readLegacyRule(rule: JsonObject): AlertGroup {
  const alert = readLegacyAlert(rule);
  const { alertname } = alert.labels;
  return {
    source: "grafana",
    receiver: "",
    status: alert.status,
    alerts: [alert],
    groupLabels: alertname === undefined ? {} : { alertname },
    commonLabels: alert.labels,
    commonAnnotations: alert.annotations,
    routeLabels: {},
    externalURL: null,
    groupKey: `rule:${alert.fingerprint}`,
    truncatedAlerts: 0,
    notificationReason: null,
    title: readText(rule.title),
    message: readText(rule.message),
  };
}

function readLegacyAlert(rule: JsonObject): Alert {
  const labels = legacyLabels(rule);
  const ruleUrl = readLink(rule.ruleUrl ?? rule.rule_url);
  return {
    status: legacyStatus(readText(rule.state)),
    labels,
    annotations: legacyAnnotations(rule),
    startsAt: null,
    endsAt: null,
    startsAtText: "",
    endsAtText: "",
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
  const alertname = readText(rule.ruleName) || readText(rule.title);
  return { ...readLabels(rule.tags), ...(alertname === "" ? {} : { alertname }) };
}

/**
 * Grafana does not notify of `pending`; should it come, the condition holds, so it fires. A paused rule is looked after by
 * nobody any more: resolved, with the reason beside it, as unified alerting does.
 */
function legacyStatus(state: string): AlertStatus {
  return state === "ok" || state === "paused" ? "resolved" : "firing";
}

/** Unified alerting's annotation for the states that are no ordinary firing or recovery. */
const stateReasons: ReadonlyMap<string, string> = new Map([
  ["no_data", "NoData"],
  ["paused", "Paused"],
]);

function legacyAnnotations(rule: JsonObject): LabelSet {
  const description = readText(rule.message);
  const reason = stateReasons.get(readText(rule.state));
  return {
    ...(description === "" ? {} : { description }),
    ...(reason === undefined ? {} : { grafana_state_reason: reason }),
  };
}

/** Rules of one name are common, so the rule's number counts too, and the server it is a number of. */
function ruleFingerprint(rule: JsonObject, labels: LabelSet, ruleUrl: string | null): string {
  const server = ruleUrl === null ? "" : new URL(ruleUrl).origin;
  return digest([server, readText(rule.orgId), readText(rule.ruleId), sortedPairs(labels)]);
}

function legacyValues(evalMatches: unknown): string {
  const matches: readonly unknown[] = Array.isArray(evalMatches) ? evalMatches : [];
  return matches.filter(isObject).map(legacyValue).join(", ");
}

function legacyValue(match: JsonObject): string {
  const metric = readText(match.metric);
  const value = readText(match.value);
  return metric === "" || value === "" ? metric + value : `${metric}=${value}`;
}
