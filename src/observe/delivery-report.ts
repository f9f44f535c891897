// What the worker says happened becomes log lines and metrics; one place, so that no failure has one without the other.

import type { DeliveryReport, Report } from "../deliver/report.ts";
import type { Log, LogFields, LogLevel } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** From the third failed try in a row a passing fault is worth a warning. */
const triesBeforeWarning = 3;

export function reportDelivery(log: Log, metrics: Metrics): Report {
  return (report) => {
    count(report, metrics);
    for (const { level, fields, message } of linesOf(report)) log[level](fields, message);
  };
}

function count(report: DeliveryReport, metrics: Metrics): void {
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

function countDelivered(report: Extract<DeliveryReport, { readonly kind: "delivered" }>, metrics: Metrics): void {
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

interface Line {
  readonly level: LogLevel;
  readonly fields: LogFields;
  readonly message: string;
}

function linesOf(report: DeliveryReport): readonly Line[] {
  const { bot } = report;
  switch (report.kind) {
    case "planned":
      return [
        ...report.templateFailures.map((failure): Line => {
          return { level: "warn", fields: { bot, ...failure }, message: "a template failed; its fallback is sent" };
        }),
        ...report.missingPictures.map((reason): Line => {
          return { level: "warn", fields: { bot, reason }, message: "a picture could not be had; it is left out" };
        }),
      ];
    case "attempted":
      return [];
    case "refused":
      return [refusalLine(report)];
    case "sent":
      if (report.warning === null) return [];
      return [{ level: "warn", fields: { bot, warning: report.warning }, message: "sent, but WeCom warns" }];
    case "delivered":
      return [deliveredLine(report)];
    case "inDoubt": {
      const message = "found messages whose answer was never recorded; they are settled again, marked so";
      return [{ level: "warn", fields: { bot, messages: report.messages }, message }];
    }
    case "moved": {
      const { toBot, notifications } = report;
      const message = "no key of this bot is up: its fallback tells what waits";
      return [{ level: "warn", fields: { bot, toBot, notifications }, message }];
    }
    case "retracted":
      return [{ level: "info", fields: { bot }, message: "a message that could not leave is planned anew" }];
    case "leaseLost":
      return [{ level: "warn", fields: { bot }, message: "another process works for this bot now" }];
    case "broken": {
      const message = "a step of delivery failed; it is tried again";
      return [{ level: "error", fields: { bot, err: report.cause }, message }];
    }
  }
}

type Refused = Extract<DeliveryReport, { readonly kind: "refused" }>;

function refusalLine(report: Refused): Line {
  const { bot, keyId, reason, errcode, explanation, tries } = report;
  const againAt = report.againAt === null ? null : new Date(report.againAt).toISOString();
  return { ...refusalWords(report), fields: { bot, keyId, reason, errcode, explanation, tries, againAt } };
}

function refusalWords({ keyOff, reason, outcome, tries }: Refused): Pick<Line, "level" | "message"> {
  if (keyOff) return { level: "error", message: "WeCom does not take this key; it is off and probed rarely" };
  if (reason === "rateLimited") return { level: "warn", message: "WeCom says too often; the key rests for a window" };
  switch (outcome) {
    case "dead":
      return { level: "error", message: "WeCom refuses this message for good; it is kept for inspection" };
    case "replaced":
      return { level: "warn", message: "WeCom refused this message; a repaired one takes its place" };
    case "reupload":
      return { level: "warn", message: "WeCom does not know this file any more; it is uploaded again" };
    case "again":
      return {
        level: tries >= triesBeforeWarning ? "warn" : "info",
        message: "an attempt failed; it is tried again",
      };
  }
}

function deliveredLine({ bot, delivery, settledAt }: Extract<DeliveryReport, { readonly kind: "delivered" }>): Line {
  const { mode, notifications, alerts, failures } = delivery;
  const fields = { bot, mode, notifications, alerts, latencyMs: settledAt - delivery.acceptedAt };
  if (failures.length === 0) return { level: "info", fields, message: "delivered" };
  return { level: "error", fields: { ...fields, reasons: failures.join(" ") }, message: "not delivered completely" };
}
