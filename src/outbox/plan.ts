// Waiting notifications → a delivery with its messages, ready to be sent.

import { setImmediate as nextTurn } from "node:timers/promises";
import { OutboxConflict } from "./errors.ts";
import { whileHolding } from "./lease.ts";
import { keepMedia } from "./media.ts";
import type { Database, Write } from "./schema.ts";
import { filledLists } from "./statement-sizes.ts";
import type { Lease, NewDelivery } from "./store.ts";

export async function planDelivery(db: Database, lease: Lease, delivery: NewDelivery): Promise<void> {
  const ids = [...new Set(delivery.notificationIds)];
  if (ids.length === 0 || delivery.parts.length === 0)
    throw new OutboxConflict("a delivery needs a notification and a body");
  await whileHolding(db, lease, async (trx) => {
    const deliveryId = await insertDelivery(trx, { ...delivery, ...noSums, bot: lease.bot });
    const taken = await takeWaiting(trx, ids, { deliveryId, bot: lease.bot });
    if (taken.notifications !== ids.length) {
      throw new OutboxConflict(`only ${taken.notifications} of ${ids.length} notifications wait for bot ${lease.bot}`);
    }
    const { notifications, bytes, acceptedAt: accepted_at } = taken;
    await trx
      .updateTable("deliveries")
      .set({ notifications, bytes, accepted_at })
      .where("id", "=", deliveryId)
      .execute();
    for (const [n, { body, media }] of delivery.parts.entries()) {
      const mediaHash = media === null ? null : await keepMedia(trx, media, delivery.plannedAt);
      await insertMessage(trx, { deliveryId, bot: lease.bot, part: n + 1, place: n + 1, repairs: 0, body, mediaHash });
      // A file may have 20 MB.
      if (mediaHash !== null) await nextTurn();
    }
  });
}

interface NotificationSums {
  readonly notifications: number;
  readonly bytes: number;
  readonly acceptedAt: number;
}

const noSums: NotificationSums = { notifications: 0, bytes: 0, acceptedAt: 0 };

/** For a storm this takes as long as a request: the event loop is free in between, but other writers wait for the commit. */
async function takeWaiting(
  trx: Write,
  ids: readonly number[],
  { deliveryId, bot }: { readonly deliveryId: number; readonly bot: string },
): Promise<NotificationSums> {
  let sums: NotificationSums = { notifications: 0, bytes: 0, acceptedAt: Number.POSITIVE_INFINITY };
  for (const list of filledLists(ids)) {
    const rows = await trx
      .updateTable("notifications")
      .set({ delivery_id: deliveryId })
      .where("id", "in", list)
      .where("bot", "=", bot)
      .where("delivery_id", "is", null)
      .returning(["bytes", "accepted_at"])
      .execute();
    sums = rows.reduce(
      (sum, row) => ({
        notifications: sum.notifications + 1,
        bytes: sum.bytes + row.bytes,
        acceptedAt: Math.min(sum.acceptedAt, row.accepted_at),
      }),
      sums,
    );
    if (ids.length > list.length) await nextTurn();
  }
  return sums;
}

async function insertDelivery(
  trx: Write,
  delivery: NewDelivery & NotificationSums & { readonly bot: string },
): Promise<number> {
  const { id } = await trx
    .insertInto("deliveries")
    .values({
      bot: delivery.bot,
      group_id: delivery.groupId,
      mode: delivery.mode,
      urgent: delivery.urgent ? 1 : 0,
      notifications: delivery.notifications,
      alerts: delivery.alerts,
      bytes: delivery.bytes,
      retractable: 1,
      accepted_at: delivery.acceptedAt,
      planned_at: delivery.plannedAt,
      settled_at: null,
      key_id: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
}

interface MessageInsert {
  readonly deliveryId: number;
  readonly bot: string;
  readonly part: number;
  readonly place: number;
  readonly repairs: number;
  readonly body: string;
  readonly mediaHash: string | null;
}

export async function insertMessage(trx: Write, message: MessageInsert): Promise<void> {
  await trx
    .insertInto("messages")
    .values({
      delivery_id: message.deliveryId,
      bot: message.bot,
      part: message.part,
      place: message.place,
      state: "ready",
      tries: 0,
      repairs: message.repairs,
      in_doubt: 0,
      not_before_at: 0,
      last_reason: null,
      settled_at: null,
      media_hash: message.mediaHash,
      body: message.body,
    })
    .execute();
}
