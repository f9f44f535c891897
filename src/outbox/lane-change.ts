// What the holder of a lane writes: rows, and the versions that must be current for them to be written. The holder decides everything
// in its memory (held-lane.ts); an engine decides nothing.

import type { FailureReason } from "../domain/reason.ts";
import type { SendWindow } from "./lane.ts";
import type { AttemptRow, Closing, DeliveryRow, KeyRow, MediaIdRow, MediaRow, MessageRow, StateRow } from "./rows.ts";

export interface LaneChange {
  readonly bot: string;
  readonly facts: LaneFacts;
  /** Written only by the holder of the current version; null when there are only facts. */
  readonly held: HeldChange | null;
}

/** Written also when another process holds the lane: WeCom answered, or will not answer any more. */
export interface LaneFacts {
  readonly answered: readonly AttemptAnswer[];
  /** Ids of messages that were sent: deleted, unless they are dead. */
  readonly sent: readonly number[];
  /** Ids of messages that may have been delivered. */
  readonly doubted: readonly number[];
}

export interface AttemptAnswer {
  readonly id: number;
  /** The later of this and what is recorded. */
  readonly answeredAt: number;
  readonly outcome: "sent" | "uploaded" | FailureReason;
}

export interface HeldChange {
  /** What the holder knows, and what it becomes. */
  readonly version: number;
  readonly nextVersion: number;
  /** When a delivery was planned; 0 when none was. */
  readonly normalAt: number;
  readonly urgentAt: number;
  readonly newDeliveries: readonly DeliveryRow[];
  /** `settled_at` and `key_id` are written. */
  readonly changedDeliveries: readonly DeliveryRow[];
  readonly goneDeliveries: readonly number[];
  readonly newMessages: readonly MessageRow[];
  /** Not written when it is gone. */
  readonly changedMessages: readonly MessageRow[];
  readonly goneMessages: readonly number[];
  /** Of dead deliveries: kept beside them, and waiting no more. All others are deleted. */
  readonly closings: readonly Closing[];
  /** Written or replaced. */
  readonly states: readonly StateRow[];
  readonly keys: readonly KeyRow[];
  readonly newMedia: readonly MediaRow[];
  readonly mediaIds: readonly MediaIdRow[];
  /** Notifications that go to another bot, and which. */
  readonly moved: readonly number[];
  readonly movedTo: string | null;
  readonly mark: AttemptMark | null;
  /** The lane has no owner afterwards: any process may take it over. */
  readonly released: boolean;
}

/**
 * An attempt that begins. It is written only while the window of its key, counted by the engine's clock, has a free slot, no other
 * process began one with this key meanwhile, and its message, if it has one, is still there.
 */
export interface AttemptMark {
  readonly attempt: AttemptRow;
  /** Of the key's window, as the holder knows it; it grows by one with every mark. */
  readonly keyVersion: number;
  readonly window: SendWindow;
}

export interface WriteResult {
  /** False when the version was not current; true for facts alone. */
  readonly held: boolean;
  /** Whether the mark was written; false when there was none. */
  readonly begun: boolean;
}

export const noFacts: LaneFacts = { answered: [], sent: [], doubted: [] };

export const noChange: HeldChange = {
  version: 0,
  nextVersion: 0,
  normalAt: 0,
  urgentAt: 0,
  newDeliveries: [],
  changedDeliveries: [],
  goneDeliveries: [],
  newMessages: [],
  changedMessages: [],
  goneMessages: [],
  closings: [],
  states: [],
  keys: [],
  newMedia: [],
  mediaIds: [],
  moved: [],
  movedTo: null,
  mark: null,
  released: false,
};

/** A closing, with its body, takes SQLite about 25 µs, and nothing else runs meanwhile. */
const rowsAtOnce = 512;

/**
 * What closes or moves a backlog, as several changes. If we die before the last one, a delivery that is being closed is still there: the
 * next holder finds it without an open message, and closes the rest. One whose notifications move is gone with the first.
 */
export function inSlices(change: Partial<HeldChange>): readonly Partial<HeldChange>[] {
  const { closings = [], states = [], moved = [], movedTo = null } = change;
  const count = Math.ceil(Math.max(closings.length, states.length, moved.length) / rowsAtOnce);
  if (count < 2) return [change];
  const slices = Array.from({ length: count }, (_, n): Partial<HeldChange> => {
    const [from, to] = [n * rowsAtOnce, (n + 1) * rowsAtOnce];
    return {
      closings: closings.slice(from, to),
      states: states.slice(from, to),
      moved: moved.slice(from, to),
      movedTo,
    };
  });
  if (movedTo !== null) return [{ ...change, ...slices[0] }, ...slices.slice(1)];
  const { goneDeliveries = [], changedDeliveries = [] } = change;
  const first = { ...change, ...slices[0], goneDeliveries: [], changedDeliveries: [] };
  return [first, ...slices.slice(1), { goneDeliveries, changedDeliveries }];
}
