// The outbox's tables as Kysely sees them; migrate.ts creates them. Booleans are 0 or 1, instants epoch milliseconds,
// bodies JSON text. An engine must hand 64-bit integers over as numbers (node:sqlite does; pg needs a type parser).

import type { Generated, Kysely, Transaction } from "kysely";
import type { DeliveryMode } from "../domain/notification.ts";
import type { FailureReason } from "../domain/reason.ts";

/** ready → sending → sent | dead | replaced; back to ready when it will be retried; dead → dropped by an operator. */
export type MessageState = "ready" | "sending" | "sent" | "dead" | "replaced" | "dropped";

interface NotificationsTable {
  /** Grows in the order of acceptance. */
  readonly id: Generated<number>;
  readonly bot: string;
  readonly group_id: string;
  /** Empty when the notification has none. */
  readonly dedup_key: string;
  readonly urgent: number;
  readonly alerts: number;
  /** UTF-8 length of `body`. */
  readonly bytes: number;
  readonly accepted_at: number;
  /** Not planned before. */
  readonly ready_at: number;
  /** Null while it waits to be planned. */
  readonly delivery_id: number | null;
  /** The RoutedGroup. */
  readonly body: string;
}

interface DeliveriesTable {
  /** Grows in the order of planning. */
  readonly id: Generated<number>;
  readonly bot: string;
  readonly mode: DeliveryMode;
  readonly urgent: number;
  /** How many notifications it delivers, their alerts as rendered, and the sum of their bytes. */
  readonly notifications: number;
  readonly alerts: number;
  readonly bytes: number;
  /** 0 from the moment a part is sent or in doubt. */
  readonly retractable: number;
  /** Of its oldest notification. */
  readonly accepted_at: number;
  readonly planned_at: number;
  /** Null while a part is ready or sending. */
  readonly settled_at: number | null;
  /** The key that sent its last sent part. */
  readonly key_id: string | null;
}

interface MessagesTable {
  readonly id: Generated<number>;
  readonly delivery_id: number;
  readonly bot: string;
  readonly part: number;
  /** Sending order within the delivery. Unlike `part` it moves up to make room when a body is replaced by several. */
  readonly place: number;
  readonly state: MessageState;
  readonly tries: number;
  readonly repairs: number;
  readonly in_doubt: number;
  readonly not_before_at: number;
  readonly last_reason: FailureReason | null;
  /** Null while ready or sending. */
  readonly settled_at: number | null;
  readonly media_hash: string | null;
  readonly body: string;
}

interface MediaTable {
  readonly hash: string;
  readonly type: "file" | "voice";
  readonly name: string;
  readonly created_at: number;
  /** Base64: text is the same in every dialect. */
  readonly content: string;
}

interface MediaIdsTable {
  readonly key_id: string;
  readonly media_hash: string;
  readonly media_id: string;
  readonly expires_at: number;
}

interface AttemptsTable {
  readonly id: Generated<number>;
  readonly bot: string;
  readonly key_id: string;
  readonly message_id: number;
  readonly started_at: number;
  readonly answered_at: number | null;
  /** Null while open. */
  readonly outcome: "sent" | "uploaded" | FailureReason | null;
}

interface KeysTable {
  readonly key_id: string;
  readonly hold_until_at: number;
  readonly off_reason: FailureReason | null;
  readonly probe_at: number;
  readonly failures: number;
}

interface LanesTable {
  readonly bot: string;
  /** Null while the lane has no holder. */
  readonly owner: string | null;
  readonly token: number;
  readonly until_at: number;
}

interface MetaTable {
  readonly schema_version: number;
}

export interface Schema {
  readonly notifications: NotificationsTable;
  readonly deliveries: DeliveriesTable;
  readonly messages: MessagesTable;
  readonly media: MediaTable;
  readonly media_ids: MediaIdsTable;
  readonly attempts: AttemptsTable;
  readonly keys: KeysTable;
  readonly lanes: LanesTable;
  readonly meta: MetaTable;
}

export type Database = Kysely<Schema>;
export type Write = Transaction<Schema>;
