import { type Families, startAtZero } from "./families.ts";

export interface BotBacklog {
  readonly bot: string;
  readonly notifications: number;
  /** Age of the oldest of them. */
  readonly oldestMs: number;
}

export type ReadBacklog = () => Promise<readonly BotBacklog[]>;

export interface OutboxMetrics {
  /** `read` is called at every scrape. Until it is given, the backlog is zero. */
  backlogFrom(read: ReadBacklog): void;
  /** How many notifications may be queued. */
  outboxLimit(notifications: number): void;
}

export interface OutboxGauges extends OutboxMetrics {
  startBots(bots: readonly string[]): void;
  /** Reads the backlog. Rejects when that fails; the gauges then keep their last values. */
  refresh(): Promise<void>;
}

export function outboxMetrics(families: Families): OutboxGauges {
  const queued = families.gauge(
    "outbox_notifications",
    "Notifications that are queued: not planned yet, or with messages not sent yet.",
    ["bot"],
  );
  const oldest = families.gauge(
    "outbox_oldest_seconds",
    "Age of the oldest queued notification; 0 when none is queued.",
    ["bot"],
  );
  const limit = families.gauge(
    "outbox_limit_notifications",
    "Number of queued notifications at which webhooks are answered with 503.",
  );
  const known = new Set<string>();
  let read: ReadBacklog = async () => [];

  return {
    startBots(bots) {
      for (const bot of bots) known.add(bot);
      for (const family of [queued, oldest]) startAtZero(family, { bot: bots });
    },
    async refresh() {
      const backlog = new Map((await read()).map((row) => [row.bot, row]));
      for (const bot of backlog.keys()) known.add(bot);
      for (const bot of known) {
        queued.set({ bot }, backlog.get(bot)?.notifications ?? 0);
        oldest.set({ bot }, Math.max(0, backlog.get(bot)?.oldestMs ?? 0) / 1000);
      }
    },
    backlogFrom(source) {
      read = source;
    },
    outboxLimit: (notifications) => limit.set(notifications),
  };
}
