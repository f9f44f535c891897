// What is stored of the webhooks that arrive together, and how much of the limits they use. Pure.

import type { Notification, RoutedGroup } from "../domain/notification.ts";
import { type Backlog, emptyBacklog, sumOfBacklogs } from "./backlog.ts";
import type { NewNotificationRow } from "./rows.ts";
import type { AcceptOptions, AcceptResult } from "./store.ts";

export interface NewRow {
  readonly row: NewNotificationRow;
  /** The JSON of the routed group; the row has it deflated. */
  readonly text: string;
}

export interface AcceptCall {
  readonly rows: readonly NewRow[];
  readonly options: AcceptOptions;
}

export function newRow(
  { routed, groupId, dedupKey }: Notification,
  options: AcceptOptions,
  { text, body }: { readonly text: string; readonly body: Uint8Array },
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
    bytes: Buffer.byteLength(text),
    accepted_at: acceptedAt,
    ready_at: acceptedAt + routed.mergeWaitMs,
    summary: summaryOf(routed),
    body,
  };
  return { row, text };
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

export interface Admission {
  /** For each call whether it fits into the backlog, given those before it that do. One that adds nothing always fits. */
  readonly kinds: readonly AcceptResult["kind"][];
  /** What is offered of the calls that fit: of copies in a batch the first one. */
  readonly placed: readonly PlacedRow[];
}

/** @param lastAcceptedAt when each dedup key was accepted last; without those that never were */
export function admit(
  calls: readonly AcceptCall[],
  backlog: Backlog,
  lastAcceptedAt: ReadonlyMap<string, number>,
): Admission {
  const known = { keys: new Set<string>(), signatures: new Set<string>() };
  const placed: PlacedRow[] = [];
  let sum = backlog;
  const kinds = calls.map(({ rows, options }, call) => {
    const { maxNotifications, maxBytes, signature } = options;
    if (signature !== null && known.signatures.has(signature.id)) return "replayed";
    const offered = withoutCopies(rows, known.keys);
    const added = offered.filter((one) => !isCopy(one, lastAcceptedAt));
    const after = sumOfBacklogs(sum, backlogOf(added));
    if (added.length > 0 && (after.notifications > maxNotifications || after.bytes > maxBytes)) return "full";
    sum = after;
    if (signature !== null) known.signatures.add(signature.id);
    for (const fresh of offered) {
      known.keys.add(fresh.row.dedup_key);
      placed.push({ call, fresh });
    }
    return "stored";
  });
  return { kinds, placed };
}

function withoutCopies(rows: readonly NewRow[], known: ReadonlySet<string>): readonly NewRow[] {
  const own = new Set<string>();
  return rows.filter(({ row: { dedup_key } }) => {
    const isCopied = dedup_key !== "" && (known.has(dedup_key) || own.has(dedup_key));
    own.add(dedup_key);
    return !isCopied;
  });
}

export function backlogOf(rows: readonly NewRow[]): Backlog {
  return rows.reduce((sum, { row }) => sumOfBacklogs(sum, { notifications: 1, bytes: row.bytes }), emptyBacklog);
}

function isCopy({ row }: NewRow, lastAcceptedAt: ReadonlyMap<string, number>): boolean {
  const lastAt = lastAcceptedAt.get(row.dedup_key);
  // In both directions: what was accepted "an hour ahead", before the clock was set back, is no reason to drop a repeat.
  return lastAt !== undefined && Math.abs(row.accepted_at - lastAt) < row.dedup_window_ms;
}
