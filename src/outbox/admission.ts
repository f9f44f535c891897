// What is stored of the webhooks that arrive together, and how much of the limits they use. Pure.

import type { Notification } from "../domain/notification.ts";
import { type Backlog, backlogOf, emptyBacklog, sumOfBacklogs } from "./backlog.ts";
import type { HistoryRecord, NewNotificationRow } from "./rows.ts";
import { searchText } from "./search-text.ts";
import type { AcceptOptions } from "./store.ts";

export interface NewRow {
  readonly row: NewNotificationRow;
  /** The JSON of the routed group; the row has it deflated. */
  readonly text: string;
  /** Of the notification and who sent it: a retry has the same. */
  readonly sentAs: string;
}

export interface AcceptCall {
  readonly rows: readonly NewRow[];
  /** What is accepted and not delivered. */
  readonly unsent: readonly HistoryRecord[];
  readonly options: AcceptOptions;
}

export interface StoredForm {
  readonly text: string;
  readonly body: Uint8Array;
  readonly dedupKey: string;
  readonly sentAs: string;
}

export function newRow({ routed, groupId }: Notification, options: AcceptOptions, form: StoredForm): NewRow {
  const { acceptedAt, dedupWindowMs, signature } = options;
  const { text, body, dedupKey, sentAs } = form;
  const row: NewNotificationRow = {
    bot: routed.destination.bot,
    group_id: groupId,
    dedup_key: dedupKey,
    dedup_window_ms: dedupWindowMs,
    signature: signature?.id ?? "",
    signature_expires_at: signature?.expiresAt ?? 0,
    is_replay: 0,
    urgent: routed.destination.urgent ? 1 : 0,
    alerts: routed.group.alerts.length,
    bytes: Buffer.byteLength(text),
    accepted_at: acceptedAt,
    ready_at: acceptedAt + routed.mergeWaitMs,
    search: searchText(routed.group),
    body,
  };
  return { row, text, sentAs };
}

export interface PlacedRow {
  /** Index of its call. */
  readonly call: number;
  readonly fresh: NewRow;
}

export interface Admission {
  /** Of each call the bots for which it does not fit into the backlog, given what comes before it. What adds nothing always fits. */
  readonly refusedBots: readonly (readonly string[])[];
  /** What is offered of the calls. The signature of one that is not offered whole stays unused. */
  readonly placed: readonly PlacedRow[];
  /** What the calls that are offered whole do not deliver. */
  readonly records: readonly HistoryRecord[];
}

/** @param lastAcceptedAt when each dedup key was accepted last; without those that never were */
export function admit(
  calls: readonly AcceptCall[],
  backlogs: ReadonlyMap<string, Backlog>,
  lastAcceptedAt: ReadonlyMap<string, number>,
): Admission {
  const sizes = new Sizes(backlogs);
  const known = { keys: new Set<string>(), signatures: new Set<string>() };
  const placed: PlacedRow[] = [];
  const records: HistoryRecord[] = [];
  const refusedBots = calls.map(({ rows, unsent, options }, call) => {
    const { signature } = options;
    if (signature !== null && known.signatures.has(signature.id)) {
      placed.push(...rows.map((one) => ({ call, fresh: { ...one, row: { ...one.row, is_replay: 1 } } })));
      return [];
    }
    const byBot = [...Map.groupBy(rows, ({ row }) => row.bot)];
    const fitting = byBot.filter(([bot, own]) => {
      const added = withoutCopies(own, known.keys).filter((one) => !isCopy(one, lastAcceptedAt));
      if (!sizes.add(bot, backlogOf(added.map(({ row }) => row)), options)) return false;
      for (const { row } of own) known.keys.add(row.dedup_key);
      return true;
    });
    const isWhole = fitting.length === byBot.length;
    if (isWhole) records.push(...unsent);
    if (isWhole && signature !== null) known.signatures.add(signature.id);
    const offered = fitting.flatMap(([, own]) => own);
    placed.push(...offered.map((fresh) => ({ call, fresh: isWhole ? fresh : unsigned(fresh) })));
    return byBot.filter((one) => !fitting.includes(one)).map(([bot]) => bot);
  });
  return { refusedBots, placed, records };
}

class Sizes {
  readonly #byBot: Map<string, Backlog>;
  #total: Backlog;

  constructor(byBot: ReadonlyMap<string, Backlog>) {
    this.#byBot = new Map(byBot);
    this.#total = [...byBot.values()].reduce(sumOfBacklogs, emptyBacklog);
  }

  /** False, and nothing is added, when the limits have no room for it. */
  add(bot: string, added: Backlog, { maxNotifications, maxBytes, severalBots }: AcceptOptions): boolean {
    if (added.notifications === 0) return true;
    const own = sumOfBacklogs(this.#byBot.get(bot) ?? emptyBacklog, added);
    const total = sumOfBacklogs(this.#total, added);
    const isOver = (max: number, size: keyof Backlog) => {
      const left = max - (total[size] - own[size]);
      return own[size] > (severalBots ? left / 2 : left);
    };
    if (isOver(maxNotifications, "notifications") || isOver(maxBytes, "bytes")) return false;
    this.#byBot.set(bot, own);
    this.#total = total;
    return true;
  }
}

function unsigned(fresh: NewRow): NewRow {
  return { ...fresh, row: { ...fresh.row, signature: "" } };
}

function withoutCopies(rows: readonly NewRow[], known: ReadonlySet<string>): readonly NewRow[] {
  const own = new Map(rows.toReversed().map((one) => [one.row.dedup_key, one]));
  return [...own.values()].filter(({ row }) => !known.has(row.dedup_key));
}

function isCopy({ row }: NewRow, lastAcceptedAt: ReadonlyMap<string, number>): boolean {
  const lastAt = lastAcceptedAt.get(row.dedup_key);
  // In both directions: what was accepted "an hour ahead", before the clock was set back, is no reason to drop a repeat.
  return lastAt !== undefined && Math.abs(row.accepted_at - lastAt) < row.dedup_window_ms;
}
