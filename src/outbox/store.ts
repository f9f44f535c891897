// The durable state between a webhook and WeCom, with one meaning for every engine: test/contract/outbox.ts tests each sentence. Bots,
// groups and bodies are opaque text here.

import type { ActionStore } from "../domain/action.ts";
import type { AlertOutcome, History } from "../domain/history.ts";
import type { UnsentGroup } from "../domain/intake.ts";
import type { Notification } from "../domain/notification.ts";
import type { FailureReason } from "../domain/reason.ts";
import type { Sender, SenderSeen } from "../domain/sender.ts";
import type { HeldLane, HoldQuery, KeyState } from "./lane.ts";

export interface AcceptOptions {
  readonly acceptedAt: number;
  /** A dedupKey accepted less than this long ago marks a duplicate: counted, not stored. 0: only copies within one call are duplicates. */
  readonly dedupWindowMs: number;
  /** Of the backlog (all that is not settled) and of its JSON. */
  readonly maxNotifications: number;
  readonly maxBytes: number;
  /** The limits are shared: no bot may have more than half of what the others leave. */
  readonly severalBots: boolean;
  /** The signature of the request, which must not be accepted twice; null for none. Stored with the notifications. */
  readonly signature: RequestSignature | null;
  readonly sender: Sender;
  /** Only for the history. */
  readonly unsent: readonly UnsentGroup[];
}

export interface RequestSignature {
  readonly id: string;
  /** It is rejected by its age from then on, so it is forgotten. */
  readonly expiresAt: number;
}

export type AcceptResult =
  | { readonly kind: "stored"; readonly stored: number; readonly duplicates: number }
  /**
   * Of what is for these bots nothing was stored: it would pass a limit, and it has more than duplicates. The others' is stored. When the
   * sender tries again, all that was accepted since its first try is a duplicate, for an hour or until a call of it was stored.
   */
  | { readonly kind: "full"; readonly bots: readonly string[]; readonly stored: number; readonly duplicates: number }
  /** Nothing was stored: a request with this signature was accepted before. */
  | { readonly kind: "replayed" };

export interface LaneBacklog {
  readonly bot: string;
  /** Notifications that are not settled: not yet planned, or planned and not sent. */
  readonly notifications: number;
  readonly oldestAcceptedAt: number;
}

/**
 * Accepted by this process, by another one that shares the outbox, or waiting in a lane without a living holder. `retry`: `tryNow` was
 * called, here or elsewhere.
 */
export type WorkOrigin = "here" | "elsewhere" | "unheld" | "retry";

export type WorkListener = (bots: readonly string[], origin: WorkOrigin) => void;

/** A bot, and the keys that its lane uses. */
export interface LaneKeys {
  readonly bot: string;
  readonly keyIds: readonly string[];
}

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

/** Needs no lane: no lane works on what is settled. */
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

/** What became of a notification that waits no more. */
export type NotificationOutcome = Exclude<AlertOutcome, "waiting">;

export interface PruneLimits {
  /** What was settled before this is deleted: history, duplicates, dead deliveries, and the last delivered states. */
  readonly settledBefore: number;
  /** Attempts answered before this are deleted. Lies further back than any window. */
  readonly attemptsBefore: number;
}

export interface DiskLimits {
  /** What the outbox may take on disk. */
  readonly maxBytes: number;
  readonly settledBefore: number;
}

export interface DiskUse {
  readonly bytes: number;
  /** Entries of the history that were deleted. */
  readonly deleted: number;
  /** What is left takes more than the limit: nothing new is accepted. */
  readonly isFull: boolean;
}

/** A process that shares the outbox. */
export interface Replica {
  /** Host and process. */
  readonly name: string;
  readonly configHash: string;
}

export interface Outbox extends DeadDeliveries, History, ActionStore {
  /** Every instant given to the outbox is read here: all processes that share it agree on the time. */
  now(): number;

  /**
   * Stores the notifications of one webhook, of each bot all or none, and resolves when they are on disk. Calls that arrive together
   * share one commit, and all reject with the cause when it fails. When the sender tries again, what that commit may have stored is a
   * duplicate, as after `full`.
   */
  accept(notifications: readonly Notification[], options: AcceptOptions): Promise<AcceptResult>;

  /**
   * Calls `listener` with bots that have work, after the commit that brought it; from the first call on also with work that other
   * processes brought or left. An error of the listener does not fail `accept`. Returns the function that ends this.
   */
  onWork(listener: WorkListener): () => void;

  /**
   * Reads a lane into memory. Null when a living process has work in it: that process gets to know what was accepted here. What a
   * dead holder left is recovered first: its open attempts count from now, and their messages are in doubt. Rejects with the cause of a
   * failed commit while an answer that this process got is not on disk.
   */
  hold(bot: string, query: HoldQuery): Promise<HeldLane | null>;

  /**
   * Ends the waiting after failures, whichever process holds the lanes: for keys that are off or failed, and for messages. A rate limit
   * stays. Returns the bots of which something waited.
   */
  tryNow(lanes: readonly LaneKeys[]): Promise<readonly string[]>;

  /**
   * Null once other processes may have taken over the lanes of this one: then no request may leave. After that it is another number:
   * a request that was marked in an earlier term may not leave either.
   */
  term(): number | null;

  /** Shows the other replicas which config this one runs. */
  shareConfig(hash: string): void;
  /** Those that live and have shared theirs, this one among them; none where no others may be. */
  replicas(): Promise<readonly Replica[]>;

  /** The backlog of each bot; also of bots that no config names any more. */
  backlog(): Promise<readonly LaneBacklog[]>;

  /** Dead messages by bot; bots without any are left out. */
  countDead(): Promise<ReadonlyMap<string, number>>;

  /** Of these keys, also of lanes that another process holds. */
  keyStates(keyIds: readonly string[]): Promise<readonly KeyState[]>;

  /** Kept in memory until the next `tidyHistory`; `senders` knows it at once. */
  noteSender(seen: SenderSeen): void;

  /** Once a minute: writes what senders did, and indexes what was settled. */
  tidyHistory(): Promise<void>;

  /**
   * Deletes what was settled long ago; what waits stays. Works in small transactions and lets others run in between. Returns how many
   * entries of the history were deleted.
   */
  prune(limits: PruneLimits): Promise<number>;

  /**
   * Where the outbox takes more on disk than it may: deletes the history, oldest first, then that by which duplicates and news are known, but
   * for the last hour. What waits or is dead stays. PostgreSQL uses freed space again, and does not give it back: there a tenth of the
   * history is deleted each time that the tables have grown above the limit. Costs little where there is nothing to delete.
   */
  limitDisk(limits: DiskLimits): Promise<DiskUse>;

  /** Finishes all earlier calls. Later calls reject, except for another close. A running prune stops early. */
  close(): Promise<void>;
}
