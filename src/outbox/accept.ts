import type { CompiledQuery } from "kysely";
import type { Notification } from "../domain/notification.ts";
import type { Backlog } from "./backlog.ts";
import type { Database, Write } from "./schema.ts";
import { exactLists, filledLists } from "./statement-sizes.ts";
import type { AcceptOptions, AcceptResult } from "./store.ts";

/** A notification that asks to be stored. */
interface OfferedNotification {
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
  readonly rows: readonly OfferedNotification[];
  readonly options: AcceptOptions;
}

interface AdmittedNotification extends OfferedNotification {
  readonly acceptedAt: number;
}

export interface Admission {
  /** One for each call, in the order of the calls. */
  readonly results: readonly AcceptResult[];
  readonly rows: readonly AdmittedNotification[];
  /** How much `rows` add to the backlog. */
  readonly added: Backlog;
}

export function toRow({ routed, groupId, dedupKey }: Notification): OfferedNotification {
  const body = JSON.stringify(routed);
  return {
    bot: routed.destination.bot,
    groupId,
    dedupKey,
    urgent: routed.destination.urgent,
    alerts: routed.group.alerts.length,
    waitMs: routed.mergeWaitMs,
    bytes: Buffer.byteLength(body),
    body,
  };
}

export function dedupKeysOf({ rows }: AcceptCall): readonly string[] {
  return rows.flatMap(({ dedupKey }) => dedupKey ?? []);
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
      await trx.executeQuery(insert(list.length, list.flatMap(parametersOf)));
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
  const rows: AdmittedNotification[] = [];
  const added = { notifications: 0, bytes: 0 };
  const results = calls.map(({ rows: offered, options }): AcceptResult => {
    const fresh = withoutCopies(offered, options, last);
    const bytes = fresh.reduce((sum, row) => sum + row.bytes, 0);
    const overCount = backlog.notifications + added.notifications + fresh.length > options.maxNotifications;
    const overBytes = backlog.bytes + added.bytes + bytes > options.maxBytes;
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

function withoutCopies(
  rows: readonly OfferedNotification[],
  { acceptedAt, dedupWindowMs }: AcceptOptions,
  last: ReadonlyMap<string, number>,
): readonly OfferedNotification[] {
  const inThisCall = new Set<string>();
  return rows.filter(({ dedupKey }) => {
    if (dedupKey === null) return true;
    const lastAt = last.get(dedupKey);
    // In both directions: what was accepted "an hour ahead", before the clock was set back, is no reason to drop a repeat.
    const copied = lastAt !== undefined && Math.abs(acceptedAt - lastAt) < dedupWindowMs;
    if (inThisCall.has(dedupKey) || copied) return false;
    inThisCall.add(dedupKey);
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

const blankRow = {
  bot: "",
  group_id: "",
  dedup_key: "",
  urgent: 0,
  alerts: 0,
  bytes: 0,
  accepted_at: 0,
  ready_at: 0,
  body: "",
};

function rowInsert(db: Database, size: number) {
  return db.insertInto("notifications").values(Array<typeof blankRow>(size).fill(blankRow)).compile();
}

/** What the column holds for a notification without a key; never looked up. */
export const noDedupKey = "";

/** In the order of the columns above. */
function parametersOf(row: AdmittedNotification): readonly unknown[] {
  return [
    row.bot,
    row.groupId,
    row.dedupKey ?? noDedupKey,
    row.urgent ? 1 : 0,
    row.alerts,
    row.bytes,
    row.acceptedAt,
    row.acceptedAt + row.waitMs,
    row.body,
  ];
}

function bySize<Row>(compile: (size: number) => CompiledQuery<Row>) {
  const compiled = new Map<number, CompiledQuery<Row>>();
  return (size: number, parameters: readonly unknown[]): CompiledQuery<Row> => {
    const known = compiled.get(size) ?? compile(size);
    compiled.set(size, known);
    return { ...known, parameters };
  };
}
