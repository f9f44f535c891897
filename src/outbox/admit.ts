// Which notifications of a batch of accept calls are stored: not those already stored inside the dedup window (by the table or
// by an earlier call of the batch), and none of a call that would pass the limits of what may wait.

import type { AcceptOptions, AcceptResult } from "./store.ts";
import type { Waiting } from "./waiting.ts";

/** A notification as the table holds it. */
export interface NotificationRow {
  readonly bot: string;
  readonly groupId: string;
  /** Null: nothing is a copy of it. */
  readonly dedupKey: string | null;
  readonly urgent: boolean;
  readonly alerts: number;
  /** Not planned for this long after its acceptance. */
  readonly waitMs: number;
  readonly bytes: number;
  readonly body: string;
}

export interface AcceptCall {
  readonly rows: readonly NotificationRow[];
  readonly options: AcceptOptions;
}

export interface AdmittedRow extends NotificationRow {
  readonly acceptedAt: number;
}

export interface Admission {
  /** One for each call, in its place. */
  readonly results: readonly AcceptResult[];
  readonly rows: readonly AdmittedRow[];
  /** How much `rows` add to what waits. */
  readonly added: Waiting;
}

/** `lastAcceptedAt` says of each dedup key of the batch when it was last stored, if ever. */
export function admit(
  calls: readonly AcceptCall[],
  lastAcceptedAt: ReadonlyMap<string, number>,
  waiting: Waiting,
): Admission {
  const last = new Map(lastAcceptedAt);
  const rows: AdmittedRow[] = [];
  const added = { notifications: 0, bytes: 0 };
  const results = calls.map(({ rows: offered, options }): AcceptResult => {
    const fresh = freshOf(offered, options, last);
    const bytes = fresh.reduce((sum, row) => sum + row.bytes, 0);
    const overCount = waiting.notifications + added.notifications + fresh.length > options.maxNotifications;
    const overBytes = waiting.bytes + added.bytes + bytes > options.maxBytes;
    if (fresh.length > 0 && (overCount || overBytes)) return { kind: "full" };
    for (const row of fresh) {
      rows.push({ ...row, acceptedAt: options.acceptedAt });
      if (row.dedupKey !== null) last.set(row.dedupKey, options.acceptedAt);
    }
    added.notifications += fresh.length;
    added.bytes += bytes;
    return { kind: "stored", stored: fresh.length, duplicates: offered.length - fresh.length };
  });
  return { results, rows, added };
}

function freshOf(
  rows: readonly NotificationRow[],
  { acceptedAt, dedupWindowMs }: AcceptOptions,
  last: ReadonlyMap<string, number>,
): readonly NotificationRow[] {
  const inThisCall = new Set<string>();
  return rows.filter(({ dedupKey }) => {
    if (dedupKey === null) return true;
    const lastAt = last.get(dedupKey);
    // To both sides: what was accepted "an hour ahead", before the clock was set back, is no reason to drop a repeat.
    const copied = lastAt !== undefined && Math.abs(acceptedAt - lastAt) < dedupWindowMs;
    if (inThisCall.has(dedupKey) || copied) return false;
    inThisCall.add(dedupKey);
    return true;
  });
}
