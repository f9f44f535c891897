// The outbox's rows, as both engines store them; migrate.ts creates the tables. Booleans are 0 or 1, instants epoch milliseconds.
// A row of a notification, delivery or message is inserted once and deleted once; the rest of a delivery's life is a rare update.

import type { AlertStatus } from "../domain/alert.ts";
import type { DeliveryMode } from "../domain/notification.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { NotificationOutcome } from "./store.ts";

/** All of a waiting notification but its body. */
export interface HeadRow {
  readonly id: number;
  readonly group_id: string;
  readonly urgent: number;
  readonly alerts: number;
  /** UTF-8 length of its JSON. */
  readonly bytes: number;
  readonly accepted_at: number;
  readonly ready_at: number;
  /** All or a part of it may have been delivered before. */
  readonly repeats: number;
}

/** To be stored, unless it is a copy. */
export interface NewNotificationRow {
  readonly bot: string;
  readonly group_id: string;
  readonly dedup_key: string;
  /** What was accepted with its key less than so long ago makes it a copy; and a row before it in the same commit. */
  readonly dedup_window_ms: number;
  /** Of the request; empty for none. */
  readonly signature: string;
  readonly signature_expires_at: number;
  /** A request with its signature comes before it in the same commit: it is only kept on record. */
  readonly is_replay: number;
  readonly urgent: number;
  readonly alerts: number;
  readonly bytes: number;
  readonly accepted_at: number;
  readonly ready_at: number;
  /** As `searchText` makes it. */
  readonly search: string;
  /** The StoredGroup's JSON, as `deflated` makes it. */
  readonly body: Uint8Array;
}

export interface DeliveryRow {
  readonly id: number;
  readonly bot: string;
  readonly mode: DeliveryMode;
  readonly urgent: number;
  readonly alerts: number;
  /** Sum over its notifications. */
  readonly bytes: number;
  /** Of its oldest notification. */
  readonly accepted_at: number;
  readonly planned_at: number;
  /** Null while a part is open; a delivery that is settled and still here has a dead part. */
  readonly settled_at: number | null;
  /** The key that sent its last sent part. */
  readonly key_id: string | null;
  /** The notification to which the links of its messages lead; null without links. */
  readonly linked_id: number | null;
  /** JSON array. */
  readonly notification_ids: string;
  /** JSON array of DeliveredState. */
  readonly states: string;
  /** As `notesText` makes it. */
  readonly notes: string | null;
}

export interface MessageRow {
  readonly id: number;
  readonly delivery_id: number;
  readonly part: number;
  /** Sending order within the delivery, without gaps: a missing place was sent. */
  readonly place: number;
  readonly tries: number;
  readonly repairs: number;
  readonly in_doubt: number;
  readonly dead: number;
  readonly not_before_at: number;
  readonly last_reason: FailureReason | null;
  readonly media_hash: string | null;
  readonly body: string;
}

/** An attempt without an answer means that its message is being sent. Without a message: an optional part, which is not stored. */
export interface AttemptRow {
  readonly id: number;
  readonly key_id: string;
  readonly bot: string;
  readonly message_id: number | null;
  readonly upload: number;
  readonly started_at: number;
  readonly answered_at: number | null;
  readonly outcome: "sent" | "uploaded" | FailureReason | null;
}

export interface LaneRow {
  readonly version: number;
  readonly normal_at: number;
  readonly urgent_at: number;
}

export interface WindowRow {
  readonly key_id: string;
  readonly version: number;
}

export interface KeyRow {
  readonly key_id: string;
  readonly hold_until_at: number;
  readonly off_reason: FailureReason | null;
  readonly probe_at: number;
  readonly failures: number;
  readonly sent_at: number;
}

export interface MediaRow {
  readonly hash: string;
  readonly type: "file" | "voice";
  readonly name: string;
  readonly created_at: number;
  /** Base64. */
  readonly content: string;
}

export interface MediaIdRow {
  readonly key_id: string;
  readonly media_hash: string;
  readonly media_id: string;
  readonly expires_at: number;
}

/** The last delivered state of an alert at a destination. */
export interface StateRow {
  readonly bot: string;
  readonly destination: string;
  readonly identity: string;
  /** Empty for none. */
  readonly origin: string;
  readonly status: AlertStatus;
  readonly starts_at: number | null;
  readonly delivered_at: number;
}

/** A notification that leaves the lane: the history gets its row. */
export interface Closing extends Ending {
  readonly notificationId: number;
  /** UTF-8 length of its JSON. */
  readonly bytes: number;
}

export interface Ending {
  readonly outcome: NotificationOutcome;
  /** Null when there was no delivery. */
  readonly mode: DeliveryMode | null;
  readonly deliveryId: number | null;
  /** Of the delivery. In the history, this one is found by its id. */
  readonly linkedId: number | null;
  readonly at: number;
  /** As `notesText` makes it. */
  readonly notes: string | null;
}

/** What goes into the history without having waited. */
export interface HistoryRecord {
  readonly accepted_at: number;
  readonly bot: string;
  readonly outcome: "duplicate" | "not_sent";
  /** When the first copy of a duplicate was accepted. */
  readonly copy_of_at: number | null;
  readonly notes: string | null;
  readonly search: string;
  readonly body: Uint8Array;
}
