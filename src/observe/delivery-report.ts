// Turns reports of the delivery into log lines and metrics. One place, so that no failure has one without the other.

import type { DeliveryReport, Report } from "../deliver/report.ts";
import { shortGroupIds } from "../domain/notification.ts";
import type { OptionalResult } from "../domain/optional-part.ts";
import type { Log, LogLevel } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** A request that failed this often in a row is logged as a warning. */
const triesBeforeWarning = 3;

/** Of deliveries whose names are kept until they are settled; the oldest are forgotten first. */
const mostNamed = 10_000;

type ReportOf<Kind extends DeliveryReport["kind"]> = Extract<DeliveryReport, { readonly kind: Kind }>;

export function reportDelivery(log: Log, metrics: Metrics): Report {
  /** Alert names by delivery. Those of a delivery that was planned before a restart are not known. */
  const names = new Map<number, string>();
  return (report) => {
    const { bot } = report;
    switch (report.kind) {
      case "planned":
        if (report.delivery !== null) keepNames(names, report.delivery, report.names);
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
      case "recovered":
        logRecovered(report, log);
        return;
      case "delivered":
        reportDelivered(report, names.get(report.delivery.id), log, metrics);
        names.delete(report.delivery.id);
        return;
      case "optionalPart":
        reportOptionalPart(report, log, metrics);
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
        names.delete(report.delivery);
        log.info({ bot, delivery: report.delivery }, "unsent delivery retracted; its notifications are planned again");
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

function keepNames(names: Map<number, string>, delivery: number, text: string): void {
  names.set(delivery, text);
  for (const oldest of names.keys()) {
    if (names.size <= mostNamed) break;
    names.delete(oldest);
  }
}

function reportPlanned(report: ReportOf<"planned">, log: Log, metrics: Metrics): void {
  const { bot, names } = report;
  const delivery = report.delivery ?? undefined;
  metrics.notificationsSuperseded.inc({ bot }, report.notifications - report.groups);
  for (const kind of report.kinds) metrics.messageParts.inc({ bot, kind });
  metrics.shortenedValues.inc({ bot }, report.shortenedValues);
  for (const { template, message: reason } of report.templateFailures) {
    metrics.templateFailures.inc({ bot });
    log.warn({ bot, delivery, names, template, reason }, "template failed; fallback layout used");
  }
  metrics.mentionsFailed.inc({ bot }, report.unmentionable.length);
  if (report.unmentionable.length > 0) {
    const { unmentionable } = report;
    log.warn({ bot, delivery, names, unmentionable }, "some people cannot be mentioned; the message says so");
  }
}

function reportOptionalPart(
  { bot, delivery, part, result, detail }: ReportOf<"optionalPart">,
  log: Log,
  metrics: Metrics,
): void {
  metrics.optionalParts.inc({ bot, kind: part, result });
  if (result === "sent") {
    metrics.messageParts.inc({ bot, kind: "image" });
    log.debug({ bot, delivery, part }, "picture or graph sent");
    return;
  }
  const fields = { bot, delivery, part, result, reason: detail === "" ? undefined : detail };
  log[omissionLevel(result)](fields, "picture or graph omitted");
}

/** A datasource that fails has lines of its own. */
function omissionLevel(result: OptionalResult): LogLevel {
  // Of every alert of senders that have no datasource.
  if (result === "unknownSource") return "debug";
  return ["timeout", "tooLarge", "failed", "refused"].includes(result) ? "warn" : "info";
}

function reportDelivered(
  { bot, delivery, settledAt }: ReportOf<"delivered">,
  names: string | undefined,
  log: Log,
  metrics: Metrics,
): void {
  const { id, mode, notifications, alerts, failures, keyId } = delivery;
  const [reason] = failures;
  const latencyMs = settledAt - delivery.acceptedAt;
  const groups = shortGroupIds(delivery.groupIds);
  const fields = { bot, delivery: id, mode, names, alerts, notifications, latencyMs, groups };
  if (reason !== undefined) {
    metrics.notificationsFailed.inc({ bot, reason }, notifications);
    const message =
      keyId !== null
        ? "delivered in part: WeCom rejects some of its messages in every form"
        : "not delivered: WeCom rejects it in every form";
    log.error({ ...fields, reasons: [...new Set(failures)].join(" ") }, message);
    return;
  }
  metrics.notifications.inc({ bot }, notifications);
  metrics.alertsDelivered.inc({ bot, mode }, alerts);
  metrics.notificationLatency.observe(latencyMs / 1000);
  log.info(fields, "delivered");
}

/** Failures that were logged at info only are followed by nothing but the delivery. */
function logRecovered({ bot, keyId, offReason, failures }: ReportOf<"recovered">, log: Log): void {
  if (offReason !== null) log.info({ bot, keyId, reason: offReason }, "WeCom accepts the key again");
  else if (failures >= triesBeforeWarning) log.info({ bot, keyId, failures }, "requests succeed again");
}

function logFailedRequest(report: ReportOf<"requestFailed">, log: Log): void {
  const { bot, delivery, keyId, reason, explanation, tries, againAt } = report;
  // Undefined is not printed.
  const errcode = report.errcode ?? undefined;
  const retryAt = againAt === null ? undefined : new Date(againAt).toISOString();
  log[failedRequestLevel(report)](
    { bot, delivery, keyId, reason, errcode, explanation, tries, retryAt },
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
    case "omitted":
      return "WeCom did not accept a picture or graph, will not retry";
  }
}
