import type { AlertStatus, Source } from "../domain/alert.ts";
import { type Families, startAtZero } from "./families.ts";

/** `unknown` until the body has been read. */
export type WebhookSource = Source | "unknown";

const sources = ["alertmanager", "grafana"] as const satisfies readonly Source[];
const webhookSources = [...sources, "unknown"] as const satisfies readonly WebhookSource[];
const statuses = ["firing", "resolved"] as const satisfies readonly AlertStatus[];

/** Every HTTP status a webhook is answered with (docs/errors.md). */
export const webhookCodes = [200, 400, 401, 403, 404, 405, 408, 413, 415, 500, 503] as const;
export type WebhookCode = (typeof webhookCodes)[number];

/** What a request asks for: a webhook for the route tree or for a bot, or anything that is neither a webhook nor a probe. */
export const protectedEndpoints = ["route", "bot", "admin"] as const;
export type ProtectedEndpoint = (typeof protectedEndpoints)[number];

/** Why a request's credentials were rejected (docs/errors.md). */
export const authReasons = ["missing", "wrong", "stale", "replayed"] as const;
export type AuthReason = (typeof authReasons)[number];

export interface ReceiveMetrics {
  authFailed(hook: ProtectedEndpoint, reason: AuthReason): void;
  webhookAnswered(source: WebhookSource, code: WebhookCode): void;
  alertsReceived(source: Source, status: AlertStatus, count: number): void;
  alertsInvalid(source: Source, count: number): void;
  duplicatesSuppressed(source: Source, count: number): void;
}

export function receiveMetrics(families: Families): ReceiveMetrics {
  const requests = families.counter(
    "webhook_requests_total",
    "Webhook requests, by sender and HTTP status of the answer.",
    ["source", "code"],
  );
  const received = families.counter(
    "alerts_received_total",
    "Alerts in accepted webhooks, before routing and deduplication.",
    ["source", "status"],
  );
  const invalid = families.counter(
    "alerts_invalid_total",
    "Entries of accepted webhooks that are not readable as alerts and were ignored.",
    ["source"],
  );
  const duplicates = families.counter(
    "duplicates_suppressed_total",
    "Notifications ignored as copies of accepted ones (HA peers, retries of the sender).",
    ["source"],
  );
  const authFailures = families.counter(
    "auth_failures_total",
    "Requests rejected for their credentials, by what they asked for and reason.",
    ["hook", "reason"],
  );
  startAtZero(authFailures, { hook: protectedEndpoints, reason: authReasons });
  startAtZero(requests, { source: webhookSources, code: webhookCodes.map(String) });
  startAtZero(received, { source: sources, status: statuses });
  startAtZero(invalid, { source: sources });
  startAtZero(duplicates, { source: sources });

  return {
    authFailed: (hook, reason) => authFailures.inc({ hook, reason }),
    webhookAnswered: (source, code) => requests.inc({ source, code: String(code) }),
    // Most webhooks have a zero among these, and every series exists already.
    alertsReceived(source, status, count) {
      if (count > 0) received.inc({ source, status }, count);
    },
    alertsInvalid(source, count) {
      if (count > 0) invalid.inc({ source }, count);
    },
    duplicatesSuppressed(source, count) {
      if (count > 0) duplicates.inc({ source }, count);
    },
  };
}
