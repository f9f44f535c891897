// A lane as its holder has it: what waits for one bot, and what the holder writes. A lane is a bot. Its holder keeps it in memory; every
// write of the holder moves the version of the lane on, and a write that knows an older version changes nothing. So two processes may
// work for a lane, but only one can.

import type { DeliveryNotes } from "../domain/history.ts";
import type { DeliveredStates } from "../domain/instance.ts";
import type { Media } from "../domain/media.ts";
import type { DeliveryMode } from "../domain/notification.ts";
import type { FailureReason } from "../domain/reason.ts";

/** What the planner needs of a waiting notification; `groups` fetches its body. */
export interface QueuedHead {
  /** Made by the database. Smaller ids may become visible later than larger ones. */
  readonly id: number;
  readonly groupId: string;
  readonly urgent: boolean;
  readonly acceptedAt: number;
  /** Not delivered before this: with `merge`, a group waits for others of its destination. */
  readonly readyAt: number;
  readonly alerts: number;
}

/** A waiting notification as it is stored. The renderer gets it unchanged. */
export interface QueuedGroup {
  readonly id: number;
  readonly acceptedAt: number;
  /** A routed group, for parseRoutedGroup. */
  readonly body: string;
}

/** A materialised body that waits for its slot, or whose answer was not recorded (`sending`). */
export interface StoredMessage {
  readonly id: number;
  readonly deliveryId: number;
  readonly urgent: boolean;
  readonly state: "ready" | "sending";
  /** 1-based number of the planned part that it is, or that it replaces. Several messages share it after a replacement. */
  readonly part: number;
  /** The JSON text to send. */
  readonly body: string;
  /** Attempts begun so far. */
  readonly tries: number;
  /** How often a rejected body was replaced before this one. */
  readonly repairs: number;
  /** The result of an attempt is unknown: the message may have been delivered. Never false again. */
  readonly inDoubt: boolean;
  readonly notBeforeAt: number;
  readonly lastReason: FailureReason | null;
  /** The key that sent an earlier part of its delivery: readers get all parts from one robot. Null when none was sent. */
  readonly keyId: string | null;
  /** The file whose id, for the key that sends, must stand in the body; null for none. */
  readonly mediaHash: string | null;
  readonly plannedAt: number;
  /** Of the oldest notification of its delivery. */
  readonly acceptedAt: number;
  /** No part of its delivery was sent, is being sent or is in doubt: the delivery may be retracted. */
  readonly retractable: boolean;
}

/** One request to one robot; the send window consists of these. */
export interface AttemptTimes {
  readonly keyId: string;
  readonly startedAt: number;
  /** Null until an answer, or its absence, is recorded. */
  readonly answeredAt: number | null;
}

/** What WeCom last answered for a key. A key without an answer so far has no state. */
export interface KeyState {
  readonly keyId: string;
  /** Not used before: rate limited, or its last request failed. 0: not on hold. */
  readonly holdUntilAt: number;
  /** Why the key is off; null while it is not. */
  readonly offReason: FailureReason | null;
  /** When a key that is off may be tried again; 0 while it is not. */
  readonly probeAt: number;
  /** Failures in a row; the more there are, the later the next try. */
  readonly failures: number;
  /** When WeCom last took a message with it; 0 for never. On disk up to a minute older. */
  readonly sentAt: number;
}

/** A file that WeCom holds for one key. */
export interface MediaId {
  readonly keyId: string;
  readonly mediaHash: string;
  readonly mediaId: string;
  /** WeCom deletes the file then. */
  readonly expiresAt: number;
}

export interface LaneWork {
  /** In order of acceptance. At most `maxHeads`; urgent ones are never the ones left out. */
  readonly pending: readonly QueuedHead[];
  /** In sending order; a replacement has the place of its original. Do not sort by id: the order of ids may differ. */
  readonly messages: readonly StoredMessage[];
  /** Of the lane's keys, open or answered inside the window, of any bot: a key keeps its window when its bot is renamed. */
  readonly attempts: readonly AttemptTimes[];
  readonly keys: readonly KeyState[];
  /** Groups in an unsettled delivery: their newer states wait, so that order within a group is kept. */
  readonly busyGroups: ReadonlySet<string>;
  /** When the last delivery of this lane that is not urgent was planned, and the last urgent one; 0 for never. */
  readonly lastNormalAt: number;
  readonly lastUrgentAt: number;
  /** Uploads for the lane's keys. */
  readonly mediaIds: readonly MediaId[];
}

/** How many requests of one key may arrive in a span, and how long one without an answer can be on its way. */
export interface SendWindow {
  readonly slots: number;
  readonly spanMs: number;
  readonly longestRequestMs: number;
}

export interface HoldQuery {
  /** The keys of the bot. */
  readonly keyIds: readonly string[];
  readonly window: SendWindow;
  readonly now: number;
}

export interface NewDelivery {
  readonly mode: DeliveryMode;
  readonly urgent: boolean;
  readonly notificationIds: readonly number[];
  /** Notifications that need no message. When all are, there is no delivery. */
  readonly suppressedIds: readonly number[];
  /** JSON array of DeliveredState: kept as last delivered, at `plannedAt`, when all of its parts were sent. */
  readonly states: string;
  readonly alerts: number;
  /** One of its notifications, to which the links of its messages lead; null without links. */
  readonly linkedId: number | null;
  /** In sending order; at least one. */
  readonly parts: readonly NewMessage[];
  readonly plannedAt: number;
  readonly notes: DeliveryNotes;
}

export interface NewMessage {
  /** The JSON text to send. */
  readonly body: string;
  /** Kept until its message is settled; several parts may carry the same file. */
  readonly media: Media | null;
}

export interface AttemptStart {
  /** Null for an optional part: it takes a slot like a message, is not stored, and is never sent again. */
  readonly messageId: number | null;
  readonly keyId: string;
  readonly startedAt: number;
  /** An upload of the message's file shows nothing in the chat: the message stays ready. */
  readonly upload: boolean;
}

/** What an attempt means for its message. */
export type MessageOutcome =
  | { readonly kind: "sent" }
  | { readonly kind: "again"; readonly notBeforeAt: number; readonly reason: FailureReason; readonly inDoubt: boolean }
  /** The file of this message is with WeCom, for the key of the attempt: the message is ready to be sent with it. */
  | { readonly kind: "uploaded"; readonly mediaId: string; readonly expiresAt: number }
  /** WeCom does not know the file any more: it is uploaded again, once. */
  | { readonly kind: "reupload"; readonly reason: FailureReason }
  /** These bodies replace the rejected one, in its place. */
  | { readonly kind: "replaced"; readonly bodies: readonly string[]; readonly reason: FailureReason }
  | { readonly kind: "dead"; readonly reason: FailureReason };

export interface Settlement {
  readonly attemptId: number;
  /** As the attempt was begun; of an outcome without a message only the slot and the key are recorded. */
  readonly messageId: number | null;
  /** When the answer arrived, or its absence was noticed; the slot frees one window later. */
  readonly answeredAt: number;
  readonly outcome: MessageOutcome;
  /** Null when there was no readable answer. */
  readonly errcode: number | null;
  /** The key's new state; null leaves it as it is. */
  readonly key: KeyState | null;
}

/** A delivery whose last part is settled, for the log and the metrics. */
export interface SettledDelivery {
  readonly id: number;
  /** Of its notifications, each once; fewer when its holder died while it closed the delivery. */
  readonly groupIds: readonly string[];
  readonly mode: DeliveryMode;
  readonly notifications: number;
  readonly alerts: number;
  readonly acceptedAt: number;
  /** Reasons of its parts that died; empty when every part was sent. */
  readonly failures: readonly FailureReason[];
  /** The key that sent its last sent part; null when none was sent. */
  readonly keyId: string | null;
}

/**
 * One lane in the memory of its holder. Methods that write change the memory at once and resolve when the change is on disk; they
 * reject with LaneLost when another process wrote to the lane before, and with the cause when the commit failed. From then on the lane
 * is out of date. Writes are stored in the order of their calls, those of one turn of the event loop in one commit.
 */
export interface HeldLane {
  readonly bot: string;
  /** Messages that a dead holder was sending: they may have been delivered. */
  readonly inDoubt: number;
  /** Deliveries that a dead or paused holder sent, and whose end it could not record. */
  readonly recovered: readonly SettledDelivery[];

  /** True once another process wrote to the lane, brought work to it, or a commit failed: it must be held again. */
  isOutOfDate(): boolean;

  /** All that the lane needs for its next decision. */
  work(now: number, maxHeads: number): LaneWork;

  /**
   * Those of `ids` that wait, in that order: the first, whatever its size, and all others that have `maxBytes` of bodies together with
   * it, where the first counts at most half. So small ones never wait for large ones, nor large ones forever. Of a group, no newer one
   * comes without the older ones. Rejects with LaneLost when one of them is gone.
   */
  groups(query: { readonly ids: readonly number[]; readonly maxBytes: number }): Promise<readonly QueuedGroup[]>;

  /** The last delivered state of each alert that was seen lately, at each destination of this bot. Changes when the lane does. */
  delivered(): DeliveredStates;

  /** The file of a message. Throws OutboxConflict when there is none of that hash. */
  media(mediaHash: string): Promise<Media>;

  /**
   * Stores the bodies as ready messages, and settles those that need none. Throws OutboxConflict when a notification does not wait in this lane, or when there is no
   * notification or no body. The caller may go on before it resolves: what is begun later is not stored without it. Returns the id of the
   * delivery; null when there is none.
   */
  plan(delivery: NewDelivery): Promise<number | null>;

  /** Takes a retractable delivery back: its messages are deleted, its notifications wait again as before. Else throws NotRetractable. */
  retract(deliveryId: number): Promise<void>;

  /**
   * Opens an attempt, for a ready message or without one, and returns its id. Only when this is on disk may the request leave. Throws OutboxConflict
   * when the message is not ready in this lane; rejects with LaneLost when the window of the key is full or the message is gone.
   */
  begin(start: AttemptStart): Promise<number>;

  /**
   * Moves everything of this lane to another bot, as waiting notifications, including deliveries of which parts were sent. Only a
   * delivery with a request in flight stays. Returns how many notifications moved.
   */
  move(toBot: string): Promise<number>;

  /** Leaves the lane, with all that waits in it, to other processes: they need not wait until this one ends. */
  release(): Promise<void>;

  /**
   * Records the answer. Returns the delivery when this was its last open part, else null. A late answer, to an attempt that was
   * answered before, still moves its slot to the later instant and sets the key's state; it changes its message only when the answer
   * is `sent` and the message waits. So settling twice is safe. Never rejects with LaneLost: when another process holds the lane, the
   * slot and `sent` are recorded, and nothing else. Throws OutboxConflict when a replacement has no body. While the database is away,
   * the slot and `sent` are written again and again.
   */
  settle(settlement: Settlement): Promise<SettledDelivery | null>;
}
