// What the worker says happened becomes log lines and metrics; one place, so that no failure has one without the other.

import type { DeliveryReport, Report } from "../deliver/report.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";

/** From the third failed try in a row a passing fault is worth a warning. */
const triesBeforeWarning = 3;

export function reportDelivery(log: Log, metrics: Metrics): Report {
  return (report) => {
    count(report, metrics);
    write(report, log);
  };
}

function count(report: DeliveryReport, metrics: Metrics): void {
  const { bot } = report;
  switch (report.kind) {
    case "planned":
      metrics.superseded(bot, report.notifications - 1);
      for (const kind of report.kinds) metrics.partsMade(bot, kind, 1);
      metrics.valuesShortened(bot, report.shortenedValues);
      for (const _ of report.templateFailures) metrics.templateFailed(bot);
      return;
    case "attempted":
      metrics.attemptMade(bot);
      return;
    case "refused":
      metrics.attemptFailed(bot, report.reason);
      return;
    case "told":
      countTold(report, metrics);
      return;
    case "inDoubt":
      for (let i = 0; i < report.messages; i++) metrics.attemptFailed(bot, "answerNeverSeen");
      return;
    case "broken":
      metrics.unexpectedError("deliver");
      return;
    case "sent":
    case "retracted":
    case "leaseLost":
      return;
  }
}

function countTold(report: Extract<DeliveryReport, { readonly kind: "told" }>, metrics: Metrics): void {
  const { bot, telling, settledAt } = report;
  const reason = telling.failures[0];
  if (reason !== undefined) {
    metrics.notificationsFailed(bot, reason, telling.notifications);
    return;
  }
  metrics.notificationsSent(bot, telling.notifications);
  metrics.alertsTold(bot, telling.form, telling.alerts);
  metrics.deliveredAfter(settledAt - telling.acceptedAt);
}

function write(report: DeliveryReport, log: Log): void {
  const { kind, bot, ...rest } = report;
  switch (report.kind) {
    case "planned":
      for (const failure of report.templateFailures) {
        log.warn({ bot, ...failure }, "a template failed; its fallback is sent");
      }
      log.debug(
        { bot, form: report.form, notifications: report.notifications, parts: report.kinds.length },
        "planned",
      );
      return;
    case "attempted":
      return;
    case "refused":
      writeRefusal(report, log);
      return;
    case "sent":
      if (report.warning !== null) log.warn({ bot, key: report.keyId, warning: report.warning }, "sent with a warning");
      return;
    case "told":
      writeTold(report, log);
      return;
    case "inDoubt":
      log.warn(
        { bot, messages: report.messages },
        "found messages whose answer was never recorded;
      return; they are told again, marked",
      );
    case "retracted":
      log.info({ bot }, "a message that could not leave waits to be planned anew");
      return;
    case "leaseLost":
      log.warn({ bot }, "another process works for this bot now");
      return;
    case "broken": {
      log.error({ bot, err: report.cause, ...rest }, "a step of delivery failed;
      return; it is tried again");
  }
}

function writeRefusal(report: Extract<DeliveryReport, { readonly kind: "refused" }>, log: Log): void {
  const { bot, keyId, reason, errcode, explanation, tries, againAt } = report;
  const fields = { bot, key: keyId, reason, errcode, explanation, tries };
  if (report.keyOff) {
    log.error(fields, "WeCom does not take this key;
    return;
  } it is switched off and probed rarely");
  if (reason === "rateLimited")
    log.warn({ ...fields, againAt: iso(againAt) }, "WeCom says too often;
    return; the key rests for a window");
  switch (report.outcome) {
    case "dead":
      log.error(fields, "WeCom refuses this message for good;
      return; it is kept for inspection");
    case "replaced":
      log.warn(fields, "WeCom refused this message;
      return; a repaired one takes its place");
    case "again": {
      const retry = { ...fields, againAt: iso(againAt) };
      if (tries >= triesBeforeWarning) {
        log.warn(retry, "an attempt failed;
        return;
      } it is tried again");
      log.info(retry, "an attempt failed;
      return; it is tried again");
    }
  }
}

function writeTold(report: Extract<DeliveryReport, { readonly kind: "told" }>, log: Log): void {
  const { bot, telling, settledAt } = report;
  const fields = {
    bot,
    form: telling.form,
    notifications: telling.notifications,
    alerts: telling.alerts,
    latencyMs: settledAt - telling.acceptedAt,
  };
  if (telling.failures.length === 0) {
    log.info(fields, "told");
    return;
  }
  log.error({ ...fields, reasons: telling.failures.join(" ") }, "told in part only");
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
    }
