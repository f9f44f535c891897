// What differs between SQLite and PostgreSQL: how rows are read and written. sql-outbox.ts builds the outbox on it.

import type { LaneChange, WriteResult } from "./lane-change.ts";
import type {
  AttemptRow,
  DeliveryRow,
  HeadRow,
  KeyRow,
  MediaIdRow,
  MediaRow,
  MessageRow,
  NewNotificationRow,
  StateRow,
} from "./rows.ts";
import type { DeadDelivery, HistoryEntry, HistoryQuery, HoldQuery, PruneLimits, WorkListener } from "./store.ts";

/** All that is on disk of one lane. */
export interface LoadedLane {
  /** 0 for a lane that was never written to. */
  readonly version: number;
  readonly normalAt: number;
  readonly urgentAt: number;
  /** Another process wrote to the lane last, and lives at least until then; 0 when there is none. */
  readonly othersUntilAt: number;
  /** Of all its notifications that are not dead, planned ones too. In no order. */
  readonly heads: readonly HeadRow[];
  /** Not settled; in the order in which they were planned. */
  readonly deliveries: readonly DeliveryRow[];
  /** Of these deliveries, dead ones too; in sending order. */
  readonly messages: readonly MessageRow[];
  /** Of its keys: open, or answered inside the window. And the open ones of the lane, whatever their key. */
  readonly attempts: readonly AttemptRow[];
  readonly keys: readonly KeyRow[];
  /** By key; a key that never began an attempt has none, which counts as 0. */
  readonly keyVersions: ReadonlyMap<string, number>;
  readonly mediaIds: readonly MediaIdRow[];
  /** Last delivered ones of this bot. */
  readonly states: readonly StateRow[];
}

/** What became of a row that was to be stored. */
export type StoredNotification =
  | { readonly kind: "stored"; readonly id: number }
  | { readonly kind: "copy" }
  /** The signature of its request was used before. */
  | { readonly kind: "replayed" };

export interface StoredBody {
  readonly id: number;
  readonly body: Uint8Array;
}

export interface CountedBacklog {
  readonly bot: string;
  readonly notifications: number;
  /** Of their JSON. */
  readonly bytes: number;
  readonly oldestAcceptedAt: number;
}

export interface ReplayedDeliveries {
  readonly ids: readonly number[];
  readonly bots: readonly string[];
}

export interface OutboxEngine {
  /** Number of this opening, never used before: ids are made from it. */
  readonly run: number;
  /** Whether other processes add to the backlog. */
  readonly shared: boolean;
  now(): number;
  mayDeliver(): boolean;

  /** When each of these was last accepted; without those that never were. */
  acceptedAt(dedupKeys: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** In one commit. No two rows have the same dedup key. Returns a result for each row, in their order. */
  store(rows: readonly NewNotificationRow[]): Promise<readonly StoredNotification[]>;

  load(bot: string, query: HoldQuery): Promise<LoadedLane>;
  /** In one commit, in this order. Facts are written in any case. */
  write(changes: readonly LaneChange[]): Promise<readonly WriteResult[]>;
  /** In any order. */
  bodies(ids: readonly number[]): Promise<readonly StoredBody[]>;
  media(hash: string): Promise<MediaRow | null>;
  backlog(): Promise<readonly CountedBacklog[]>;

  dead(maxDeliveries: number): Promise<readonly DeadDelivery[]>;
  replay(ids: readonly number[]): Promise<ReplayedDeliveries>;
  drop(ids: readonly number[]): Promise<readonly number[]>;
  history(query: HistoryQuery): Promise<readonly HistoryEntry[]>;
  prune(limits: PruneLimits, signal: AbortSignal): Promise<number>;

  /** Notifies the other processes that this one accepted work for these bots. */
  announce(bots: readonly string[]): void;
  /**
   * Called once, for the first listener: from then on `found` is called with work that did not come through this process.
   *
   * @param known how many notifications of a bot this process knows; null when it does not hold its lane
   */
  watch(found: WorkListener, known: (bot: string) => number | null): void;
  /** Resolves when a failed commit may be tried again; at once when the outbox closes. */
  pause(closing: AbortSignal): Promise<void>;
  close(): Promise<void>;
  /** Called with what an `onWork` listener threw. */
  listenerFailed(cause: unknown): void;
}
