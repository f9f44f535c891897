// What waits, bot by bot: pending notifications, and planned ones whose delivery is not settled.

import type { Database } from "./schema.ts";
import type { LaneBacklog } from "./store.ts";

export async function readBacklog(db: Database): Promise<readonly LaneBacklog[]> {
  const pending = await db
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
  const lanes = Map.groupBy([...pending, ...planned], ({ bot }) => bot);
  return [...lanes].map(([bot, counts]) => ({
    bot,
    notifications: counts.reduce((sum, { notifications }) => sum + notifications, 0),
    oldestAcceptedAt: Math.min(...counts.map(({ oldestAcceptedAt }) => oldestAcceptedAt)),
  }));
}
