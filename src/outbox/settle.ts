// sending → sent, dead, replaced, or ready again; with its attempt, the key's state, and the delivery when nothing of it is open.

import { OutboxConflict } from "./errors.ts";
import { lockLane } from "./lease.ts";
import { forgetMediaId, keepMediaId } from "./media.ts";
import { insertMessage } from "./plan.ts";
import type { Database, Write } from "./schema.ts";
import type { KeyState, Lease, MessageOutcome, SettledDelivery, Settlement } from "./store.ts";

export interface Settled {
  readonly delivery: SettledDelivery;
  /** Of its notifications: they wait no more. */
  readonly bytes: number;
}

export function settleAttempt(db: Database, lease: Lease, settlement: Settlement): Promise<Settled | null> {
  const { messageId, answeredAt, outcome, key } = settlement;
  return db.transaction().execute(async (trx) => {
    // With the lease lost, what happened is still recorded; what follows from it is the next holder's to decide.
    const held = await lockLane(trx, lease);
    if (held && key !== null) await setKey(trx, key);
    const { open, keyId } = await answerAttempt(trx, lease.bot, settlement);
    // Not open means that `discover` made the message ready again. Only `sent` still says something of it then.
    if (!(held && open) && outcome.kind !== "sent") return null;
    const message = await trx
      .selectFrom("messages")
      .select(["id", "delivery_id", "bot", "part", "place", "repairs", "media_hash", "state"])
      .where("id", "=", messageId)
      .where("bot", "=", lease.bot)
      .where("state", "in", open ? ["sending", "ready"] : ["ready"])
      .executeTakeFirst();
    if (message === undefined) return null;
    await moveMessage(trx, messageId, { outcome, answeredAt });
    await followUp(trx, { message, outcome, keyId });
    const waits = outcome.kind === "again" || outcome.kind === "uploaded" || outcome.kind === "reupload";
    return waits ? null : closeDelivery(trx, message.delivery_id, answeredAt);
  });
}

interface Moved {
  readonly message: Replaced & { readonly media_hash: string | null };
  readonly outcome: MessageOutcome;
  readonly keyId: string;
}

/** What an outcome changes beside the message itself. */
async function followUp(trx: Write, { message, outcome, keyId }: Moved): Promise<void> {
  switch (outcome.kind) {
    case "sent":
      await keepForGood(trx, message.delivery_id);
      await trx.updateTable("deliveries").set({ key_id: keyId }).where("id", "=", message.delivery_id).execute();
      break;
    case "again":
      if (outcome.inDoubt) await keepForGood(trx, message.delivery_id);
      break;
    case "replaced":
      await insertReplacements(trx, message, outcome.bodies);
      break;
    case "uploaded":
      await keepMediaId(trx, { keyId, hash: message.media_hash, ...outcome });
      break;
    case "reupload":
      await forgetMediaId(trx, { keyId, hash: message.media_hash });
      break;
    case "dead":
  }
}

/** Says whether the attempt was open. If not, its slot moves to the later instant: the request may have arrived after the first. */
async function answerAttempt(trx: Write, bot: string, settlement: Settlement): Promise<Answered> {
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

interface Answered {
  readonly open: boolean;
  readonly keyId: string;
}

async function moveMessage(
  trx: Write,
  id: number,
  { outcome, answeredAt }: { readonly outcome: MessageOutcome; readonly answeredAt: number },
): Promise<void> {
  const message = trx.updateTable("messages").where("id", "=", id);
  switch (outcome.kind) {
    case "sent":
      await message.set({ state: "sent", settled_at: answeredAt }).execute();
      break;
    case "dead":
    case "replaced":
      await message.set({ state: outcome.kind, settled_at: answeredAt, last_reason: outcome.reason }).execute();
      break;
    case "uploaded":
      break;
    case "reupload":
      await message
        .set((eb) => ({ state: "ready" as const, repairs: eb("repairs", "+", 1), last_reason: outcome.reason }))
        .execute();
      break;
    case "again": {
      const doubt = outcome.inDoubt ? { in_doubt: 1 } : {};
      const { notBeforeAt, reason } = outcome;
      await message.set({ state: "ready", not_before_at: notBeforeAt, last_reason: reason, ...doubt }).execute();
    }
  }
}

interface Replaced {
  readonly delivery_id: number;
  readonly bot: string;
  readonly part: number;
  readonly place: number;
  readonly repairs: number;
}

/** What follows moves up, so that the replacements stand where the original stood. */
async function insertReplacements(trx: Write, old: Replaced, bodies: readonly string[]): Promise<void> {
  if (bodies.length === 0) throw new OutboxConflict("a refused body needs at least one that replaces it");
  if (bodies.length > 1) {
    await trx
      .updateTable("messages")
      .set((eb) => ({ place: eb("place", "+", bodies.length - 1) }))
      .where("delivery_id", "=", old.delivery_id)
      .where("place", ">", old.place)
      .where("settled_at", "is", null)
      .execute();
  }
  const { delivery_id: deliveryId, bot, part } = old;
  for (const [n, body] of bodies.entries()) {
    const repairs = old.repairs + 1;
    await insertMessage(trx, { deliveryId, bot, part, place: old.place + n, repairs, body, mediaHash: null });
  }
}

/** Marks that something of the delivery was, or may have been, delivered. */
export async function keepForGood(trx: Write, deliveryId: number): Promise<void> {
  await trx.updateTable("deliveries").set({ retractable: 0 }).where("id", "=", deliveryId).execute();
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

async function closeDelivery(trx: Write, id: number, settledAt: number): Promise<Settled | null> {
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
