import { type FailureReason, failureReasons } from "../domain/reason.ts";
import { type Families, startAtZero } from "./families.ts";

/** From an idle bot (well under a second) to a backlog of an hour; 60 s is one send window. */
const latencyBucketsSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600] as const;

export interface DeliveryMetrics {
  /** A request to WeCom was started. */
  attemptMade(bot: string): void;
  attemptFailed(bot: string, reason: FailureReason): void;
  /** Every part of a delivery was sent; `count` is its number of notifications. */
  notificationsSent(bot: string, count: number): void;
  /** A part of their delivery is dead. */
  notificationsFailed(bot: string, reason: FailureReason, count: number): void;
  /** From the acceptance of the oldest notification of a delivery to WeCom's answer to its last part. */
  deliveredAfter(ms: number): void;
  slotsFree(bot: string, count: number): void;
  /** False while at least one key of the bot is disabled. */
  keyUp(bot: string, up: boolean): void;
  /** Bots that are no longer configured have neither slots nor keys; their counters stay. */
  forgetBots(bots: readonly string[]): void;
}

export function deliveryMetrics(families: Families): DeliveryMetrics & { startBots(bots: readonly string[]): void } {
  const requests = families.counter("notification_requests_total", "Requests sent to WeCom.", ["bot"]);
  const requestsFailed = families.counter(
    "notification_requests_failed_total",
    "Requests to WeCom that failed, by reason.",
    ["bot", "reason"],
  );
  const sent = families.counter("notifications_total", "Notifications of which every message was sent.", ["bot"]);
  const failed = families.counter(
    "notifications_failed_total",
    "Notifications of which at least one message is dead, by reason.",
    ["bot", "reason"],
  );
  const latency = families.histogram(
    "notification_latency_seconds",
    "Time from accepting a notification to WeCom's answer to its last message.",
    latencyBucketsSeconds,
  );
  const slots = families.gauge(
    "window_slots_free",
    "Messages that the bot may send now within WeCom's limit per minute.",
    ["bot"],
  );
  const keyUp = families.gauge("key_up", "1 while WeCom accepts every key of the bot, 0 while a key is disabled.", [
    "bot",
  ]);

  return {
    startBots(bots) {
      for (const family of [requests, sent, slots]) startAtZero(family, { bot: bots });
      for (const family of [requestsFailed, failed]) startAtZero(family, { bot: bots, reason: failureReasons });
      for (const bot of bots) keyUp.set({ bot }, 1);
    },
    attemptMade: (bot) => requests.inc({ bot }),
    attemptFailed: (bot, reason) => requestsFailed.inc({ bot, reason }),
    notificationsSent: (bot, count) => sent.inc({ bot }, count),
    notificationsFailed: (bot, reason, count) => failed.inc({ bot, reason }, count),
    deliveredAfter: (ms) => latency.observe(ms / 1000),
    slotsFree: (bot, count) => slots.set({ bot }, count),
    keyUp: (bot, up) => keyUp.set({ bot }, up ? 1 : 0),
    forgetBots(bots) {
      for (const family of [slots, keyUp]) for (const bot of bots) family.remove({ bot });
    },
  };
}
