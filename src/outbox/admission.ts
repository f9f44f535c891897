// What is stored of the webhooks that arrive together, and how much of the limits they use. Pure.

import type { Notification, RoutedGroup } from "../domain/notification.ts";
import { type Backlog, emptyBacklog, sumOfBacklogs } from "./backlog.ts";
import type { NewNotificationRow } from "./rows.ts";
import type { AcceptOptions } from "./store.ts";

/** The JSON of a routed group, and the same as it is stored. */
export interface StoredText {
  readonly text: string;
  readonly body: Uint8Array;
}

export interface NewRow {
  readonly row: NewNotificationRow;
  readonly text: string;
}

export interface AcceptCall {
  readonly rows: readonly NewRow[];
  readonly options: AcceptOptions;
}

export function newRow(
  { routed, groupId, dedupKey }: Notification,
  options: AcceptOptions,
  stored: StoredText,
): NewRow {
  const { acceptedAt, dedupWindowMs, signature } = options;
  const row: NewNotificationRow = {
    bot: routed.destination.bot,
    group_id: groupId,
    dedup_key: dedupKey ?? "",
    dedup_window_ms: dedupWindowMs,
    signature: signature?.id ?? "",
    signature_expires_at: signature?.expiresAt ?? 0,
    urgent: routed.destination.urgent ? 1 : 0,
    alerts: routed.group.alerts.length,
    bytes: Buffer.byteLength(stored.text),
    accepted_at: acceptedAt,
    ready_at: acceptedAt + routed.mergeWaitMs,
    summary: summaryOf(routed),
    body: stored.body,
  };
  return { row, text: stored.text };
}

/** In characters. A search in the history reads every summary of the time it searches. */
const longestSummary = 500;

/** What a person searches for: the receiver, then the labels of the alerts, each pair once. */
function summaryOf({ group }: RoutedGroup): string {
  const pairs = new Set<string>();
  let length = 0;
  for (const { labels } of group.alerts) {
    for (const [name, value] of Object.entries(labels)) {
      const pair = `${name}=${value}`;
      if (!pairs.has(pair)) length += pair.length + 1;
      pairs.add(pair);
    }
    if (length > longestSummary) break;
  }
  const text = [group.receiver, ...pairs].join(" ").slice(0, longestSummary);
  // PostgreSQL stores no NUL, and no engine half a character.
  return text.replaceAll("\0", " ").toWellFormed();
}

export interface PlacedRow {
  /** Index of its call. */
  readonly call: number;
  readonly fresh: NewRow;
}

/** For each call, the index of the first one with its signature: its own when it has none, or none before it has the same. */
export function firstsWithSignature(calls: readonly AcceptCall[]): readonly number[] {
  const firsts = new Map<string, number>();
  return calls.map(({ options: { signature } }, n) => {
    if (signature === null) return n;
    const first = firsts.get(signature.id) ?? n;
    firsts.set(signature.id, first);
    return first;
  });
}

/** Of the copies in a batch the first one counts. */
export function withoutCopies(calls: readonly AcceptCall[]): readonly PlacedRow[] {
  const seen = new Set<string>();
  return calls.flatMap(({ rows }, call) =>
    rows.flatMap((fresh) => {
      const { dedup_key } = fresh.row;
      if (dedup_key !== "" && seen.has(dedup_key)) return [];
      seen.add(dedup_key);
      return [{ call, fresh }];
    }),
  );
}

/** Whether an earlier call of the batch, which was admitted, has the signature of each call. */
export function repeatedSignatures(calls: readonly AcceptCall[], admitted: readonly boolean[]): readonly boolean[] {
  const used = new Set<string>();
  return calls.map(({ options: { signature } }, n) => {
    if (signature === null || !admitted[n]) return false;
    const isRepeated = used.has(signature.id);
    used.add(signature.id);
    return isRepeated;
  });
}

/** Whether each call fits into the backlog, given those before it that do. One that adds nothing always fits. */
export function fitting(backlog: Backlog, calls: readonly AcceptCall[]): readonly boolean[] {
  let sum = backlog;
  return calls.map(({ rows, options }) => {
    const after = sumOfBacklogs(sum, backlogOf(rows));
    const isFull = after.notifications > options.maxNotifications || after.bytes > options.maxBytes;
    if (rows.length > 0 && isFull) return false;
    sum = after;
    return true;
  });
}

export function backlogOf(rows: readonly NewRow[]): Backlog {
  return rows.reduce((sum, { row }) => sumOfBacklogs(sum, { notifications: 1, bytes: row.bytes }), emptyBacklog);
}

/** @param lastAcceptedAt when each dedup key was accepted last; without those that never were */
export function isCopy({ row }: NewRow, lastAcceptedAt: ReadonlyMap<string, number>): boolean {
  const lastAt = lastAcceptedAt.get(row.dedup_key);
  // In both directions: what was accepted "an hour ahead", before the clock was set back, is no reason to drop a repeat.
  return lastAt !== undefined && Math.abs(row.accepted_at - lastAt) < row.dedup_window_ms;
}
