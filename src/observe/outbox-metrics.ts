// How much waits and for how long, asked of the outbox whenever the metrics are read.

import { type Families, startAtZero } from "./families.ts";

export interface BotBacklog {
  readonly bot: string;
  readonly notifications: number;
  /** Age of the oldest of them. */
  readonly oldestMs: number;
}

export type ReadBacklog = () => Promise<readonly BotBacklog[]>;

export interface OutboxMetrics {
  /** Gives the question that every scrape asks. Until then the backlog reads zero. */
  backlogFrom(read: ReadBacklog): void;
  /** How many notifications may wait. */
  outboxLimit(notifications: number): void;
}

export interface OutboxGauges extends OutboxMetrics {
  startBots(bots: readonly string[]): void;
  /** Asks for the backlog now. Rejects as the question does; the gauges then keep their last values. */
  refresh(): Promise<void>;
}

export function outboxMetrics(families: Families): OutboxGauges {
  const waiting = families.gauge(
    "outbox_notifications",
    "Notifications that wait to be told, or whose messages wait to be sent.",
    ["bot"],
  );
  const oldest = families.gauge("outbox_oldest_seconds", "Age of the oldest waiting notification; 0 when none waits.", [
    "bot",
  ]);
  const limit = families.gauge(
    "outbox_limit_notifications",
    "Waiting notifications at which webhooks are answered with 503.",
  );
  const known = new Set<string>();
  let read: ReadBacklog = async () => [];

  return {
    startBots(bots) {
      for (const bot of bots) known.add(bot);
      for (const family of [waiting, oldest]) startAtZero(family, { bot: bots });
    },
    async refresh() {
      const backlog = new Map((await read()).map((row) => [row.bot, row]));
      for (const bot of backlog.keys()) known.add(bot);
      for (const bot of known) {
        waiting.set({ bot }, backlog.get(bot)?.notifications ?? 0);
        oldest.set({ bot }, Math.max(0, backlog.get(bot)?.oldestMs ?? 0) / 1000);
      }
    },
    backlogFrom(question) {
      read = question;
    },
    outboxLimit: (notifications) => limit.set(notifications),
  };
}
