// Turns reports of the delivery into log lines and metrics. One place, so that no failure has one without the other.

import type { DeliveryReport, Report } from "../deliver/report.ts";
import type { Log, LogFields, LogLevel } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** A request that failed this often in a row is logged as a warning. */
const triesBeforeWarning = 3;

export function reportDelivery(log: Log, metrics: Metrics): Report {
  return (report) => {
    countReport(report, metrics);
    for (const { level, fields, message } of logLinesOf(report)) log[level](fields, message);
  };
}

function countReport(report: DeliveryReport, metrics: Metrics): void {
  const { bot } = report;
  switch (report.kind) {
    case "planned":
      metrics.superseded(bot, report.notifications - report.groups);
      for (const kind of report.kinds) metrics.partsMade(bot, kind, 1);
      metrics.valuesShortened(bot, report.shortenedValues);
      for (const _ of report.templateFailures) metrics.templateFailed(bot);
      metrics.picturesMissing(bot, report.missingPictures.length);
      return;
    case "attempted":
      metrics.attemptMade(bot);
      return;
    case "refused":
      metrics.attemptFailed(bot, report.reason);
      return;
    case "delivered":
      countDelivered(report, metrics);
      return;
    case "inDoubt":
      for (let i = 0; i < report.messages; i++) metrics.attemptFailed(bot, "answerNeverSeen");
      return;
    case "broken":
      metrics.unexpectedError("deliver");
      return;
    case "sent":
    case "retracted":
    case "moved":
    case "leaseLost":
      return;
  }
}

type DeliveredReport = Extract<DeliveryReport, { readonly kind: "delivered" }>;
type RefusedReport = Extract<DeliveryReport, { readonly kind: "refused" }>;

function countDelivered(report: DeliveredReport, metrics: Metrics): void {
  const { bot, delivery, settledAt } = report;
  const reason = delivery.failures[0];
  if (reason !== undefined) {
    metrics.notificationsFailed(bot, reason, delivery.notifications);
    return;
  }
  metrics.notificationsSent(bot, delivery.notifications);
  metrics.alertsDelivered(bot, delivery.mode, delivery.alerts);
  metrics.deliveredAfter(settledAt - delivery.acceptedAt);
}

interface LogLine {
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly message: string;
}

function logLinesOf(report: DeliveryReport): readonly LogLine[] {
  const { bot } = report;
  switch (report.kind) {
    case "planned":
      return [
        ...report.templateFailures.map(({ template, message: reason }): LogLine => {
          return { level: "warn", fields: { bot, template, reason }, message: "template failed; fallback layout used" };
        }),
        ...report.missingPictures.map((reason): LogLine => {
          return { level: "warn", fields: { bot, reason }, message: "failed to fetch picture; sent without it" };
        }),
      ];
    case "attempted":
      return [];
    case "refused":
      return [refusedLine(report)];
    case "sent": {
      const { warning } = report;
      return warning === null
        ? []
        : [{ level: "warn", fields: { bot, warning }, message: "message sent; WeCom returned a warning" }];
    }
    case "delivered":
      return [deliveredLine(report)];
    case "inDoubt": {
      const message = "messages without a recorded answer found; sent again as possible repeats";
      return [{ level: "warn", fields: { bot, messages: report.messages }, message }];
    }
    case "moved": {
      const { toBot, notifications } = report;
      const message = "bot has no working key; its queue moved to the fallback bot";
      return [{ level: "warn", fields: { bot, toBot, notifications }, message }];
    }
    case "retracted":
      return [{ level: "info", fields: { bot }, message: "message re-queued" }];
    case "leaseLost":
      return [{ level: "warn", fields: { bot }, message: "another process has taken over this bot" }];
    case "broken":
      return [{ level: "error", fields: { bot, err: report.cause }, message: "delivery step failed, will retry" }];
  }
}

function refusedLine(report: RefusedReport): LogLine {
  const { bot, keyId, reason, errcode, explanation, tries, againAt } = report;
  return {
    level: refusedLevel(report),
    fields: {
      bot,
      keyId,
      reason,
      // Undefined is not printed.
      errcode: errcode ?? undefined,
      explanation,
      tries,
      retryAt: againAt === null ? undefined : new Date(againAt).toISOString(),
    },
    message: refusedMessage(report),
  };
}

function refusedLevel({ keyOff, reason, outcome, tries }: RefusedReport): LogLevel {
  if (keyOff) return "error";
  if (reason === "rateLimited") return "warn";
  if (outcome === "again") return tries >= triesBeforeWarning ? "warn" : "info";
  return outcome === "dead" ? "error" : "warn";
}

function refusedMessage({ keyOff, reason, outcome }: RefusedReport): string {
  if (keyOff) return "WeCom rejects the key; key disabled until its next check";
  if (reason === "rateLimited") return "WeCom limits the rate; key paused for one window";
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

function deliveredLine({ bot, delivery, settledAt }: DeliveredReport): LogLine {
  const { mode, notifications, alerts, failures } = delivery;
  const latencyMs = settledAt - delivery.acceptedAt;
  if (failures.length === 0) {
    return {
      level: "info",
      fields: { bot, mode, notifications, alerts, latencyMs },
      message: "notification delivered",
    };
  }
  return {
    level: "error",
    fields: { bot, mode, notifications, alerts, latencyMs, reasons: failures.join(" ") },
    message: "notification not delivered completely",
  };
}
