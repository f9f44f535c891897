// What is accepted and not settled: notifications that wait to be planned, and those of deliveries with an open part.

import { sql } from "kysely";
import type { Database } from "./schema.ts";
import type { LaneBacklog } from "./store.ts";

export interface Backlog {
  readonly notifications: number;
  /** UTF-8 length of their stored JSON. */
  readonly bytes: number;
}

export const emptyBacklog: Backlog = { notifications: 0, bytes: 0 };

/** Of all bots. Reads every waiting row (0.1 s for 100,000): an engine with one process counts once, when it opens. */
export async function countBacklog(db: Database): Promise<Backlog> {
  // The cast: PostgreSQL's sum of a bigint is a numeric.
  const bytes = sql<number>`cast(coalesce(sum(bytes), 0) as bigint)`.as("bytes");
  const queued = await db
    .selectFrom("notifications")
    .select((eb) => [eb.fn.countAll<number>().as("notifications"), bytes])
    .where("delivery_id", "is", null)
    .executeTakeFirstOrThrow();
  const planned = await db
    .selectFrom("deliveries")
    .select([sql<number>`coalesce(sum(notifications), 0)`.as("notifications"), bytes])
    .where("settled_at", "is", null)
    .executeTakeFirstOrThrow();
  return { notifications: queued.notifications + planned.notifications, bytes: queued.bytes + planned.bytes };
}

export async function readBacklog(db: Database): Promise<readonly LaneBacklog[]> {
  const queued = await db
    .selectFrom("notifications")
    .select((eb) => [
      "bot",
      eb.fn.countAll<number>().as("notifications"),
      eb.fn.min("accepted_at").as("oldestAcceptedAt"),
    ])
    .where("delivery_id", "is", null)
    .groupBy("bot")
    .execute();
  const planned = await db
    .selectFrom("deliveries")
    .select((eb) => [
      "bot",
      eb.fn.sum<number>("notifications").as("notifications"),
      eb.fn.min("accepted_at").as("oldestAcceptedAt"),
    ])
    .where("settled_at", "is", null)
    .groupBy("bot")
    .execute();
  const lanes = Map.groupBy([...queued, ...planned], ({ bot }) => bot);
  return [...lanes].map(([bot, counts]) => ({
    bot,
    notifications: counts.reduce((sum, { notifications }) => sum + notifications, 0),
    oldestAcceptedAt: Math.min(...counts.map(({ oldestAcceptedAt }) => oldestAcceptedAt)),
  }));
}
