// What an answer does to its message, in the memory of the holder. Returns the rows to be written.

import type { FailedAttempt, HistoryFlag } from "../domain/history.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { Settlement } from "./lane.ts";
import type { HeldChange } from "./lane-change.ts";
import type { LaneMemory, OpenDelivery } from "./lane-memory.ts";
import { withAttempt, withFlag } from "./notes.ts";
import type { AttemptRow, DeliveryRow, MessageRow } from "./rows.ts";

export interface AnsweredMessage {
  readonly delivery: OpenDelivery;
  readonly message: MessageRow;
  readonly attempt: AttemptRow;
}

export function applyOutcome(
  memory: LaneMemory,
  answered: AnsweredMessage,
  settlement: Settlement,
): Partial<HeldChange> {
  const { outcome, answeredAt, errcode } = settlement;
  const { delivery, message, attempt } = answered;
  const tries = message.tries + 1;
  const note = (reason: FailureReason, flag: HistoryFlag | null) =>
    noteAttempt(delivery, { answeredAt, part: message.part, reason, errcode }, flag);
  switch (outcome.kind) {
    case "sent":
      delivery.messages = delivery.messages.filter(({ id }) => id !== message.id);
      delivery.row = { ...delivery.row, key_id: attempt.key_id };
      return isDone(delivery) ? {} : { changedDeliveries: [delivery.row] };
    case "again": {
      const in_doubt = outcome.inDoubt ? 1 : message.in_doubt;
      const row = { ...message, tries, in_doubt, not_before_at: outcome.notBeforeAt, last_reason: outcome.reason };
      return {
        changedMessages: [changeMessage(delivery, row)],
        changedDeliveries: note(outcome.reason, outcome.inDoubt ? "possibly_repeated" : null),
      };
    }
    case "uploaded":
      return putMediaId(memory, answered, outcome);
    case "reupload": {
      const row = { ...message, tries, repairs: message.repairs + 1, last_reason: outcome.reason };
      return {
        changedMessages: [changeMessage(delivery, row)],
        changedDeliveries: note(outcome.reason, null),
        ...putMediaId(memory, answered, forgotten),
      };
    }
    case "dead": {
      const changed = changeMessage(delivery, { ...message, tries, dead: 1, last_reason: outcome.reason });
      const changedDeliveries = note(outcome.reason, null);
      return { changedMessages: [changed], changedDeliveries: isDone(delivery) ? [] : changedDeliveries };
    }
    case "replaced": {
      const changedDeliveries = note(outcome.reason, "repaired");
      return { ...replaceMessage(memory, answered, outcome.bodies), changedDeliveries };
    }
  }
}

/** An id that has expired is not used, and is deleted by the next prune. */
const forgotten = { mediaId: "", expiresAt: 0 };

function putMediaId(
  memory: LaneMemory,
  { message: { media_hash }, attempt: { key_id } }: AnsweredMessage,
  { mediaId, expiresAt }: { readonly mediaId: string; readonly expiresAt: number },
): Partial<HeldChange> {
  if (media_hash === null) return {};
  const row = { key_id, media_hash, media_id: mediaId, expires_at: expiresAt };
  const others = memory.mediaIds.filter((one) => one.key_id !== key_id || one.media_hash !== media_hash);
  memory.mediaIds = [...others, row];
  return { mediaIds: [row] };
}

/** Of a message that was not begun. */
export const untried = {
  tries: 0,
  repairs: 0,
  in_doubt: 0,
  dead: 0,
  not_before_at: 0,
  last_reason: null,
  media_hash: null,
};

/** Later parts move up, so that the replacements take the place of the original. When it may have been delivered, they repeat it. */
function replaceMessage(
  memory: LaneMemory,
  { delivery, message: old }: AnsweredMessage,
  bodies: readonly string[],
): Partial<HeldChange> {
  const newMessages = bodies.map((body, n) => ({
    ...untried,
    id: memory.nextId(),
    delivery_id: old.delivery_id,
    part: old.part,
    place: old.place + n,
    repairs: old.repairs + 1,
    in_doubt: old.in_doubt,
    body,
  }));
  const [earlier, others] = partition(delivery.messages, ({ place }) => place < old.place);
  const later = others
    .filter(({ id }) => id !== old.id)
    .map((message) => ({ ...message, place: message.place + bodies.length - 1 }));
  delivery.messages = [...earlier, ...newMessages, ...later];
  return { newMessages, goneMessages: [old.id], changedMessages: bodies.length > 1 ? later : [] };
}

/** The delivery is written with it: so that the next holder knows, too. */
export function noteAttempt(
  delivery: OpenDelivery,
  attempt: FailedAttempt,
  flag: HistoryFlag | null,
): readonly DeliveryRow[] {
  delivery.row = { ...delivery.row, notes: withFlag(withAttempt(delivery.row.notes, attempt), flag) };
  return [delivery.row];
}

export function changeMessage(delivery: OpenDelivery, row: MessageRow): MessageRow {
  delivery.messages = delivery.messages.map((message) => (message.id === row.id ? row : message));
  return row;
}

/** No part of it is open any more. */
export function isDone({ messages }: OpenDelivery): boolean {
  return messages.every(({ dead }) => dead === 1);
}

export function partition<T>(all: readonly T[], test: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(test), all.filter((one) => !test(one))];
}
