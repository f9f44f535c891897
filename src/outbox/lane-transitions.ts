// The life of a delivery, decided in the holder's memory: each function changes the memory and returns the rows to be written. Pure but
// for the memory it is given.

import { createHash } from "node:crypto";
import type { DeliveredState } from "../domain/instance.ts";
import type { Media } from "../domain/media.ts";
import { applyOutcome, changeMessage, isDone, noteAttempt, partition, untried } from "./apply-outcome.ts";
import { type Backlog, backlogOf } from "./backlog.ts";
import { NotRetractable, OutboxConflict } from "./errors.ts";
import type { AttemptStart, NewDelivery, SendWindow, Settlement } from "./lane.ts";
import { type AttemptMark, type HeldChange, type LaneFacts, noFacts } from "./lane-change.ts";
import { isRetractable, type LaneMemory, type OpenDelivery } from "./lane-memory.ts";
import { notesText, withFlag } from "./notes.ts";
import type { AttemptRow, Closing, DeliveryRow, Ending, HeadRow, MediaRow, StateRow } from "./rows.ts";

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
  const end = {
    outcome: "not_sent",
    mode: null,
    deliveryId: null,
    linkedId: null,
    at: delivery.plannedAt,
    notes: withFlag(null, "reminder"),
  } as const;
  const closings = closingsOf(closed, end);
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
  const files = delivery.parts.map(({ media }) => media && mediaRow(media, delivery.plannedAt));
  const newMessages = delivery.parts.map(({ body }, n) => ({
    ...untried,
    id: memory.nextId(),
    delivery_id: row.id,
    part: n + 1,
    place: n + 1,
    in_doubt: heads.some(({ repeats }) => repeats === 1) ? 1 : 0,
    media_hash: files[n]?.hash ?? null,
    body,
  }));
  const headIds = heads.map(({ id }) => id);
  memory.addDelivery(row, headIds, newMessages);
  const normalAt = delivery.urgent ? 0 : delivery.plannedAt;
  const urgentAt = delivery.urgent ? delivery.plannedAt : 0;
  memory.normalAt = Math.max(memory.normalAt, normalAt);
  memory.urgentAt = Math.max(memory.urgentAt, urgentAt);
  return {
    newDeliveries: [row],
    newMessages,
    newMedia: [...new Map(files.flatMap((file) => (file === null ? [] : [[file.hash, file]]))).values()],
    normalAt,
    urgentAt,
  };
}

function deliveryRow(memory: LaneMemory, delivery: NewDelivery, heads: readonly HeadRow[]): DeliveryRow {
  return {
    id: memory.nextId(),
    bot: memory.bot,
    mode: delivery.mode,
    urgent: delivery.urgent ? 1 : 0,
    alerts: delivery.alerts,
    bytes: backlogOf(heads).bytes,
    accepted_at: heads.reduce((oldest, head) => Math.min(oldest, head.accepted_at), Number.POSITIVE_INFINITY),
    planned_at: delivery.plannedAt,
    settled_at: null,
    key_id: null,
    linked_id: delivery.linkedId,
    notification_ids: JSON.stringify(heads.map(({ id }) => id)),
    states: delivery.states,
    notes: notesText(delivery.notes),
  };
}

/** One copy of a file is kept, however many messages use it. */
function mediaRow({ type, name, content }: Media, createdAt: number): MediaRow {
  const hash = createHash("sha256").update(`${type}\0${name}\0`).update(content).digest("base64url");
  return { hash, type, name, created_at: createdAt, content: Buffer.from(content).toString("base64") };
}

export function retractDelivery(memory: LaneMemory, deliveryId: number): Transition {
  const delivery = memory.deliveries.get(deliveryId);
  if (delivery === undefined || !isRetractable(delivery, memory.sending())) throw new NotRetractable(deliveryId);
  memory.takeBack(delivery);
  return waits(rowsGone([delivery]));
}

/** Everything that has no request in flight goes to another bot. */
export function moveLane(memory: LaneMemory, toBot: string): Transition & { readonly moved: Backlog } {
  const sending = memory.sending();
  const idle = [...memory.deliveries.values()].filter(({ messages }) => messages.every(({ id }) => !sending.has(id)));
  for (const delivery of idle) memory.takeBack(delivery);
  const heads = [...memory.heads.values()];
  memory.removeHeads(heads);
  const change = { ...rowsGone(idle), moved: heads.map(({ id }) => id), movedTo: toBot };
  return { ...waits(change), moved: backlogOf(heads) };
}

/** ready → sending; or an attempt without a message. */
export function beginAttempt(memory: LaneMemory, start: AttemptStart, window: SendWindow): AttemptMark {
  const { messageId, keyId, startedAt, upload } = start;
  if (messageId !== null && (memory.messageOf(messageId) === null || memory.sending().has(messageId)))
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
  const counts = found !== null && (!isLate || (outcome.kind === "sent" && !memory.sending().has(found.message.id)));
  const applied = counts ? applyOutcome(memory, { ...found, attempt }, settlement) : {};
  const done = counts && isDone(found.delivery) ? [found.delivery] : [];
  const keys = key === null ? [] : memory.changeKey(key);
  return {
    change: { ...applied, ...closeDeliveries(memory, done, answeredAt, applied.changedDeliveries), keys },
    facts: {
      answered: [{ id: attemptId, answeredAt, outcome: "reason" in outcome ? outcome.reason : outcome.kind }],
      sent: messageId !== null && outcome.kind === "sent" ? [messageId] : [],
      doubted: messageId !== null && outcome.kind === "again" && outcome.inDoubt ? [messageId] : [],
    },
    done,
  };
}

/** For a lane whose last holder died: open attempts count from now on, and deliveries without an open message are closed. */
export function recoverLane(memory: LaneMemory, now: number): Transition & { readonly inDoubt: number } {
  const open = memory.openAttempts();
  const doubted = open.flatMap(({ upload, message_id }) => (upload === 0 ? (memory.messageOf(message_id) ?? []) : []));
  for (const attempt of open) answerAttempt(memory, attempt, now);
  const changedMessages = doubted.map(({ delivery, message }) => {
    const { part } = message;
    noteAttempt(delivery, { answeredAt: now, part, reason: "answerNeverSeen", errcode: null }, "possibly_repeated");
    return changeMessage(delivery, {
      ...message,
      in_doubt: 1,
      tries: message.tries + 1,
      last_reason: "answerNeverSeen",
    });
  });
  const done = [...memory.deliveries.values()].filter(isDone);
  const noted = [...new Set(doubted.map(({ delivery }) => delivery.row))];
  return {
    change: { changedMessages, ...closeDeliveries(memory, done, now, noted) },
    facts: { ...noFacts, answered: open.map(({ id }) => ({ id, answeredAt: now, outcome: "answerNeverSeen" })) },
    done,
    inDoubt: doubted.length,
  };
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
  for (const delivery of dead) {
    const { row } = delivery;
    const notes = withFlag(row.notes, row.key_id === null ? null : "partly_sent");
    delivery.row = { ...row, notes, settled_at: at };
  }
  return {
    closings: done.flatMap(({ row, heads, messages }) => {
      const outcome = messages.length === 0 ? "delivered" : "dead";
      const { id: deliveryId, linked_id: linkedId, mode, notes } = row;
      return closingsOf(heads, { outcome, mode, deliveryId, linkedId, at, notes });
    }),
    states: keepStates(memory, delivered),
    goneDeliveries: delivered.map(({ row }) => row.id),
    changedDeliveries: [...changed, ...dead.map(({ row }) => row)],
  };
}

/** Each row once: a digest may have one alert in several groups. The last state counts. */
function keepStates(memory: LaneMemory, delivered: readonly OpenDelivery[]): readonly StateRow[] {
  const rows = delivered.flatMap(({ row }) => statesIn(row)).map((state) => memory.keepState(state));
  return [...new Map(rows.map((row) => [`${row.destination} ${row.identity} ${row.origin}`, row])).values()];
}

/** They count as delivered when they were planned: `planned_at` is corrected when the clock is set back. */
function statesIn({ states, planned_at }: DeliveryRow): readonly DeliveredState[] {
  return (JSON.parse(states) as readonly DeliveredState[]).map((state) => ({ ...state, deliveredAt: planned_at }));
}

function closingsOf(heads: readonly HeadRow[], end: Ending): readonly Closing[] {
  return heads.map(({ id, bytes }) => ({ notificationId: id, bytes, ...end }));
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
