import { setImmediate as nextTurn } from "node:timers/promises";
import type { Database } from "./schema.ts";
import { readInLists } from "./statement-sizes.ts";
import type { AttemptTimes, KeyState, LaneQuery, LaneWork, MediaId, QueuedHead, StoredMessage } from "./store.ts";

export async function readLane(db: Database, bot: string, query: LaneQuery): Promise<LaneWork> {
  const messages = await readMessages(db, bot);
  const attempts = await readAttempts(db, query);
  return {
    pending: await readHeads(db, bot, query.maxHeads),
    messages,
    attempts: attempts.map(({ keyId, startedAt, answeredAt }) => ({ keyId, startedAt, answeredAt })),
    unanswered: attempts.filter((attempt) => attempt.bot === bot && attempt.answeredAt === null).length,
    keys: await readKeys(db, query.keyIds),
    busyGroups: messages.length === 0 ? new Set() : await readBusyGroups(db, bot),
    lastNormalAt: await readLastPlanned(db, bot, false),
    lastUrgentAt: await readLastPlanned(db, bot, true),
    mediaIds: await readMediaIds(db, messages),
  };
}

async function readBusyGroups(db: Database, bot: string): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("deliveries")
    .innerJoin("notifications", "notifications.delivery_id", "deliveries.id")
    .select("notifications.group_id as groupId")
    .distinct()
    .where("deliveries.bot", "=", bot)
    .where("deliveries.settled_at", "is", null)
    .execute();
  return new Set(rows.map(({ groupId }) => groupId));
}

async function readLastPlanned(db: Database, bot: string, urgent: boolean): Promise<number> {
  const row = await db
    .selectFrom("deliveries")
    .select("planned_at as plannedAt")
    .where("bot", "=", bot)
    .where("urgent", "=", urgent ? 1 : 0)
    .orderBy("planned_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.plannedAt ?? 0;
}

function readMediaIds(db: Database, messages: readonly StoredMessage[]): Promise<readonly MediaId[]> {
  const hashes = [...new Set(messages.flatMap(({ mediaHash }) => mediaHash ?? []))];
  return readInLists(hashes, (list) =>
    db
      .selectFrom("media_ids")
      .select(["key_id as keyId", "media_hash as mediaHash", "media_id as mediaId", "expires_at as expiresAt"])
      .where("media_hash", "in", list)
      .execute(),
  );
}

async function readHeads(db: Database, bot: string, maxHeads: number): Promise<readonly QueuedHead[]> {
  const urgent = await readHeadsOf(db, bot, { urgent: true, limit: maxHeads });
  const others = await readHeadsOf(db, bot, { urgent: false, limit: maxHeads - urgent.length });
  return [...urgent, ...others].sort((a, b) => a.id - b.id);
}

/** SQLite reads this many in about 5 ms; in between the event loop is free. */
const headsAtOnce = 2_048;

async function readHeadsOf(
  db: Database,
  bot: string,
  { urgent, limit }: { readonly urgent: boolean; readonly limit: number },
): Promise<readonly QueuedHead[]> {
  const found: QueuedHead[] = [];
  while (found.length < limit) {
    const most = Math.min(headsAtOnce, limit - found.length);
    const rows = await db
      .selectFrom("notifications")
      .select(["id", "group_id as groupId", "accepted_at as acceptedAt", "ready_at as readyAt", "alerts"])
      .where("bot", "=", bot)
      .where("urgent", "=", urgent ? 1 : 0)
      .where("delivery_id", "is", null)
      .where("id", ">", found.at(-1)?.id ?? 0)
      .orderBy("id")
      .limit(most)
      .execute();
    for (const row of rows) found.push({ ...row, urgent });
    if (rows.length < most) break;
    await nextTurn();
  }
  return found;
}

async function readMessages(db: Database, bot: string): Promise<readonly StoredMessage[]> {
  const rows = await db
    .selectFrom("messages")
    .innerJoin("deliveries", "deliveries.id", "messages.delivery_id")
    .select([
      "messages.id",
      "messages.delivery_id as deliveryId",
      "messages.state",
      "messages.part",
      "messages.body",
      "messages.tries",
      "messages.repairs",
      "messages.in_doubt",
      "messages.not_before_at as notBeforeAt",
      "messages.last_reason as lastReason",
      "messages.media_hash as mediaHash",
      "deliveries.urgent",
      "deliveries.accepted_at as acceptedAt",
      "deliveries.planned_at as plannedAt",
      "deliveries.retractable",
      "deliveries.key_id as keyId",
    ])
    .where("messages.bot", "=", bot)
    .where("messages.settled_at", "is", null)
    .orderBy("messages.delivery_id")
    .orderBy("messages.place")
    .execute();
  const sending = new Set(rows.filter(({ state }) => state === "sending").map(({ deliveryId }) => deliveryId));
  return rows.map(({ in_doubt, retractable, urgent, state, ...row }) => ({
    ...row,
    state: state === "sending" ? "sending" : "ready",
    urgent: urgent === 1,
    inDoubt: in_doubt === 1,
    retractable: retractable === 1 && !sending.has(row.deliveryId),
  }));
}

interface AttemptRow extends AttemptTimes {
  readonly bot: string;
}

function readAttempts(db: Database, { keyIds, windowStartAt }: LaneQuery): Promise<readonly AttemptRow[]> {
  return readInLists(keyIds, (list) => {
    const ofKeys = db
      .selectFrom("attempts")
      .select(["id", "key_id as keyId", "started_at as startedAt", "answered_at as answeredAt", "bot"])
      .where("key_id", "in", list);
    // Two searches, not one with `or`: that one would read all attempts that a key ever made.
    return ofKeys
      .where("answered_at", "is", null)
      .unionAll(ofKeys.where("answered_at", ">", windowStartAt))
      .orderBy("id")
      .execute();
  });
}

function readKeys(db: Database, keyIds: readonly string[]): Promise<readonly KeyState[]> {
  return readInLists(keyIds, (list) =>
    db
      .selectFrom("keys")
      .select([
        "key_id as keyId",
        "hold_until_at as holdUntilAt",
        "off_reason as offReason",
        "probe_at as probeAt",
        "failures",
      ])
      .where("key_id", "in", list)
      .execute(),
  );
}
