import type { CompiledQuery } from "kysely";
import type { Notification } from "../domain/notification.ts";
import type { Backlog } from "./backlog.ts";
import type { Database, Write } from "./schema.ts";
import { exactLists, filledLists } from "./statement-sizes.ts";
import type { AcceptOptions, AcceptResult } from "./store.ts";

/** What the column holds for a notification without a key, of which nothing is a copy; never looked up. */
export const noDedupKey = "";

/** Its keys are the columns of an insert, in their order. */
const blankRow = {
  bot: "",
  group_id: "",
  dedup_key: noDedupKey,
  urgent: 0,
  alerts: 0,
  bytes: 0,
  accepted_at: 0,
  ready_at: 0,
  body: "",
};

type NotificationRow = Readonly<typeof blankRow>;

export interface AcceptCall {
  readonly rows: readonly NotificationRow[];
  readonly options: AcceptOptions;
}

export interface Admission {
  /** One for each call, in the order of the calls. */
  readonly results: readonly AcceptResult[];
  readonly rows: readonly NotificationRow[];
  /** How much `rows` add to the backlog. */
  readonly added: Backlog;
}

export function toRow({ routed, groupId, dedupKey }: Notification, acceptedAt: number): NotificationRow {
  const body = JSON.stringify(routed);
  return {
    ...blankRow,
    bot: routed.destination.bot,
    group_id: groupId,
    dedup_key: dedupKey ?? noDedupKey,
    urgent: routed.destination.urgent ? 1 : 0,
    alerts: routed.group.alerts.length,
    bytes: Buffer.byteLength(body),
    accepted_at: acceptedAt,
    ready_at: acceptedAt + routed.mergeWaitMs,
    body,
  };
}

export function dedupKeysOf({ rows }: AcceptCall): readonly string[] {
  return rows.map((row) => row.dedup_key).filter((key) => key !== noDedupKey);
}

export type AcceptBatch = (trx: Write, calls: readonly AcceptCall[], backlog: Backlog) => Promise<Admission>;

/**
 * Stores a batch of accept calls: one look-up of all its dedup keys, then inserts of many rows. The statements are built once
 * for each size: building them for each batch would cost more than all of SQLite's work.
 */
export function acceptBatches(db: Database): AcceptBatch {
  const lookUp = bySize((size) => dedupLookUp(db, size));
  const insert = bySize((size) => rowInsert(db, size));
  return async (trx, calls, backlog) => {
    const keys = new Set(calls.flatMap(dedupKeysOf));
    const lastAcceptedAt = new Map<string, number>();
    for (const list of filledLists([...keys])) {
      const { rows } = await trx.executeQuery(lookUp(list.length, list));
      for (const row of rows) lastAcceptedAt.set(row.dedup_key, row.accepted_at);
    }
    const admission = admit(calls, lastAcceptedAt, backlog);
    for (const list of exactLists(admission.rows)) {
      await trx.executeQuery(insert(list.length, list.flatMap(Object.values)));
    }
    return admission;
  };
}

/**
 * Which notifications of a batch are stored: not those already stored inside the dedup window (by the table or by an earlier
 * call of the batch), and none of a call that would pass a limit of the backlog.
 *
 * @param lastAcceptedAt when each dedup key of the batch was last stored; without those that never were
 */
export function admit(
  calls: readonly AcceptCall[],
  lastAcceptedAt: ReadonlyMap<string, number>,
  backlog: Backlog,
): Admission {
  const last = new Map(lastAcceptedAt);
  const rows: NotificationRow[] = [];
  const added = { notifications: 0, bytes: 0 };
  const results = calls.map(({ rows: offered, options }): AcceptResult => {
    const fresh = withoutCopies(offered, options, last);
    const bytes = fresh.reduce((sum, row) => sum + row.bytes, 0);
    const overCount = backlog.notifications + added.notifications + fresh.length > options.maxNotifications;
    const overBytes = backlog.bytes + added.bytes + bytes > options.maxBytes;
    if (fresh.length > 0 && (overCount || overBytes)) return { kind: "full" };
    for (const row of fresh) {
      rows.push(row);
      last.set(row.dedup_key, row.accepted_at);
    }
    added.notifications += fresh.length;
    added.bytes += bytes;
    return { kind: "stored", stored: fresh.length, duplicates: offered.length - fresh.length };
  });
  return { results, rows, added };
}

function withoutCopies(
  rows: readonly NotificationRow[],
  { acceptedAt, dedupWindowMs }: AcceptOptions,
  last: ReadonlyMap<string, number>,
): readonly NotificationRow[] {
  const inThisCall = new Set<string>();
  return rows.filter(({ dedup_key: key }) => {
    if (key === noDedupKey) return true;
    const lastAt = last.get(key);
    // In both directions: what was accepted "an hour ahead", before the clock was set back, is no reason to drop a repeat.
    const copied = lastAt !== undefined && Math.abs(acceptedAt - lastAt) < dedupWindowMs;
    if (inThisCall.has(key) || copied) return false;
    inThisCall.add(key);
    return true;
  });
}

function dedupLookUp(db: Database, size: number) {
  return db
    .selectFrom("notifications")
    .select((eb) => ["dedup_key", eb.fn.max("accepted_at").as("accepted_at")])
    .where("dedup_key", "in", Array<string>(size).fill(""))
    .groupBy("dedup_key")
    .compile();
}

function rowInsert(db: Database, size: number) {
  return db.insertInto("notifications").values(Array<NotificationRow>(size).fill(blankRow)).compile();
}

function bySize<Row>(compile: (size: number) => CompiledQuery<Row>) {
  const compiled = new Map<number, CompiledQuery<Row>>();
  return (size: number, parameters: readonly unknown[]): CompiledQuery<Row> => {
    const known = compiled.get(size) ?? compile(size);
    compiled.set(size, known);
    return { ...known, parameters };
  };
}
