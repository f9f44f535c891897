// Why a body is no group of alerts. Messages hold nothing of the body: they land in the sender's log.

import { maxAlerts, maxPairs, maxValues } from "./limits.ts";

export const refusalCodes = [
  "empty_body",
  "not_json",
  "not_an_object",
  "alert_list",
  "unknown_shape",
  "alerts_not_a_list",
  "no_alerts",
  "no_valid_alert",
  "too_many_alerts",
  "too_many_labels",
  "too_many_values",
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

export interface Refusal {
  readonly kind: "refused";
  readonly code: RefusalCode;
  /** What was expected and what to do, in one line. */
  readonly message: string;
}

const expected = "expected the webhook body of Alertmanager or Grafana: a JSON object with a list `alerts`";

const messages: Readonly<Record<RefusalCode, string>> = {
  empty_body: `the body is empty; ${expected}. A redirect on the way turns a POST into an empty request`,
  not_json: `the body is not JSON; ${expected}. Check the sender's payload template`,
  not_an_object: `the body is not a JSON object; ${expected}`,
  alert_list:
    "the body is a bare list of alerts, as Prometheus and vmalert post to an Alertmanager; " +
    "point them at an Alertmanager and let its webhook_configs post here",
  unknown_shape: `the body has an unknown shape; ${expected}. Remove the custom payload template at the sender`,
  alerts_not_a_list: `\`alerts\` is not a list; ${expected}`,
  no_alerts: `the list \`alerts\` is empty, there is nothing to tell; ${expected} that holds at least one alert`,
  no_valid_alert: `no entry of \`alerts\` is a JSON object; ${expected} of objects`,
  too_many_alerts: `more than ${maxAlerts} alerts in one webhook; let the sender group them (group_by), or set max_alerts`,
  too_many_labels: `more than ${maxPairs} labels, annotations or values in one place; no sender means that`,
  too_many_values: `more than ${maxValues} values in one webhook; let the sender group its alerts (group_by), or set max_alerts`,
};

export function refuse(code: RefusalCode): Refusal {
  return { kind: "refused", code, message: messages[code] };
}
