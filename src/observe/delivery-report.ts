// Turns reports of the delivery into log lines and metrics. One place, so that no failure has one without the other.

import type { DeliveryReport, Report } from "../deliver/report.ts";
import type { Log, LogLevel } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** A request that failed this often in a row is logged as a warning. */
const triesBeforeWarning = 3;

type ReportOf<Kind extends DeliveryReport["kind"]> = Extract<DeliveryReport, { readonly kind: Kind }>;

export function reportDelivery(log: Log, metrics: Metrics): Report {
  return (report) => {
    const { bot } = report;
    switch (report.kind) {
      case "planned":
        reportPlanned(report, log, metrics);
        return;
      case "attempted":
        metrics.notificationRequests.inc({ bot });
        return;
      case "requestFailed":
        metrics.notificationRequestsFailed.inc({ bot, reason: report.reason });
        logFailedRequest(report, log);
        return;
      case "sent":
        if (report.warning !== null) {
          log.warn({ bot, warning: report.warning }, "message sent; WeCom returned a warning");
        }
        return;
      case "delivered":
        reportDelivered(report, log, metrics);
        return;
      case "inDoubt":
        metrics.notificationRequestsFailed.inc({ bot, reason: "answerNeverSeen" }, report.messages);
        log.warn(
          { bot, messages: report.messages },
          "messages without a recorded answer found; sent again as possible repeats",
        );
        return;
      case "moved": {
        const { toBot, notifications } = report;
        log.warn({ bot, toBot, notifications }, "bot has no working key; its backlog moved to the fallback bot");
        return;
      }
      case "retracted":
        log.info({ bot }, "unsent delivery retracted; its notifications are planned again");
        return;
      case "laneLost":
        log.info({ bot }, "another process wrote to the lane of this bot; it is read again");
        return;
      case "broken":
        metrics.unexpectedErrors.inc({ place: "deliver" });
        log.error({ bot, err: report.cause }, "delivery step failed, will retry");
        return;
    }
  };
}

function reportPlanned(report: ReportOf<"planned">, log: Log, metrics: Metrics): void {
  const { bot } = report;
  metrics.notificationsSuperseded.inc({ bot }, report.notifications - report.groups);
  for (const kind of report.kinds) metrics.messageParts.inc({ bot, kind });
  metrics.shortenedValues.inc({ bot }, report.shortenedValues);
  for (const { template, message: reason } of report.templateFailures) {
    metrics.templateFailures.inc({ bot });
    log.warn({ bot, template, reason }, "template failed; fallback layout used");
  }
  metrics.mentionsFailed.inc({ bot }, report.unmentionable.length);
  if (report.unmentionable.length > 0) {
    log.warn({ bot, names: report.unmentionable }, "names that cannot be mentioned; the message says so");
  }
  for (const reason of report.missingPictures) {
    metrics.picturesMissing.inc({ bot });
    log.warn({ bot, reason }, "failed to fetch picture; sent without it");
  }
}

function reportDelivered({ bot, delivery, settledAt }: ReportOf<"delivered">, log: Log, metrics: Metrics): void {
  const { mode, notifications, alerts, failures } = delivery;
  const [reason] = failures;
  const latencyMs = settledAt - delivery.acceptedAt;
  if (reason !== undefined) {
    metrics.notificationsFailed.inc({ bot, reason }, notifications);
    const reasons = failures.join(" ");
    log.error({ bot, mode, notifications, alerts, latencyMs, reasons }, "not delivered completely");
    return;
  }
  metrics.notifications.inc({ bot }, notifications);
  metrics.alertsDelivered.inc({ bot, mode }, alerts);
  metrics.notificationLatency.observe(latencyMs / 1000);
  log.info({ bot, mode, notifications, alerts, latencyMs }, "delivered");
}

function logFailedRequest(report: ReportOf<"requestFailed">, log: Log): void {
  const { bot, keyId, reason, explanation, tries, againAt } = report;
  // Undefined is not printed.
  const errcode = report.errcode ?? undefined;
  const retryAt = againAt === null ? undefined : new Date(againAt).toISOString();
  log[failedRequestLevel(report)](
    { bot, keyId, reason, errcode, explanation, tries, retryAt },
    failedRequestMessage(report),
  );
}

function failedRequestLevel({ keyOff, reason, outcome, tries }: ReportOf<"requestFailed">): LogLevel {
  if (keyOff) return "error";
  if (reason === "rateLimited") return "warn";
  if (outcome === "again") return tries >= triesBeforeWarning ? "warn" : "info";
  return outcome === "dead" ? "error" : "warn";
}

function failedRequestMessage({ keyOff, reason, outcome }: ReportOf<"requestFailed">): string {
  if (keyOff) return "WeCom rejects the key; the key is off until a test succeeds";
  if (reason === "rateLimited") return "WeCom limits the rate; the key is on hold";
  switch (outcome) {
    case "dead":
      return "WeCom rejects the message in every form; kept as dead";
    case "replaced":
      return "WeCom rejected the message; a repaired one is sent instead";
    case "reupload":
      return "WeCom no longer has the file; it is uploaded again";
    case "again":
      return "request failed, will retry";
  }
}
