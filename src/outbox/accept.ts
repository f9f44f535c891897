// Stores a batch of accept calls: one look-up of all its dedup keys, then inserts of many rows. The statements are built once
// for each size: building them anew would cost more than SQLite's whole work.

import type { CompiledQuery } from "kysely";
import type { Notification } from "../domain/notification.ts";
import { type AcceptCall, type Admission, type AdmittedRow, admit, type NotificationRow } from "./admit.ts";
import type { Database, Write } from "./schema.ts";
import { exactLists, filledLists } from "./statement-sizes.ts";
import type { Waiting } from "./waiting.ts";

export function toRow({ routed, groupId, dedupKey }: Notification): NotificationRow {
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

export type AcceptBatch = (trx: Write, calls: readonly AcceptCall[], waiting: Waiting) => Promise<Admission>;

/** The transition, with the statements it keeps. */
export function acceptBatches(db: Database): AcceptBatch {
  const lookUp = bySize((size) => dedupLookUp(db, size));
  const insert = bySize((size) => rowInsert(db, size));
  return async (trx, calls, waiting) => {
    const keys = new Set(calls.flatMap(dedupKeysOf));
    const lastAcceptedAt = new Map<string, number>();
    for (const list of filledLists([...keys])) {
      const { rows } = await trx.executeQuery(lookUp(list.length, list));
      for (const row of rows) lastAcceptedAt.set(row.dedup_key, row.accepted_at);
    }
    const admission = admit(calls, lastAcceptedAt, waiting);
    for (const list of exactLists(admission.rows)) {
      await trx.executeQuery(insert(list.length, list.flatMap(parametersOf)));
    }
    return admission;
  };
}

export function dedupKeysOf({ rows }: AcceptCall): readonly string[] {
  return rows.flatMap(({ dedupKey }) => dedupKey ?? []);
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
  const blank = { bot: "", group_id: "", dedup_key: "", urgent: 0, alerts: 0, bytes: 0 };
  const row = { ...blank, accepted_at: 0, ready_at: 0, body: "" };
  return db.insertInto("notifications").values(Array<typeof row>(size).fill(row)).compile();
}

/** What the column holds for a notification without a key; never looked up. */
export const noDedupKey = "";

/** In the order of the columns above. */
function parametersOf(row: AdmittedRow): readonly unknown[] {
  const { bot, groupId, dedupKey, urgent, alerts, bytes, acceptedAt, waitMs, body } = row;
  const texts = [bot, groupId, dedupKey ?? noDedupKey];
  return [...texts, urgent ? 1 : 0, alerts, bytes, acceptedAt, acceptedAt + waitMs, body];
}

function bySize<Row>(compile: (size: number) => CompiledQuery<Row>) {
  const compiled = new Map<number, CompiledQuery<Row>>();
  return (size: number, parameters: readonly unknown[]): CompiledQuery<Row> => {
    const known = compiled.get(size) ?? compile(size);
    compiled.set(size, known);
    return { ...known, parameters };
  };
}
