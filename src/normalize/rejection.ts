// Why a body was rejected. A message holds nothing of the body, because it ends up in the sender's log.

/** The numbers are far above what any sender posts. A larger body would delay the alerts of every other sender. */
export const bodyLimits = {
  /** About 2 s of reading and rendering. */
  alerts: 20_000,
  /** JSON values of any kind in one body: fifty for each alert. Parsed, they take up to 100 MB. */
  values: 1_000_000,
  /** In one map of labels, annotations or values. Rendering reads each pair several times. */
  pairs: 1_000,
} as const;

const expected = "expected the webhook body of Alertmanager or Grafana: a JSON object with a list `alerts`";

export const rejectionMessages = {
  empty_body: `the body is empty; ${expected}. A redirect turns a POST into an empty request: use the final URL`,
  not_json: `the body is not valid JSON; ${expected}. Check the sender's payload template and proxies on the way`,
  gzip_body:
    "the body is compressed with gzip but not declared so; set the header Content-Encoding: gzip at the sender",
  utf16_body: "the body is UTF-16; send UTF-8, or declare `charset=utf-16` in the header Content-Type",
  double_encoded: `the body is a JSON string that holds JSON: it was encoded twice; ${expected}. Encode it once at the sender`,
  not_an_object: `the body is not a JSON object; ${expected}`,
  alert_list:
    "the body is a bare list of alerts, as Prometheus and vmalert post to an Alertmanager; " +
    "point them at an Alertmanager and let its webhook_configs post here",
  unknown_shape: `the body has an unknown shape; ${expected}. Remove the custom payload template at the sender`,
  alerts_not_a_list: `\`alerts\` is not a list; ${expected}`,
  no_alerts: `the list \`alerts\` is empty; ${expected} that holds at least one alert`,
  no_valid_alert: `no entry of \`alerts\` is a JSON object; ${expected} of objects`,
  too_many_alerts: `more than ${bodyLimits.alerts} alerts in one webhook; group them at the sender (group_by), or set max_alerts`,
  too_many_labels: `more than ${bodyLimits.pairs} labels, annotations or values in one map; remove some at the sender`,
  too_many_values: `more than ${bodyLimits.values} values in one webhook; group the alerts at the sender (group_by), or set max_alerts`,
} as const satisfies Readonly<Record<string, string>>;

export type RejectionCode = keyof typeof rejectionMessages;

export interface BodyRejection {
  readonly kind: "rejected";
  readonly code: RejectionCode;
  /** What is wrong, what was expected and what to do, in one line. */
  readonly message: string;
}

export function rejectBody(code: RejectionCode): BodyRejection {
  return { kind: "rejected", code, message: rejectionMessages[code] };
}
