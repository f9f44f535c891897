// What became of every alert, for people: the command `history`, its API and the console show these.

import type { Alert } from "./alert.ts";
import type { DeliveryMode, RoutedGroup } from "./notification.ts";
import type { FailureReason } from "./reason.ts";
import type { Sender, SenderSeen } from "./sender.ts";

/**
 * `waiting` is not sent yet; `dead` was rejected by WeCom in every form; `dropped` was dead, and an operator dropped it; `not_sent` needed
 * no message, and a flag says why.
 */
export const alertOutcomes = ["delivered", "waiting", "dead", "duplicate", "dropped", "not_sent"] as const;

export type AlertOutcome = (typeof alertOutcomes)[number];

export const historyFlags = [
  "urgent",
  /** An answer of WeCom was missing: the message may be in the chat twice. */
  "possibly_repeated",
  /** WeCom rejected a body, and a repaired one took its place. */
  "repaired",
  /** Other parts of a dead delivery were sent. */
  "partly_sent",
  "template_failed",
  "shortened",
  /** The fallback of its bot delivered it. */
  "fallback_bot",
  /** An operator sent it again: a later entry says what became of that. */
  "replayed",
  /** Not sent: its route says `drop: true`. */
  "route_drop",
  /** Not sent: it has recovered, and its route says `send_resolved: false`. */
  "send_resolved_false",
  /** Not sent: its state was delivered a short time ago. */
  "reminder",
] as const;

export type HistoryFlag = (typeof historyFlags)[number];

export interface MentionRecord {
  /** userids, mobile numbers and @all. */
  readonly mentioned: readonly string[];
  /** Names that the config asks to mention and that are nobody's. */
  readonly notFound: readonly string[];
}

export interface TemplateFailureRecord {
  readonly template: string;
  /** With the position in the template, where it is known. */
  readonly message: string;
}

/** A request that did not deliver its message. */
export interface FailedAttempt {
  readonly answeredAt: number;
  /** 1-based. */
  readonly part: number;
  readonly reason: FailureReason;
  /** Null when there was no readable answer. */
  readonly errcode: number | null;
}

/** What is known of a delivery besides its messages. */
export interface DeliveryNotes {
  readonly mentions: MentionRecord;
  readonly templateFailures: readonly TemplateFailureRecord[];
  readonly flags: readonly HistoryFlag[];
}

/** What became of one alert of one webhook. A notification of several alerts has an entry for each that matches. */
export interface HistoryEntry {
  /** Of an announcement: as `unsentAlert` makes it. */
  readonly alert: Alert;
  /** The alert's whole notification, as it was routed. */
  readonly routed: RoutedGroup;
  readonly receivedAt: number;
  readonly sender: Sender;
  readonly outcome: AlertOutcome;
  /** When the outcome was certain: sent, rejected, recognised as a copy; null while it waits. */
  readonly endedAt: number | null;
  /** Null when there was no delivery; of a waiting one, null until it is planned. */
  readonly mode: DeliveryMode | null;
  readonly deliveryId: number | null;
  /** Empty for what a route with `drop` took. */
  readonly bot: string;
  /** The route's position in the config at that time, like `route.routes[1]`; else the address that names the bot, like `/webhook/bot/ops`. */
  readonly route: string;
  readonly mentions: MentionRecord;
  readonly flags: readonly HistoryFlag[];
  readonly templateFailures: readonly TemplateFailureRecord[];
  /** The last ones, oldest first. */
  readonly failedAttempts: readonly FailedAttempt[];
  /** When the first copy of a duplicate was received; null for others. */
  readonly duplicateOfAt: number | null;
  readonly replayedAt: number | null;
}

export interface HistoryQuery {
  /** What was received or ended from the first instant on, and before the second. */
  readonly fromAt: number;
  readonly untilAt: number;
  /**
   * Words, all of which an alert must have in its receiver or its labels, in any case; `name="value"` is a label with exactly this value.
   * Empty for all.
   */
  readonly text: string;
  readonly bot: string | null;
  readonly outcome: AlertOutcome | null;
  /** All that was in this delivery; null for any. */
  readonly deliveryId: number | null;
  /** `next` of the page before; null for the first page. */
  readonly after: string | null;
  readonly maxEntries: number;
}

/** What waits comes first, then what ended last. */
export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  /** Null when there is no more; else a page follows, which may be empty. */
  readonly next: string | null;
}

/** What the outbox and a client of its API have in common. */
export interface History {
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** Who posted last comes first. */
  senders(): Promise<readonly SenderSeen[]>;
}
