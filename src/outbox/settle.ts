// sending → sent, dead, replaced, or ready again; with its attempt, the key's state, and the delivery when no part of it is open.

import { OutboxConflict } from "./errors.ts";
import { lockLane, whileHolding } from "./lease.ts";
import { forgetMediaId, keepMediaId } from "./media.ts";
import { insertMessage } from "./plan.ts";
import type { Database, Write } from "./schema.ts";
import type { KeyState, Lease, MessageOutcome, SettledDelivery, Settlement } from "./store.ts";

export interface ClosedDelivery {
  readonly delivery: SettledDelivery;
  /** Of its notifications, which leave the backlog. */
  readonly bytes: number;
}

export function settleAttempt(db: Database, lease: Lease, settlement: Settlement): Promise<ClosedDelivery | null> {
  const { messageId, answeredAt, outcome, key } = settlement;
  return db.transaction().execute(async (trx) => {
    // Without the lease, what happened is still recorded; the next holder decides what follows from it.
    const held = await lockLane(trx, lease);
    if (held && key !== null) await setKey(trx, key);
    const { open, keyId } = await answerAttempt(trx, lease.bot, settlement);
    // Not open means that `discover` made the message ready again. Only `sent` still matters to it then.
    if (!(held && open) && outcome.kind !== "sent") return null;
    const message = await trx
      .selectFrom("messages")
      .select(["id", "delivery_id", "bot", "part", "place", "repairs", "in_doubt", "media_hash"])
      .where("id", "=", messageId)
      .where("bot", "=", lease.bot)
      .where("state", "in", open ? ["sending", "ready"] : ["ready"])
      .executeTakeFirst();
    if (message === undefined) return null;
    await applyOutcome(trx, message, { outcome, answeredAt, keyId });
    const waits = outcome.kind === "again" || outcome.kind === "uploaded" || outcome.kind === "reupload";
    return waits ? null : closeDelivery(trx, message.delivery_id, answeredAt);
  });
}

interface AnsweredMessage {
  readonly id: number;
  readonly delivery_id: number;
  readonly bot: string;
  readonly part: number;
  readonly place: number;
  readonly repairs: number;
  readonly in_doubt: number;
  readonly media_hash: string | null;
}

interface KeyAnswer {
  readonly outcome: MessageOutcome;
  readonly answeredAt: number;
  readonly keyId: string;
}

async function applyOutcome(trx: Write, message: AnsweredMessage, answer: KeyAnswer): Promise<void> {
  const { outcome, answeredAt, keyId } = answer;
  const mediaHash = message.media_hash;
  const row = trx.updateTable("messages").where("id", "=", message.id);
  const delivery = trx.updateTable("deliveries").where("id", "=", message.delivery_id);
  switch (outcome.kind) {
    case "sent":
      await row.set({ state: "sent", settled_at: answeredAt }).execute();
      await delivery.set({ retractable: 0, key_id: keyId }).execute();
      break;
    case "again":
      await row
        .set({
          state: "ready",
          not_before_at: outcome.notBeforeAt,
          last_reason: outcome.reason,
          in_doubt: outcome.inDoubt ? 1 : message.in_doubt,
        })
        .execute();
      if (outcome.inDoubt) await delivery.set({ retractable: 0 }).execute();
      break;
    case "uploaded":
      if (mediaHash !== null) await keepMediaId(trx, { ...outcome, keyId, mediaHash });
      break;
    case "reupload":
      await row.set({ state: "ready", repairs: message.repairs + 1, last_reason: outcome.reason }).execute();
      if (mediaHash !== null) await forgetMediaId(trx, keyId, mediaHash);
      break;
    case "dead":
    case "replaced":
      await row.set({ state: outcome.kind, settled_at: answeredAt, last_reason: outcome.reason }).execute();
      if (outcome.kind === "replaced") await insertReplacements(trx, message, outcome.bodies);
  }
}

/** Returns whether the attempt was open. If not, its slot moves to the later instant: the request may have arrived after the earlier one. */
async function answerAttempt(trx: Write, bot: string, settlement: Settlement) {
  const { attemptId, messageId, answeredAt, outcome } = settlement;
  const attempt = await trx
    .selectFrom("attempts")
    .select(["answered_at", "key_id"])
    .where("id", "=", attemptId)
    .where("message_id", "=", messageId)
    .where("bot", "=", bot)
    .executeTakeFirst();
  if (attempt === undefined) throw new OutboxConflict(`message ${messageId} of bot ${bot} has no attempt ${attemptId}`);
  await trx
    .updateTable("attempts")
    .set({
      answered_at: Math.max(answeredAt, attempt.answered_at ?? answeredAt),
      outcome: outcome.kind === "sent" || outcome.kind === "uploaded" ? outcome.kind : outcome.reason,
    })
    .where("id", "=", attemptId)
    .execute();
  return { open: attempt.answered_at === null, keyId: attempt.key_id };
}

/** Later parts move up, so that the replacements take the place of the original. */
async function insertReplacements(trx: Write, old: AnsweredMessage, bodies: readonly string[]): Promise<void> {
  if (bodies.length === 0) throw new OutboxConflict("a rejected body needs at least one replacement");
  if (bodies.length > 1) {
    await trx
      .updateTable("messages")
      .set((eb) => ({ place: eb("place", "+", bodies.length - 1) }))
      .where("delivery_id", "=", old.delivery_id)
      .where("place", ">", old.place)
      .where("settled_at", "is", null)
      .execute();
  }
  for (const [n, body] of bodies.entries()) {
    await insertMessage(trx, {
      delivery_id: old.delivery_id,
      bot: old.bot,
      part: old.part,
      place: old.place + n,
      repairs: old.repairs + 1,
      media_hash: null,
      body,
    });
  }
}

async function setKey(trx: Write, key: KeyState): Promise<void> {
  const state = {
    hold_until_at: key.holdUntilAt,
    off_reason: key.offReason,
    probe_at: key.probeAt,
    failures: key.failures,
  };
  await trx
    .insertInto("keys")
    .values({ key_id: key.keyId, ...state })
    .onConflict((conflict) => conflict.column("key_id").doUpdateSet(state))
    .execute();
}

async function closeDelivery(trx: Write, id: number, settledAt: number): Promise<ClosedDelivery | null> {
  const closed = await trx
    .updateTable("deliveries")
    .set({ settled_at: settledAt })
    .where("id", "=", id)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom("messages").select("id").where("delivery_id", "=", id).where("settled_at", "is", null))),
    )
    .returning(["mode", "notifications", "alerts", "accepted_at as acceptedAt", "bytes"])
    .executeTakeFirst();
  if (closed === undefined) return null;
  const dead = await trx
    .selectFrom("messages")
    .select("last_reason")
    .where("delivery_id", "=", id)
    .where("state", "=", "dead")
    .orderBy("place")
    .execute();
  const { bytes, ...delivery } = closed;
  return { bytes, delivery: { ...delivery, failures: dead.flatMap(({ last_reason }) => last_reason ?? []) } };
}

/** sending → ready and in doubt, for a lane whose last holder died between request and record. */
export function discoverUnanswered(db: Database, lease: Lease, now: number): Promise<number> {
  return whileHolding(db, lease, async (trx) => {
    const found = await trx
      .updateTable("messages")
      .set({ state: "ready", in_doubt: 1, last_reason: "answerNeverSeen" })
      .where("bot", "=", lease.bot)
      .where("settled_at", "is", null)
      .where("state", "=", "sending")
      .returning("delivery_id")
      .execute();
    for (const { delivery_id } of found) {
      await trx.updateTable("deliveries").set({ retractable: 0 }).where("id", "=", delivery_id).execute();
    }
    await trx
      .updateTable("attempts")
      .set({ answered_at: now, outcome: "answerNeverSeen" })
      .where("bot", "=", lease.bot)
      .where("answered_at", "is", null)
      .execute();
    return found.length;
  });
}
