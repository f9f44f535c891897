// What is written of every notification, each in one commit. Called inside a transaction of the connection.

import type { SQLInputValue } from "node:sqlite";
import type { StoredNotification } from "../engine.ts";
import type { AttemptMark, HeldChange, LaneChange, LaneFacts, WriteResult } from "../lane-change.ts";
import type { Closing, HistoryRecord, NewNotificationRow } from "../rows.ts";
import { columnNames, deletedRows, insertedRows, notificationColumns, recordColumns, updatedRows } from "../tables.ts";
import type { SqliteConnection } from "./connection.ts";

export function storeRows(sql: SqliteConnection, rows: readonly NewNotificationRow[]): readonly StoredNotification[] {
  /** Signatures that this commit used first: all rows of their request count. */
  const fresh = new Set<string>();
  const keys = new Set<string>();
  return rows.map((row) => {
    const isClaimed = row.is_replay === 0 && (fresh.has(row.signature) || claimSignature(sql, row));
    if (isClaimed) fresh.add(row.signature);
    const isNew = isClaimed && !keys.has(row.dedup_key) && markKey(sql, row);
    if (isClaimed) keys.add(row.dedup_key);
    if (isNew) return { kind: "stored", id: insertNotification(sql, row) };
    const { bot, accepted_at, dedup_key, search, body } = row;
    sql.run(
      `insert into history (at, accepted_at, bot, outcome, copy_of_at, search, body)
      values (?1, ?1, ?2, 'duplicate', (select accepted_at from dedup where key = ?3), ?4, ?5)`,
      ...[accepted_at, bot, dedup_key, search, body],
    );
    return { kind: isClaimed ? "copy" : "replayed" };
  });
}

/** False when another request has used it. */
function claimSignature(sql: SqliteConnection, { signature, signature_expires_at }: NewNotificationRow): boolean {
  const claim = "insert into signatures values (?, ?) on conflict do nothing";
  return signature === "" || sql.run(claim, signature, signature_expires_at) > 0;
}

export function recordAll(sql: SqliteConnection, records: readonly HistoryRecord[]): void {
  for (const record of records) {
    sql.run(insertRecord, record.accepted_at, ...valuesOf(record, recorded));
  }
}

const recorded = columnNames(recordColumns);
const insertRecord = `insert into history ${valuesIn(["at", ...recorded])}`;

/** False for a copy. */
function markKey(sql: SqliteConnection, { dedup_key, accepted_at, dedup_window_ms }: NewNotificationRow): boolean {
  const marked = sql.run(
    `insert into dedup values (?1, ?2)
    on conflict do update set accepted_at = excluded.accepted_at
      where abs(excluded.accepted_at - accepted_at) >= ?3`,
    ...[dedup_key, accepted_at, dedup_window_ms],
  );
  return marked > 0;
}

const stored = columnNames(notificationColumns);

const insertStored = `insert into notifications ${valuesIn(stored)}`;

function insertNotification(sql: SqliteConnection, row: NewNotificationRow): number {
  return sql.insert(insertStored, ...valuesOf(row, stored));
}

/** @param now of the outbox: windows are counted by it */
export function writeChanges(
  sql: SqliteConnection,
  changes: readonly LaneChange[],
  now: number,
): readonly WriteResult[] {
  const marked = new Set<string>();
  return changes.map(({ bot, facts, held }) => {
    writeFacts(sql, facts);
    if (held === null) return { held: true, begun: false };
    if (!moveOn(sql, bot, held)) return { held: false, begun: false };
    writeHeld(sql, held);
    const keyId = held.mark?.attempt.key_id ?? "";
    const begun = held.mark !== null && !marked.has(keyId) && begin(sql, held.mark, now);
    if (begun) marked.add(keyId);
    return { held: true, begun };
  });
}

function writeFacts(sql: SqliteConnection, { answered, sent, doubted }: LaneFacts): void {
  for (const { id, answeredAt, outcome } of answered) {
    sql.run(
      "update attempts set answered_at = max(coalesce(answered_at, 0), ?), outcome = ? where id = ?",
      ...[answeredAt, outcome, id],
    );
  }
  for (const id of sent) sql.run("delete from messages where id = ? and dead = 0", id);
  for (const id of doubted) sql.run("update messages set in_doubt = 1 where id = ?", id);
}

/** False when the holder does not know the current version. */
function moveOn(sql: SqliteConnection, bot: string, held: HeldChange): boolean {
  const { version, nextVersion, normalAt, urgentAt } = held;
  const moved = sql.run(
    `update lanes set version = ?3, normal_at = max(normal_at, ?4), urgent_at = max(urgent_at, ?5)
    where bot = ?1 and version = ?2`,
    ...[bot, version, nextVersion, normalAt, urgentAt],
  );
  if (moved > 0 || version > 0) return moved > 0;
  const values = [bot, nextVersion, normalAt, urgentAt];
  return (
    sql.run(
      "insert into lanes (bot, version, normal_at, urgent_at) values (?, ?, ?, ?) on conflict do nothing",
      ...values,
    ) > 0
  );
}

const insertions = insertedRows.map(({ list, table, columns, onConflict }) => {
  const names = columnNames(columns);
  return { list, names, text: `insert into ${table} ${valuesIn(names)} ${onConflict}` };
});

const updates = updatedRows.map(({ list, table, columns }) => {
  const names = columnNames(columns);
  return { list, names, text: `update ${table} set ${names.map((name) => `${name} = ?`).join(", ")} where id = ?` };
});

function writeHeld(sql: SqliteConnection, held: HeldChange): void {
  for (const { list, names, text } of insertions) {
    for (const row of held[list]) sql.run(text, ...valuesOf(row, names));
  }
  for (const { list, names, text } of updates) {
    for (const row of held[list]) sql.run(text, ...valuesOf(row, names), row.id);
  }
  for (const { list, table } of deletedRows) {
    for (const id of held[list]) sql.run(`delete from ${table} where id = ?`, id);
  }
  for (const closings of Map.groupBy(held.closings, ({ deliveryId }) => deliveryId).values()) close(sql, closings);
  if (held.moved.length > 0) {
    sql.run(`update notifications set bot = ? where ${haveIds}`, held.movedTo, JSON.stringify(held.moved));
  }
}

function valuesIn(names: readonly string[]): string {
  return `(${names.join(", ")}) values (${names.map(() => "?").join(", ")})`;
}

function valuesOf(row: object, names: readonly string[]): readonly SQLInputValue[] {
  return names.map((name) => Reflect.get(row, name));
}

const haveIds = "id in (select value from json_each(?))";

/** All of one delivery, or all that need no message. A delivered one leaves nothing but the history; a dead one keeps its notifications. */
function close(sql: SqliteConnection, closings: readonly Closing[]): void {
  const [first] = closings;
  if (first === undefined) return;
  const { outcome, mode, deliveryId, linkedId, at, notes } = first;
  const ids = JSON.stringify(closings.map(({ notificationId }) => notificationId));
  sql.run(
    `insert into history (at, accepted_at, bot, outcome, mode, delivery_id, notification_id, notes, search, body)
    select ?, accepted_at, bot, ?, ?, ?, case id when ? then id end, ?, search, body
    from notifications where ${haveIds}`,
    ...[at, outcome, mode, deliveryId, linkedId, notes, ids],
  );
  if (outcome === "dead") sql.run(`update notifications set dead_delivery_id = ? where ${haveIds}`, deliveryId, ids);
  else sql.run(`delete from notifications where ${haveIds}`, ids);
}

/** False when the window of the key is full or the message is gone. */
function begin(sql: SqliteConnection, { attempt, window }: AttemptMark, now: number): boolean {
  const { slots, spanMs, longestRequestMs } = window;
  const begun = sql.run(
    `insert into attempts (id, key_id, bot, message_id, upload, started_at) select ?1, ?2, ?3, ?4, ?5, ?6
    where (?4 is null or exists (select 1 from messages where id = ?4 and dead = 0)) and ?7 > (
      select count(*) from attempts
      where key_id = ?2 and started_at > ?8 and (answered_at is null or answered_at > ?9)
    )`,
    ...[attempt.id, attempt.key_id, attempt.bot, attempt.message_id, attempt.upload, attempt.started_at],
    ...[slots, now - spanMs - longestRequestMs, now - spanMs],
  );
  return begun > 0;
}
