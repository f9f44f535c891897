// What differs between SQLite and PostgreSQL: how rows are read and written. sql-outbox.ts builds the outbox on it.

import type { HoldQuery } from "./lane.ts";
import type { LaneChange, WriteResult } from "./lane-change.ts";
import type {
  AttemptRow,
  DeliveryRow,
  HeadRow,
  HistoryRecord,
  KeyRow,
  LaneRow,
  MediaIdRow,
  MessageRow,
  NewNotificationRow,
  StateRow,
  WindowRow,
} from "./rows.ts";
import type { Replica, WorkListener } from "./store.ts";

/** All that is on disk of one lane. */
export interface LoadedLane {
  /** Null for one that was never written to. */
  readonly lane: LaneRow | null;
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
  /** A key that never began an attempt has none. */
  readonly windows: readonly WindowRow[];
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

/** One SQL for both engines, for what is not on the way of every notification. */
export interface Sql {
  /** Parameters are `$1`, `$2` … in the text. Rows are plain objects, 64-bit integers are numbers. */
  all<Row>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** The condition that a column is one of the numbers or texts of a JSON array, which is the given parameter. */
  isOneOf(column: string, parameter: string, type: "bigint" | "text"): string;
  /** The condition that a text column has the text of the parameter somewhere, in the same case. */
  contains(column: string, parameter: string): string;
}

/** The first rows of a select. */
export interface FirstRows<Row> {
  /** At least one, where the select has any. */
  readonly rows: readonly Row[];
  readonly isLast: boolean;
}

export interface SqlDatabase extends Sql {
  /** No more than `limit`, and fewer where reading them blocks the event loop. The text has an order and no limit. */
  firstRows<Row>(text: string, parameters: readonly unknown[], limit: number): Promise<FirstRows<Row>>;
  /** In one commit, or not at all. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

export interface OutboxEngine {
  /** Number of this opening, never used before: ids are made from it. */
  readonly run: number;
  /** Whether other processes add to the backlog. */
  readonly shared: boolean;
  /** Whether `reclaim` gives space back at once: then `diskBytes` is what is kept. */
  readonly shrinks: boolean;
  readonly db: SqlDatabase;
  now(): number;
  /** As the outbox says it. */
  term(): number | null;

  /** In one commit, with records of the history. Returns a result for each row, in their order. */
  store(rows: readonly NewNotificationRow[], records: readonly HistoryRecord[]): Promise<readonly StoredNotification[]>;

  load(bot: string, query: HoldQuery): Promise<LoadedLane>;
  /** In one commit, in this order. Facts are written in any case. */
  write(changes: readonly LaneChange[]): Promise<readonly WriteResult[]>;
  shareConfig(hash: string): void;
  replicas(): Promise<readonly Replica[]>;
  /** All that the outbox takes on disk. */
  diskBytes(): Promise<number>;
  /** Gives the space of deleted rows back to the disk, where the database does not do so by itself. */
  reclaim(signal: AbortSignal): Promise<void>;

  /** Notifies the other processes that this one accepted work for these bots. */
  announce(bots: readonly string[]): void;
  /** Notifies them that these bots may try again at once. */
  announceRetry(bots: readonly string[]): void;
  /** Notifies them that lanes of this one are free. */
  announceReleased(): void;
  /**
   * Called once, for the first listener: from then on `found` is called with work that did not come through this process.
   *
   * @param known how many notifications of a bot this process knows; null when it does not hold its lane
   */
  watch(found: WorkListener, known: (bot: string) => number | null): void;
  /** Resolves when a failed commit may be tried again; at once when the outbox closes. */
  pause(closing: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Whether nothing of the lane but what this process accepted itself waits: then the process that held it last is idle. */
export function isOnly({ heads, deliveries }: LoadedLane, accepted: ReadonlySet<number>): boolean {
  return heads.length > 0 && deliveries.length === 0 && heads.every(({ id }) => accepted.has(id));
}
