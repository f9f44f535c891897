// The durable state between a webhook and WeCom, with one meaning for every engine: test/contract/outbox.ts tests each sentence. Bots,
// groups and bodies are opaque text here. A lane is a bot. Only the holder of its lease plans, sends and settles for it: every write
// checks the lease and throws LeaseLost when it was lost, so a process that was paused changes nothing; `settle` still records its answer.

import type { Media } from "../domain/media.ts";
import type { DeliveryMode, Notification } from "../domain/notification.ts";
import type { FailureReason } from "../domain/reason.ts";

/** What the planner needs of a waiting notification; `groups` fetches its body. */
export interface QueuedHead {
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
  /** The same alerts in the same states were planned before: it is a reminder. */
  readonly repeat: boolean;
  /** A routed group, for parseRoutedGroup. */
  readonly body: string;
}

export interface GroupQuery {
  readonly ids: readonly number[];
  readonly maxBytes: number;
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
  /** Of the given keys, open or answered after `windowStartAt`, of any bot: a key keeps its window when its bot is renamed. */
  readonly attempts: readonly AttemptTimes[];
  /** How many open ones belong to this lane. Between two steps a holder has none: they are of a holder that died. */
  readonly unanswered: number;
  readonly keys: readonly KeyState[];
  /** Groups in an unsettled delivery: their newer states wait, so that order within a group is kept. */
  readonly busyGroups: ReadonlySet<string>;
  /** When the last delivery of this lane that is not urgent was planned, and the last urgent one; 0 for never. */
  readonly lastNormalAt: number;
  readonly lastUrgentAt: number;
  /** Uploads that are still valid for a message of this lane, by key. */
  readonly mediaIds: readonly MediaId[];
}

export interface LaneQuery {
  readonly keyIds: readonly string[];
  readonly windowStartAt: number;
  readonly maxHeads: number;
}

export interface Lease {
  readonly bot: string;
  readonly owner: string;
  /** Grows with every new holder: an old holder is recognised by it. */
  readonly token: number;
}

export interface LeaseClaim {
  readonly owner: string;
  readonly now: number;
  readonly untilAt: number;
}

export type AcceptResult =
  | { readonly kind: "stored"; readonly stored: number; readonly duplicates: number }
  /** Nothing was stored: the backlog would pass its limit. A call that has only duplicates is always accepted. */
  | { readonly kind: "full" };

export interface NewDelivery {
  readonly mode: DeliveryMode;
  readonly urgent: boolean;
  readonly notificationIds: readonly number[];
  readonly alerts: number;
  /** In sending order; at least one. */
  readonly parts: readonly NewMessage[];
  readonly plannedAt: number;
}

export interface NewMessage {
  /** The JSON text to send. */
  readonly body: string;
  /** Kept until its message is settled; several parts may carry the same file. */
  readonly media: Media | null;
}

export interface AttemptStart {
  readonly messageId: number;
  readonly keyId: string;
  readonly startedAt: number;
  /** What is sent; not the stored body when it is marked as possibly repeated. Null for an upload of the message's file. */
  readonly body: string | null;
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
  readonly messageId: number;
  /** When the answer arrived, or its absence was noticed; the slot frees one window later. */
  readonly answeredAt: number;
  readonly outcome: MessageOutcome;
  /** The key's new state; null leaves it as it is. */
  readonly key: KeyState | null;
}

/** A delivery whose last part is settled, for the metrics. */
export interface SettledDelivery {
  readonly mode: DeliveryMode;
  readonly notifications: number;
  readonly alerts: number;
  readonly acceptedAt: number;
  /** Reasons of its parts that died; empty when every part was sent. */
  readonly failures: readonly FailureReason[];
}

export interface LaneBacklog {
  readonly bot: string;
  /** Notifications not yet planned, and those planned whose messages wait. */
  readonly notifications: number;
  readonly oldestAcceptedAt: number;
}

export interface AcceptOptions {
  readonly acceptedAt: number;
  /** A dedupKey accepted less than this long ago marks a duplicate: counted, not stored. 0: only copies within one call are duplicates. */
  readonly dedupWindowMs: number;
  /** Of the backlog (all that is not settled) and of its stored JSON; `full` when this call would pass either. */
  readonly maxNotifications: number;
  readonly maxBytes: number;
}

/** Accepted by this process, by another one that shares the outbox, or waiting in a lane whose last holder ended. */
export type WorkOrigin = "here" | "elsewhere" | "unheld";

export type WorkListener = (bots: readonly string[], origin: WorkOrigin) => void;

/** A delivery with at least one dead part. Kept until it is pruned. */
export interface DeadDelivery {
  readonly id: number;
  readonly bot: string;
  readonly notifications: number;
  readonly alerts: number;
  /** Of its oldest notification. */
  readonly acceptedAt: number;
  /** When its last part was settled. */
  readonly settledAt: number;
  /** The dead ones, in sending order. */
  readonly parts: readonly DeadPart[];
}

export interface DeadPart {
  readonly part: number;
  readonly reason: FailureReason | null;
  readonly body: string;
}

/** Needs no lease: no lane works on what is settled. */
export interface DeadDeliveries {
  /** The latest first. */
  dead(query: { readonly maxDeliveries: number }): Promise<readonly DeadDelivery[]>;

  /**
   * Makes the notifications of these deliveries wait as before they were planned: they are rendered again and delivered as a
   * whole, including parts that were sent. Returns the ids that were dead.
   */
  replay(ids: readonly number[]): Promise<readonly number[]>;

  /** Takes these deliveries off the list. Returns the ids that were on it. */
  drop(ids: readonly number[]): Promise<readonly number[]>;
}

export interface Outbox extends DeadDeliveries {
  /** Every instant given to the outbox is read here: all processes that share it agree on the time. */
  now(): number;

  /**
   * Stores all notifications of one webhook, or none, and resolves when they are on disk. Calls that arrive together share one
   * commit, and all reject with the cause when it fails. Later calls try again.
   */
  accept(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult>;

  /**
   * Calls `listener` with bots that have work, after the commit that brought it; from the first call on also with work that other
   * processes brought or left. An error of the listener does not fail `accept`. Returns the function that ends this.
   */
  onWork(listener: WorkListener): () => void;

  /** Takes or keeps the lease of a bot until `untilAt`; null while another owner holds an unexpired one. */
  lease(bot: string, claim: LeaseClaim): Promise<Lease | null>;

  /** Gives a lease back at once. Releasing a lost lease does nothing. */
  release(lease: Lease): Promise<void>;

  /** All that a lane needs for its next decision. Does not check the lease; the write that follows does. */
  read(lease: Lease, query: LaneQuery): Promise<LaneWork>;

  /** Those of `ids` that wait, in that order: as many as have `maxBytes` of bodies together, and at least one. */
  groups(lease: Lease, query: GroupQuery): Promise<readonly QueuedGroup[]>;

  /**
   * Stores the bodies as ready messages and marks the notifications as planned, in one transaction. Throws OutboxConflict when one
   * of them does not wait in this lane, or when there is no notification or no body.
   */
  plan(lease: Lease, delivery: NewDelivery): Promise<void>;

  /** Takes a retractable delivery back: its messages are deleted, its notifications wait again as before. Else throws NotRetractable. */
  retract(lease: Lease, deliveryId: number): Promise<void>;

  /**
   * Opens an attempt for a ready message and returns its id. Marks the message as sending, with this body; for an upload, which shows
   * nothing in the chat, it stays ready. Only when this is committed may the request leave. Throws OutboxConflict when the message is
   * not ready in this lane.
   */
  begin(lease: Lease, start: AttemptStart): Promise<number>;

  /** The file of a message. Throws OutboxConflict when there is none of that hash. */
  media(lease: Lease, mediaHash: string): Promise<Media>;

  /**
   * Moves everything of this lane to another bot, as waiting notifications, including deliveries of which parts were sent. Only a
   * delivery with a request in flight stays. Returns how many notifications moved.
   */
  move(lease: Lease, toBot: string): Promise<number>;

  /**
   * Records the answer. Returns the delivery when this was its last open part, else null. A late answer, to an attempt that `discover`
   * or an earlier call answered, still moves its slot to the later instant and sets the key's state; it changes its message only
   * when the answer is `sent` and the message waits. So settling twice is safe. The only write that does not throw LeaseLost: a
   * holder that lost its lease records its slot and `sent` in the same way, and nothing else. Throws OutboxConflict when a
   * replacement has no body.
   */
  settle(lease: Lease, settlement: Settlement): Promise<SettledDelivery | null>;

  /**
   * For messages still marked as sending and uploads still open, whose holder died before it recorded the answer: the messages become
   * ready and in doubt, and the attempts count from `now`. Returns how many messages there were.
   */
  discover(lease: Lease, now: number): Promise<number>;

  /** The backlog of each bot; also of bots that no config names any more. */
  backlog(): Promise<readonly LaneBacklog[]>;

  /**
   * Deletes deliveries settled before `before` with their notifications and messages, dead ones too, and older attempts; what waits
   * stays. `before` lies further back than any window (60 s) and any dedup window. Works in small transactions and lets others run
   * in between. Returns how many notifications were deleted.
   */
  prune(before: number): Promise<number>;

  /** Finishes all earlier calls. Later calls reject, except for another close. A running prune stops early. */
  close(): Promise<void>;
}
