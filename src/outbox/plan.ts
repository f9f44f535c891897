import { setImmediate as nextTurn } from "node:timers/promises";
import { OutboxConflict } from "./errors.ts";
import { whileHolding } from "./lease.ts";
import { keepMedia } from "./media.ts";
import type { Database, Write } from "./schema.ts";
import { readInLists } from "./statement-sizes.ts";
import type { Lease, NewDelivery } from "./store.ts";

export async function planDelivery(db: Database, lease: Lease, delivery: NewDelivery): Promise<void> {
  const ids = [...new Set(delivery.notificationIds)];
  if (ids.length === 0 || delivery.parts.length === 0)
    throw new OutboxConflict("a delivery needs a notification and a body");
  await whileHolding(db, lease, async (trx) => {
    const deliveryId = await insertDelivery(trx, lease.bot, delivery);
    const taken = await takeWaiting(trx, ids, { deliveryId, bot: lease.bot });
    if (taken.length !== ids.length) {
      throw new OutboxConflict(`only ${taken.length} of ${ids.length} notifications wait for bot ${lease.bot}`);
    }
    await trx
      .updateTable("deliveries")
      .set({
        notifications: taken.length,
        bytes: taken.reduce((sum, { bytes }) => sum + bytes, 0),
        accepted_at: taken.reduce((oldest, { accepted_at }) => Math.min(oldest, accepted_at), Number.POSITIVE_INFINITY),
      })
      .where("id", "=", deliveryId)
      .execute();
    for (const [n, { body, media }] of delivery.parts.entries()) {
      const media_hash = media === null ? null : await keepMedia(trx, media, delivery.plannedAt);
      await insertMessage(trx, {
        delivery_id: deliveryId,
        bot: lease.bot,
        part: n + 1,
        place: n + 1,
        repairs: 0,
        media_hash,
        body,
      });
      // A file may have 20 MB.
      if (media !== null) await nextTurn();
    }
  });
}

interface TakenNotification {
  readonly bytes: number;
  readonly accepted_at: number;
}

/** For a storm this takes as long as a request: the event loop is free in between, but other writers wait for the commit. */
async function takeWaiting(
  trx: Write,
  ids: readonly number[],
  { deliveryId, bot }: { readonly deliveryId: number; readonly bot: string },
): Promise<readonly TakenNotification[]> {
  return readInLists(ids, async (list) => {
    const rows = await trx
      .updateTable("notifications")
      .set({ delivery_id: deliveryId })
      .where("id", "in", list)
      .where("bot", "=", bot)
      .where("delivery_id", "is", null)
      .returning(["bytes", "accepted_at"])
      .execute();
    if (ids.length > list.length) await nextTurn();
    return rows;
  });
}

/** The sums over its notifications follow when these are taken. */
async function insertDelivery(trx: Write, bot: string, delivery: NewDelivery): Promise<number> {
  const { id } = await trx
    .insertInto("deliveries")
    .values({
      bot,
      mode: delivery.mode,
      urgent: delivery.urgent ? 1 : 0,
      notifications: 0,
      alerts: delivery.alerts,
      bytes: 0,
      retractable: 1,
      accepted_at: 0,
      planned_at: delivery.plannedAt,
      settled_at: null,
      key_id: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

interface MessageInsert {
  readonly delivery_id: number;
  readonly bot: string;
  readonly part: number;
  readonly place: number;
  readonly repairs: number;
  readonly media_hash: string | null;
  readonly body: string;
}

export async function insertMessage(trx: Write, message: MessageInsert): Promise<void> {
  await trx
    .insertInto("messages")
    .values({
      ...message,
      state: "ready",
      tries: 0,
      in_doubt: 0,
      not_before_at: 0,
      last_reason: null,
      settled_at: null,
    })
    .execute();
}
