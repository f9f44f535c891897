// One statement for all that a batch changes. Its plan must be good whatever the server believes of the sizes of the tables. So rows
// are found by `= any`, their values by bisection (statement-parts.ts), and what is read of another table is read row by row.

import { columnNames, deletedRows, insertedRows, updatedRows } from "../tables.ts";
import type { Statement } from "./pool.ts";
import { isHeld, StatementParts } from "./statement-parts.ts";
import type { WriteBatch } from "./write-batch.ts";

/** The row that the statement returns. */
export interface WrittenBatch {
  /** Indexes of the lanes that were at their version. */
  readonly held: readonly number[];
  /** Keys with which an attempt began. */
  readonly begun: readonly string[];
}

export interface WriteContext {
  /** The name of this process in the lanes that it writes to. */
  readonly owner: string;
  /** SQL for the database's time in epoch ms. */
  readonly databaseNow: string;
}

export function writeStatement(batch: WriteBatch, { owner, databaseNow }: WriteContext): Statement {
  const parts = new StatementParts();
  addLanes(parts, batch, owner);
  addMarks(parts, batch, databaseNow);
  addFacts(parts, batch);
  addRows(parts, batch);
  addNotifications(parts, batch);
  const held = parts.has("held") ? "select lane from held" : "select 0 where false";
  const begun = parts.has("marks") ? "select key_id from begun" : "select '' where false";
  return parts.statement(`select array(${held}) as held, array(${begun}) as begun`);
}

const laneColumns = "bot text, owner text, version bigint, next_version bigint, normal_at bigint, urgent_at bigint";

/** Lanes are locked in one order, so that no two writers wait for each other. */
function addLanes(parts: StatementParts, { lanes, changes }: WriteBatch, owner: string): void {
  const released = new Set(changes.map(({ held, lane }) => (held.released ? lane : null)));
  const rows = lanes.map((lane, n) => ({ ...lane, owner: released.has(n) ? null : owner }));
  parts.add(
    "held",
    { columns: laneColumns, rows },
    (r) => `
    insert into lanes as l (bot, owner, version, normal_at, urgent_at)
    select bot, owner, next_version, normal_at, urgent_at from ${r.from}
    where version = coalesce((select l.version from lanes as l where l.bot = r.bot), 0) order by bot
    on conflict (bot) do update set owner = excluded.owner, version = excluded.version,
      normal_at = greatest(l.normal_at, excluded.normal_at), urgent_at = greatest(l.urgent_at, excluded.urgent_at)
    where l.version = (${r.array("version")})[array_position(${r.array("bot")}, l.bot)]
    returning array_position(${r.array("bot")}, bot) - 1 as lane`,
  );
}

const markColumns =
  "lane integer, id bigint, key_id text, bot text, message_id bigint, upload integer, started_at bigint, " +
  "is_new integer, key_version bigint, slots integer, span_ms bigint, longest_request_ms bigint";

/**
 * The version of a key's window shows whether all attempts with the key are seen here: the process that began one moved it on in the same
 * commit. So what is counted is all there is, although this statement sees nothing of what is written beside it.
 */
function addMarks(parts: StatementParts, batch: WriteBatch, databaseNow: string): void {
  const newMessages = new Set<number | null>(batch.held((held) => held.newMessages).map(({ id }) => id));
  const rows = batch
    .held(({ mark }) => (mark === null ? [] : [mark]))
    .map(({ lane, attempt, keyVersion, window }) => ({
      ...attempt,
      lane,
      is_new: newMessages.has(attempt.message_id) ? 1 : 0,
      key_version: keyVersion,
      slots: window.slots,
      span_ms: window.spanMs,
      longest_request_ms: window.longestRequestMs,
    }));
  parts.add(
    "marks",
    { columns: markColumns, rows },
    ({ from }) => `
    select r.*, ${databaseNow} as now from ${from} where ${isHeld}
  ), moved_on as (
    insert into windows as w (key_id, version)
    select key_id, key_version + 1 from marks as m
    where key_version = coalesce((select w.version from windows as w where w.key_id = m.key_id), 0)
      and (message_id is null or is_new = 1 or (select id from messages where id = m.message_id) is not null)
      and slots > (
        select count(*) from attempts as a
        where a.key_id = m.key_id and a.started_at > m.now - m.longest_request_ms - m.span_ms
          and (a.answered_at is null or a.answered_at > m.now - m.span_ms))
    order by key_id
    on conflict (key_id) do update set version = excluded.version where w.version = excluded.version - 1
    returning key_id
  ), begun as (
    insert into attempts (id, key_id, bot, message_id, upload, started_at)
    select id, key_id, bot, message_id, upload, started_at from marks
    where key_id = any(array(select key_id from moved_on))
    returning key_id`,
  );
}

function addFacts(parts: StatementParts, batch: WriteBatch): void {
  const answered = batch.facts((facts) => facts.answered).toSorted(byId);
  parts.add(
    "answered",
    { columns: "id bigint, answeredAt bigint, outcome text", rows: answered },
    (r) => `
    update attempts set answered_at = greatest(answered_at, ${r.of("answeredAt")}), outcome = ${r.of("outcome")}
    where id = any(${r.array("id")})`,
  );
  const sent = batch.facts((facts) => facts.sent.map((id) => ({ id })));
  parts.add(
    "sent",
    { columns: "id bigint", rows: sent },
    (r) => `delete from messages where id = any(${r.array("id")}) and dead = 0`,
  );
  // Where its lane is held, the message is written whole.
  const where = parts.has("held") ? `where not ${isHeld}` : "";
  parts.add(
    "doubted",
    { columns: "lane integer, id bigint", rows: doubtedIn(batch) },
    ({ from }) => `update messages set in_doubt = 1 where id = any(array(select r.id from ${from} ${where}))`,
  );
}

const noLane = -1;

/** Those that their own change writes have its lane. */
function doubtedIn({ changes }: WriteBatch) {
  return changes.flatMap(({ facts, held, lane }) => {
    const changed = new Set(held.changedMessages.map(({ id }) => id));
    return facts.doubted.map((id) => ({ id, lane: changed.has(id) ? lane : noLane }));
  });
}

const idInLane = "lane integer, id bigint";

/** The names of parts are not those of tables: a part would hide the table of its name. */
function addRows(parts: StatementParts, batch: WriteBatch): void {
  for (const { list, table, columns, onConflict } of insertedRows) {
    const rows = batch.held((held): readonly object[] => held[list]);
    parts.add(`${list}_rows`, { columns: `lane integer, ${columns}`, rows }, ({ from }) => {
      const names = columnNames(columns).join(", ");
      return `insert into ${table} (${names}) select ${names} from ${from} where ${isHeld} order by 1 ${onConflict}`;
    });
  }
  for (const { list, table, columns } of updatedRows) {
    const rows = batch.held((held): readonly { readonly id: number }[] => held[list]).toSorted(byId);
    parts.change(`${list}_rows`, { columns: `${idInLane}, ${columns}`, rows }, (r) => {
      const assignments = columnNames(columns).map((name) => `${name} = ${r.of(name)}`);
      return `update ${table} set ${assignments.join(", ")}`;
    });
  }
  for (const { list, table } of deletedRows) {
    const rows = batch.held((held) => held[list].map((id) => ({ id })));
    parts.change(`${list}_rows`, { columns: idInLane, rows }, () => `delete from ${table}`);
  }
}

const closingColumns =
  "lane integer, id bigint, outcome text, mode text, deliveryId bigint, linkedId bigint, at bigint, notes text";

/** `offset 0` keeps the reading of a notification from becoming a join. */
function addNotifications(parts: StatementParts, batch: WriteBatch): void {
  const closings = batch
    .held((held) => held.closings)
    .map((closing) => ({ ...closing, id: closing.notificationId }))
    .toSorted(byId);
  parts.add(
    "journal",
    { columns: closingColumns, rows: closings },
    ({ from }) => `
    insert into history (at, accepted_at, bot, outcome, mode, delivery_id, notification_id, notes, search, body)
    select r.at, n.accepted_at, n.bot, r.outcome, r.mode, r.deliveryId, case r.id when r.linkedId then r.id end, r.notes,
      n.search, n.body
    from ${from}
    cross join lateral (select accepted_at, bot, search, body from notifications where id = r.id offset 0) as n
    where ${isHeld}`,
  );
  const dead = closings.filter(({ outcome }) => outcome === "dead");
  const ended = closings.filter(({ outcome }) => outcome !== "dead");
  parts.change("ended", { columns: idInLane, rows: ended }, () => "delete from notifications");
  parts.change(
    "died",
    { columns: `${idInLane}, deliveryId bigint`, rows: dead },
    (r) => `update notifications set dead_delivery_id = ${r.of("deliveryId")}`,
  );
  const moved = batch.held(({ moved, movedTo: bot }) => moved.map((id) => ({ id, bot }))).toSorted(byId);
  parts.change(
    "moved",
    { columns: `${idInLane}, bot text`, rows: moved },
    (r) => `update notifications set bot = ${r.of("bot")}`,
  );
}

/** For `RowParameters.of`. */
function byId(a: { readonly id: number }, b: { readonly id: number }): number {
  return a.id - b.id;
}
