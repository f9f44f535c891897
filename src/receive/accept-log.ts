// One line for each accepted webhook. In a storm, when lines would only hide each other, one for each sender every ten seconds.

import type { Source } from "../domain/alert.ts";
import type { Clock } from "../observe/clock.ts";
import type { Log } from "../observe/log.ts";

export interface AcceptedWebhook {
  readonly sender: string;
  readonly source: Source;
  readonly receiver: string;
  /** The first alert names, as text. */
  readonly names: string;
  readonly firing: number;
  readonly resolved: number;
  readonly notifications: number;
  readonly duplicates: number;
  /** Alerts that routes discard. */
  readonly dropped: number;
  readonly bots: string;
  /** The first group ids, as text: a delivery of these groups logs the same. */
  readonly groups: string;
}

export type AcceptLog = (webhook: AcceptedWebhook) => void;

const spanMs = 10_000;
const linesInSpan = 100;

/** Senders with a line of their own in a span; the others share one. */
const mostSenders = 20;

interface Sum {
  readonly sender: string;
  readonly source: Source | "several";
  readonly receiver: string;
  webhooks: number;
  alerts: number;
  notifications: number;
  duplicates: number;
}

export function createAcceptLog(log: Log, clock: Clock): AcceptLog {
  let lines = 0;
  let spanStartedAt = Number.NEGATIVE_INFINITY;
  const sums = new Map<string, Sum>();

  const logSums = () => {
    for (const sum of sums.values()) log.info({ ...sum }, "webhooks accepted, too many for a line each");
    sums.clear();
  };
  const add = (webhook: AcceptedWebhook) => {
    // Until the end of the span, which began with a line.
    if (sums.size === 0) void clock.sleep(spanStartedAt + spanMs - clock.now(), neverAborted).then(logSums);
    const sum = sumFor(webhook, sums);
    sum.webhooks += 1;
    sum.alerts += webhook.firing + webhook.resolved;
    sum.notifications += webhook.notifications;
    sum.duplicates += webhook.duplicates;
  };
  return (webhook) => {
    const now = clock.now();
    if (now - spanStartedAt >= spanMs) {
      spanStartedAt = now;
      lines = 0;
    }
    lines += 1;
    if (lines > linesInSpan) return add(webhook);
    const { dropped, ...fields } = webhook;
    log.info({ ...fields, dropped: dropped === 0 ? undefined : dropped }, "webhook accepted");
  };
}

const neverAborted = new AbortController().signal;

function sumFor({ sender, source, receiver }: AcceptedWebhook, sums: Map<string, Sum>): Sum {
  const none = { webhooks: 0, alerts: 0, notifications: 0, duplicates: 0 };
  const own = sums.get(`${sender} ${source} ${receiver}`);
  if (own !== undefined) return own;
  const sum: Sum =
    sums.size < mostSenders
      ? { sender, source, receiver, ...none }
      : (sums.get("others") ?? { sender: "others", source: "several", receiver: "", ...none });
  sums.set(sum.source === "several" ? "others" : `${sender} ${source} ${receiver}`, sum);
  return sum;
}
