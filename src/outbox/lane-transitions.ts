// The life of a delivery, decided in the holder's memory: each function changes the memory and returns the rows to be written. Pure but
// for the memory it is given.

import { createHash } from "node:crypto";
import type { DeliveredState } from "../domain/instance.ts";
import type { Media } from "../domain/media.ts";
import { NotRetractable, OutboxConflict } from "./errors.ts";
import { type HeldChange, type LaneFacts, type Mark, noFacts } from "./lane-change.ts";
import { isRetractable, type LaneMemory, type OpenDelivery } from "./lane-memory.ts";
import type { AttemptRow, Closing, DeliveryRow, HeadRow, KeyRow, MediaRow, MessageRow, StateRow } from "./rows.ts";
import type { AttemptStart, KeyState, MessageOutcome, NewDelivery, SendWindow, Settlement } from "./store.ts";

export interface Transition {
  readonly change: Partial<HeldChange>;
  readonly facts: LaneFacts;
  /** Deliveries of which no part is open any more. */
  readonly done: readonly OpenDelivery[];
}

/** Waiting notifications become a delivery with ready messages; those that need no message leave the lane. */
export function planDelivery(memory: LaneMemory, delivery: NewDelivery): Transition {
  const closed = waitingHeads(memory, delivery.suppressedIds);
  const heads = waitingHeads(memory, delivery.notificationIds);
  const isEmpty = heads.length === 0 && delivery.parts.length === 0 && closed.length > 0;
  if (!isEmpty && (heads.length === 0 || delivery.parts.length === 0))
    throw new OutboxConflict("a delivery needs a notification and a body");
  const planned = isEmpty ? {} : addDelivery(memory, delivery, heads);
  memory.removeHeads(closed);
  const closings = closed.map(
    ({ id, bytes }): Closing => ({
      notificationId: id,
      bytes,
      outcome: "suppressed",
      mode: null,
      deliveryId: null,
      at: delivery.plannedAt,
    }),
  );
  return { change: { ...planned, closings }, facts: noFacts, done: [] };
}

function waitingHeads(memory: LaneMemory, notificationIds: readonly number[]): readonly HeadRow[] {
  const ids = [...new Set(notificationIds)];
  const heads = ids.flatMap((id) => memory.heads.get(id) ?? []);
  if (heads.length === ids.length) return heads;
  throw new OutboxConflict(`only ${heads.length} of ${ids.length} notifications wait for bot ${memory.bot}`);
}

function addDelivery(memory: LaneMemory, delivery: NewDelivery, heads: readonly HeadRow[]): Partial<HeldChange> {
  const row = deliveryRow(memory, delivery, heads);
  const newMedia = delivery.parts.flatMap(({ media }) => (media === null ? [] : mediaRow(media, delivery.plannedAt)));
  const newMessages = delivery.parts.map(({ body, media }, n) =>
    messageRow(memory, row.id, {
      part: n + 1,
      place: n + 1,
      repairs: 0,
      in_doubt: 0,
      media_hash: media && hashOf(media),
      body,
    }),
  );
  memory.addDelivery(
    row,
    heads.map(({ id }) => id),
    newMessages,
  );
  const normalAt = delivery.urgent ? 0 : delivery.plannedAt;
  const urgentAt = delivery.urgent ? delivery.plannedAt : 0;
  memory.normalAt = Math.max(memory.normalAt, normalAt);
  memory.urgentAt = Math.max(memory.urgentAt, urgentAt);
  return { newDeliveries: [row], newMessages, newMedia, normalAt, urgentAt };
}

export function retractDelivery(memory: LaneMemory, deliveryId: number): Transition {
  const delivery = memory.deliveries.get(deliveryId);
  if (delivery === undefined || !isRetractable(delivery, memory.sending())) throw new NotRetractable(deliveryId);
  memory.takeBack(delivery);
  return waits(rowsGone([delivery]));
}

/** Everything that has no request in flight goes to another bot. */
export function moveLane(memory: LaneMemory, toBot: string): Transition & { readonly notifications: number } {
  const sending = memory.sending();
  const idle = [...memory.deliveries.values()].filter(({ messages }) => messages.every(({ id }) => !sending.has(id)));
  for (const delivery of idle) memory.takeBack(delivery);
  const moved = [...memory.heads.keys()];
  memory.removeHeads([...memory.heads.values()]);
  return { ...waits({ ...rowsGone(idle), moved, movedTo: toBot }), notifications: moved.length };
}

/** ready → sending. */
export function beginAttempt(memory: LaneMemory, start: AttemptStart, window: SendWindow): Mark {
  const { messageId, keyId, startedAt, upload } = start;
  if (memory.messageOf(messageId) === null || memory.sending().has(messageId))
    throw new OutboxConflict(`message ${messageId} is not ready in the lane of bot ${memory.bot}`);
  const attempt: AttemptRow = {
    id: memory.nextId(),
    key_id: keyId,
    bot: memory.bot,
    message_id: messageId,
    upload: upload ? 1 : 0,
    started_at: startedAt,
    answered_at: null,
    outcome: null,
  };
  const keyVersion = memory.keyVersions.get(keyId) ?? 0;
  memory.keyVersions.set(keyId, keyVersion + 1);
  memory.attempts.set(attempt.id, attempt);
  return { attempt, keyVersion, window };
}

/** sending → sent, dead, replaced, or ready again; with its attempt, the key's state, and the delivery when no part of it is open. */
export function settleAttempt(memory: LaneMemory, settlement: Settlement): Transition {
  const { attemptId, messageId, answeredAt, outcome, key } = settlement;
  const attempt = memory.attempts.get(attemptId);
  if (attempt?.message_id !== messageId)
    throw new OutboxConflict(`message ${messageId} of bot ${memory.bot} has no attempt ${attemptId}`);
  if (outcome.kind === "replaced" && outcome.bodies.length === 0)
    throw new OutboxConflict("a rejected body needs at least one replacement");
  answerAttempt(memory, attempt, answeredAt);
  // An answered one was given up: the message waits or is being sent again, and only `sent` still matters to it.
  const isLate = attempt.answered_at !== null;
  const found = memory.messageOf(messageId);
  const counts = found !== null && (!isLate || (outcome.kind === "sent" && !memory.sending().has(messageId)));
  const applied = counts ? applyOutcome(memory, { ...found, attempt }, outcome) : {};
  const done = counts && isDone(found.delivery) ? [found.delivery] : [];
  const keys = key === null ? [] : memory.changeKey(keyRowOf(key));
  return {
    change: { ...applied, ...closeDeliveries(memory, done, answeredAt, applied.changedDeliveries), keys },
    facts: {
      answered: [{ id: attemptId, answeredAt, outcome: "reason" in outcome ? outcome.reason : outcome.kind }],
      sent: outcome.kind === "sent" ? [messageId] : [],
      doubted: outcome.kind === "again" && outcome.inDoubt ? [messageId] : [],
    },
    done,
  };
}

/** For a lane whose last holder died: open attempts count from now on, and deliveries without an open message are closed. */
export function recoverLane(memory: LaneMemory, now: number): Transition & { readonly inDoubt: number } {
  const open = memory.openAttempts();
  const doubted = open.flatMap(({ upload, message_id }) => (upload === 0 ? (memory.messageOf(message_id) ?? []) : []));
  for (const attempt of open) answerAttempt(memory, attempt, now);
  const changedMessages = doubted.map(({ delivery, message }) =>
    changeMessage(delivery, { ...message, in_doubt: 1, tries: message.tries + 1, last_reason: "answerNeverSeen" }),
  );
  const done = [...memory.deliveries.values()].filter(isDone);
  return {
    change: { changedMessages, ...closeDeliveries(memory, done, now) },
    facts: { ...noFacts, answered: open.map(({ id }) => ({ id, answeredAt: now, outcome: "answerNeverSeen" })) },
    done,
    inDoubt: doubted.length,
  };
}

interface AnsweredMessage {
  readonly delivery: OpenDelivery;
  readonly message: MessageRow;
  readonly attempt: AttemptRow;
}

function applyOutcome(memory: LaneMemory, answered: AnsweredMessage, outcome: MessageOutcome): Partial<HeldChange> {
  const { delivery, message, attempt } = answered;
  const tries = message.tries + 1;
  switch (outcome.kind) {
    case "sent":
      delivery.messages = delivery.messages.filter(({ id }) => id !== message.id);
      delivery.row = { ...delivery.row, key_id: attempt.key_id };
      return isDone(delivery) ? {} : { changedDeliveries: [delivery.row] };
    case "again": {
      const in_doubt = outcome.inDoubt ? 1 : message.in_doubt;
      const row = { ...message, tries, in_doubt, not_before_at: outcome.notBeforeAt, last_reason: outcome.reason };
      return { changedMessages: [changeMessage(delivery, row)] };
    }
    case "uploaded":
      return keepMediaId(memory, answered, outcome);
    case "reupload": {
      const row = { ...message, tries, repairs: message.repairs + 1, last_reason: outcome.reason };
      return { changedMessages: [changeMessage(delivery, row)], goneMediaIds: forgetMediaId(memory, answered) };
    }
    case "dead":
      return {
        changedMessages: [changeMessage(delivery, { ...message, tries, dead: 1, last_reason: outcome.reason })],
      };
    case "replaced":
      return replaceMessage(memory, answered, outcome.bodies);
  }
}

function keepMediaId(
  memory: LaneMemory,
  answered: AnsweredMessage,
  { mediaId, expiresAt }: Extract<MessageOutcome, { readonly kind: "uploaded" }>,
): Partial<HeldChange> {
  const { media_hash } = answered.message;
  if (media_hash === null) return {};
  const row = { key_id: answered.attempt.key_id, media_hash, media_id: mediaId, expires_at: expiresAt };
  forgetMediaId(memory, answered);
  memory.mediaIds = [...memory.mediaIds, row];
  return { mediaIds: [row] };
}

function forgetMediaId(memory: LaneMemory, { message, attempt }: AnsweredMessage) {
  const [gone = [], kept = []] = partition(
    memory.mediaIds,
    (row) => row.key_id === attempt.key_id && row.media_hash === message.media_hash,
  );
  memory.mediaIds = kept;
  return gone;
}

/** Later parts move up, so that the replacements take the place of the original. When it may have been delivered, they repeat it. */
function replaceMessage(
  memory: LaneMemory,
  { delivery, message: old }: AnsweredMessage,
  bodies: readonly string[],
): Partial<HeldChange> {
  const newMessages = bodies.map((body, n) =>
    messageRow(memory, delivery.row.id, {
      part: old.part,
      place: old.place + n,
      repairs: old.repairs + 1,
      in_doubt: old.in_doubt,
      media_hash: null,
      body,
    }),
  );
  const [earlier, others] = partition(delivery.messages, ({ place }) => place < old.place);
  const later = others
    .filter(({ id }) => id !== old.id)
    .map((message) => ({ ...message, place: message.place + bodies.length - 1 }));
  delivery.messages = [...earlier, ...newMessages, ...later];
  return { newMessages, goneMessages: [old.id], changedMessages: bodies.length > 1 ? later : [] };
}

/** Of a delivered one nothing is left; one with a dead part stays on record. */
function closeDeliveries(
  memory: LaneMemory,
  done: readonly OpenDelivery[],
  at: number,
  changed: readonly DeliveryRow[] = [],
): Partial<HeldChange> {
  for (const delivery of done) memory.removeDelivery(delivery);
  const [delivered, dead] = partition(done, ({ messages }) => messages.length === 0);
  return {
    closings: done.flatMap(closingsOf(at)),
    states: keepStates(memory, delivered),
    goneDeliveries: delivered.map(({ row }) => row.id),
    changedDeliveries: [...changed, ...dead.map(({ row }) => ({ ...row, settled_at: at }))],
  };
}

/** Each row once: a digest may tell of one alert in several groups. The last state counts. */
function keepStates(memory: LaneMemory, delivered: readonly OpenDelivery[]): readonly StateRow[] {
  const states = delivered.flatMap(({ row }) => JSON.parse(row.states) as readonly DeliveredState[]);
  const rows = states.map((state) => memory.keepState(state));
  return [...new Map(rows.map((row) => [`${row.destination} ${row.identity} ${row.origin}`, row])).values()];
}

function closingsOf(at: number) {
  return ({ row, heads, messages }: OpenDelivery): readonly Closing[] => {
    const outcome = messages.length === 0 ? "delivered" : "dead";
    return heads.map(({ id, bytes }) => ({
      notificationId: id,
      bytes,
      outcome,
      mode: row.mode,
      deliveryId: row.id,
      at,
    }));
  };
}

function isDone({ messages }: OpenDelivery): boolean {
  return messages.every(({ dead }) => dead === 1);
}

function rowsGone(deliveries: readonly OpenDelivery[]): Partial<HeldChange> {
  return {
    goneDeliveries: deliveries.map(({ row }) => row.id),
    goneMessages: deliveries.flatMap(({ messages }) => messages.map(({ id }) => id)),
  };
}

function waits(change: Partial<HeldChange>): Transition {
  return { change, facts: noFacts, done: [] };
}

/** The later instant counts: the request may have arrived after the earlier one. */
function answerAttempt(memory: LaneMemory, attempt: AttemptRow, at: number): void {
  memory.attempts.set(attempt.id, { ...attempt, answered_at: Math.max(at, attempt.answered_at ?? at) });
}

function changeMessage(delivery: OpenDelivery, row: MessageRow): MessageRow {
  delivery.messages = delivery.messages.map((message) => (message.id === row.id ? row : message));
  return row;
}

function deliveryRow(memory: LaneMemory, delivery: NewDelivery, heads: readonly HeadRow[]): DeliveryRow {
  return {
    id: memory.nextId(),
    bot: memory.bot,
    mode: delivery.mode,
    urgent: delivery.urgent ? 1 : 0,
    alerts: delivery.alerts,
    bytes: heads.reduce((sum, { bytes }) => sum + bytes, 0),
    accepted_at: heads.reduce((oldest, head) => Math.min(oldest, head.accepted_at), Number.POSITIVE_INFINITY),
    planned_at: delivery.plannedAt,
    settled_at: null,
    key_id: null,
    notification_ids: JSON.stringify(heads.map(({ id }) => id)),
    states: JSON.stringify(delivery.states),
  };
}

interface FreshMessage {
  readonly part: number;
  readonly place: number;
  readonly repairs: number;
  readonly in_doubt: number;
  readonly media_hash: string | null;
  readonly body: string;
}

function messageRow(memory: LaneMemory, deliveryId: number, message: FreshMessage): MessageRow {
  return {
    ...message,
    id: memory.nextId(),
    delivery_id: deliveryId,
    tries: 0,
    dead: 0,
    not_before_at: 0,
    last_reason: null,
  };
}

function keyRowOf(key: KeyState): KeyRow {
  return {
    key_id: key.keyId,
    hold_until_at: key.holdUntilAt,
    off_reason: key.offReason,
    probe_at: key.probeAt,
    failures: key.failures,
  };
}

/** One copy of a file is kept, however many messages use it. */
function hashOf({ type, name, content }: Media): string {
  return createHash("sha256").update(`${type}\0${name}\0`).update(content).digest("base64url");
}

function mediaRow(media: Media, createdAt: number): MediaRow {
  const { type, name, content } = media;
  return { hash: hashOf(media), type, name, created_at: createdAt, content: Buffer.from(content).toString("base64") };
}

function partition<T>(all: readonly T[], test: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(test), all.filter((one) => !test(one))];
}
