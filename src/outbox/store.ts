// The durable state between a webhook and WeCom: one interface with one meaning for every engine (test/contract/outbox.ts says it
// in tests); long because its sentences are the contract. Bots, groups and bodies are opaque text to it. A lane is a bot. Whoever
// holds a lane's lease may plan, send and settle for it; every write of a lane checks the lease (a lost one throws LeaseLost), so
// that a process that was paused can change nothing afterwards.

import type { DeliveryMode, Notification } from "../domain/notification.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { DeadDeliveries } from "./dead-deliveries.ts";
import type { Media, MediaId, NewPart } from "./files.ts";

/** What the planner needs to know of a waiting notification; its group is fetched with `groups` when its turn comes. */
export interface QueuedHead {
  readonly id: number;
  readonly groupId: string;
  readonly urgent: boolean;
  readonly acceptedAt: number;
  /** Not to be told before, epoch ms: a group that merges waits for what belongs to it. */
  readonly readyAt: number;
  readonly alerts: number;
}

/** A waiting notification whole. */
export interface QueuedGroup {
  readonly id: number;
  readonly acceptedAt: number;
  /** A routed group, for parseRoutedGroup. */
  readonly body: string;
  /** The same alerts in the same states were planned before: it is a reminder. */
  readonly repeat: boolean;
}

export interface WantedGroups {
  readonly ids: readonly number[];
  readonly maxBytes: number;
}

/** A materialised body that waits for its slot, or whose answer was not recorded (`sending`). */
export interface StoredMessage {
  readonly id: number;
  readonly deliveryId: number;
  readonly groupId: string;
  readonly urgent: boolean;
  readonly state: "ready" | "sending";
  /** 1-based number of the planned part it is, or of the one it replaces. Several messages share it after a replacement. */
  readonly part: number;
  /** The JSON text to send. */
  readonly body: string;
  /** Attempts begun so far. */
  readonly tries: number;
  /** How often it replaced a refused body. */
  readonly repairs: number;
  /** True once an attempt ended without a readable answer, or none was ever seen: it may have been delivered. Never false again. */
  readonly inDoubt: boolean;
  /** Not before this instant (back-off), epoch ms. */
  readonly notBeforeAt: number;
  readonly lastReason: FailureReason | null;
  /** The key that carried an earlier part of its delivery: a group reads its parts in order from one robot. Null for none yet. */
  readonly keyId: string | null;
  /** A file whose id, for the key that sends, must stand in the body; null when there is none. */
  readonly mediaHash: string | null;
  readonly plannedAt: number;
  /** When the oldest notification of its delivery was accepted, epoch ms. */
  readonly acceptedAt: number;
  /** True while no part of its delivery was sent, is being sent or is in doubt: the delivery may still be taken back. */
  readonly retractable: boolean;
  readonly mode: DeliveryMode;
}

/** One request to one robot: what the send window is made of. `answeredAt` is null until an answer, or its absence, is recorded. */
export interface AttemptTimes {
  readonly keyId: string;
  readonly startedAt: number;
  readonly answeredAt: number | null;
}

/** What WeCom last said of a key. A key that was never refused has no state. */
export interface KeyState {
  readonly keyId: string;
  /** Rests until then because WeCom answered "too often"; 0 when it does not rest. */
  readonly holdUntilAt: number;
  /** Why the key is switched off; null while it is up. */
  readonly offReason: FailureReason | null;
  /** When a key that is off may be tried again; 0 while it is up. */
  readonly probeAt: number;
  /** Failures in a row; they space the next try. */
  readonly failures: number;
}

export interface LaneWork {
  /** In order of acceptance. At most `maxHeads`; urgent ones are never the ones left out. */
  readonly pending: readonly QueuedHead[];
  /**
   * In sending order: deliveries as they were planned, their parts in order, a replacement where its original stood. Take the
   * order as it comes; ids do not say it once a part was replaced twice.
   */
  readonly messages: readonly StoredMessage[];
  /**
   * Attempts of the given keys that are open or were answered after `windowStartAt`, whatever bot they were made for: a key
   * keeps its window when its bot is renamed.
   */
  readonly attempts: readonly AttemptTimes[];
  /** How many of them this lane opened and has no answer of. Between two steps it has none of its own, so they are a dead predecessor's. */
  readonly unanswered: number;
  readonly keys: readonly KeyState[];
  /** Groups that an unsettled delivery tells: their newer states wait and merge, so that order within a group is kept. */
  readonly busyGroups: ReadonlySet<string>;
  /** When the last delivery of this lane that is not urgent was planned, and the last urgent one; 0 for never. */
  readonly lastNormalAt: number;
  readonly lastUrgentAt: number;
  /** Uploads that are still good for a message of this lane, by key. */
  readonly mediaIds: readonly MediaId[];
}

export interface Lease {
  readonly bot: string;
  readonly owner: string;
  /** Grows with every change of owner: the fence. */
  readonly token: number;
}

export type AcceptResult =
  | { readonly kind: "stored"; readonly stored: number; readonly duplicates: number }
  /** Nothing was stored: the backlog would pass its limit. A call that brings only duplicates is never refused. */
  | { readonly kind: "full" };

export interface NewDelivery {
  readonly mode: DeliveryMode;
  /** Of its only group; empty for a delivery of several. */
  readonly groupId: string;
  readonly urgent: boolean;
  /** Pending notifications that this delivery tells, all of them at once. */
  readonly notificationIds: readonly number[];
  readonly alerts: number;
  /** In the order of their parts; at least one. */
  readonly parts: readonly NewPart[];
  readonly plannedAt: number;
}

/** What an attempt means for its message. */
export type MessageOutcome =
  | { readonly kind: "sent" }
  | { readonly kind: "again"; readonly notBeforeAt: number; readonly reason: FailureReason; readonly inDoubt: boolean }
  /** The file of this message is with WeCom, for the key of the attempt: the message is ready to be sent with it. */
  | { readonly kind: "uploaded"; readonly mediaId: string; readonly expiresAt: number }
  /** WeCom does not know the file any more: it is uploaded again, once. */
  | { readonly kind: "reupload"; readonly reason: FailureReason }
  /** The refused body gives way to these, in its place. */
  | { readonly kind: "replaced"; readonly bodies: readonly string[]; readonly reason: FailureReason }
  | { readonly kind: "dead"; readonly reason: FailureReason };

export interface Settlement {
  readonly attemptId: number;
  readonly messageId: number;
  /** When the answer arrived, or its absence was noticed; the slot frees one window later. Epoch ms. */
  readonly answeredAt: number;
  readonly outcome: MessageOutcome;
  /** The key's new state; null leaves it as it is. */
  readonly key: KeyState | null;
}

/** Told when the last part of a delivery is settled, for the metrics. */
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
  /** When the oldest of them was accepted, epoch ms. */
  readonly oldestAcceptedAt: number;
}

export interface AcceptOptions {
  readonly acceptedAt: number;
  /** A notification with the same dedupKey accepted less than this long ago is a duplicate: counted, not stored. 0 keeps all but copies within one call. */
  readonly dedupWindowMs: number;
  /** Limits of what may wait, unplanned or planned and not settled; the answer is `full` when this call would pass either. Bytes are those of the stored JSON. */
  readonly maxNotifications: number;
  readonly maxBytes: number;
}

/**
 * How work came: accepted by this process, accepted by another one that shares the outbox, or waiting in a lane that nobody
 * holds (its holder ended).
 */
export type WorkOrigin = "here" | "elsewhere" | "unheld";

export interface Outbox extends DeadDeliveries {
  /** The clock of this outbox, epoch ms. Every instant given to it is read here: those who share it agree on the time. */
  now(): number;

  /**
   * Stores all notifications of one webhook, or none. Resolves only after they are on disk; calls that arrive together share
   * one commit, and all of them reject with the cause when it fails. The next calls try again.
   */
  accept(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult>;

  /**
   * Calls `listener` with bots that have work, after the commit that brought it. From the first call on, an outbox that is
   * shared tells of work that others brought or left. What it throws is not accept's. Returns the function that stops it.
   */
  onWork(listener: (bots: readonly string[], origin: WorkOrigin) => void): () => void;

  /** Takes or keeps the lease of a bot until `untilAt`; null while another owner holds an unexpired one. */
  lease(
    bot: string,
    claim: { readonly owner: string; readonly now: number; readonly untilAt: number },
  ): Promise<Lease | null>;

  /** Gives a lease back at once. Releasing a lost lease does nothing. */
  release(lease: Lease): Promise<void>;

  /** All that a lane has to decide from. Checks no lease: what is decided from it is written under one. */
  read(
    lease: Lease,
    query: { readonly keyIds: readonly string[]; readonly windowStartAt: number; readonly maxHeads: number },
  ): Promise<LaneWork>;

  /**
   * The groups of pending notifications of the lane, in the order of the ids; one that does not wait (any more) is missing. Ends
   * before the one with which their bodies would pass `maxBytes`, but has one at least.
   */
  groups(lease: Lease, wanted: WantedGroups): Promise<readonly QueuedGroup[]>;

  /**
   * Materialises: stores the bodies as ready messages and marks the notifications as planned, in one transaction. Throws
   * OutboxConflict when one of them does not wait in this lane, or when there is no notification or no body.
   */
  plan(lease: Lease, delivery: NewDelivery): Promise<void>;

  /** Takes a retractable delivery back: its messages vanish, its notifications wait again as they were. Else throws NotRetractable. */
  retract(lease: Lease, deliveryId: number): Promise<void>;

  /**
   * Marks a ready message as sending and opens an attempt; `body` is what will leave (a repeat may say that it is one) and is
   * what the message holds from now on. Commits before it resolves: only then may the request leave. Returns the attempt's
   * id. Throws OutboxConflict when the message is not ready in this lane.
   */
  begin(
    lease: Lease,
    start: { readonly messageId: number; readonly keyId: string; readonly startedAt: number; readonly body: string },
  ): Promise<number>;

  /**
   * Opens an attempt that uploads the file of a ready message; the message stays ready, since an upload shows nothing to
   * anybody. Its answer is settled like any other. Throws OutboxConflict when the message is not ready in this lane.
   */
  beginUpload(
    lease: Lease,
    start: { readonly messageId: number; readonly keyId: string; readonly startedAt: number },
  ): Promise<number>;

  /** The file of a message. Throws OutboxConflict when there is none of that hash. */
  media(lease: Lease, mediaHash: string): Promise<Media>;

  /**
   * Hands everything of this lane to another bot, as waiting notifications: deliveries of which parts left, or may have, are told anew
   * as a whole. Only what has a request in flight stays. Returns how many notifications there were.
   */
  move(lease: Lease, toBot: string): Promise<number>;

  /**
   * Records the answer. Returns the delivery when this was its last open part, else null. An answer that comes late, to an
   * attempt already answered by `discover` or by an earlier call, still moves its slot to the later instant and still sets the
   * key's state; its message changes only if it waits and the answer is `sent`: delivered is delivered. So settling twice is
   * safe. The only write that does not throw LeaseLost: a holder that lost its lease with a request in flight records its slot
   * and `sent` in the same way, and nothing else. Throws OutboxConflict when a replacement has no body.
   */
  settle(lease: Lease, settlement: Settlement): Promise<SettledDelivery | null>;

  /**
   * Messages still marked as sending, and uploads still open, belong to a holder that died before it could record the answer: they become ready and
   * in doubt, and their attempts count from `now`. Returns how many there were.
   */
  discover(lease: Lease, now: number): Promise<number>;

  /** What waits, bot by bot; also of bots that no config names any more. */
  backlog(): Promise<readonly LaneBacklog[]>;

  /**
   * Deletes deliveries settled before `before` (epoch ms) with their notifications and messages, dead ones too, and attempts
   * older than that; what waits stays. `before` lies further back than any window (60 s) and any dedup window. Works in
   * small transactions and lets others run in between. Returns how many notifications went.
   */
  prune(before: number): Promise<number>;

  /** Finishes what was called before; later calls reject, but for another close. A prune stops half-way. */
  close(): Promise<void>;
}
