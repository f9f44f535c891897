// Rows that a holder writes, each only if its lane is held.

import { deletedRows, insertedRows, updatedRows } from "../tables.ts";
import { isHeld, type StatementParts } from "./statement-parts.ts";
import type { WriteBatch } from "./write-batch.ts";

const inLane = { lane: "integer" } as const;
const idInLane = { ...inLane, id: "bigint" } as const;

/** The names of parts are not those of tables: a part would hide the table of its name. */
export function addRows(parts: StatementParts, batch: WriteBatch): void {
  for (const { list, table, columns, onConflict } of insertedRows) {
    const names = Object.keys(columns).join(", ");
    const part = {
      columns: { ...inLane, ...columns },
      rows: batch.held((held): readonly object[] => held[list]),
    };
    parts.add(
      `${list}_rows`,
      part,
      ({ from }) => `
      insert into ${table} (${names}) select ${names} from ${from} where ${isHeld} order by 1 ${onConflict ?? ""}`,
    );
  }
  for (const { list, table, columns } of updatedRows) {
    const rows = batch.held((held): readonly { readonly id: number }[] => held[list]).toSorted(byId);
    parts.change(`${list}_rows`, { columns: { ...idInLane, ...columns }, rows }, (r) => {
      return `update ${table} set ${Object.keys(columns)
        .map((name) => `${name} = ${r.of(name)}`)
        .join(", ")}`;
    });
  }
  for (const { list, table } of deletedRows) {
    const rows = batch.held((held) => held[list].map((id) => ({ id })));
    parts.change(`${list}_rows`, { columns: idInLane, rows }, () => `delete from ${table}`);
  }
}

const closingColumns = { ...idInLane, outcome: "text", mode: "text", deliveryId: "bigint", at: "bigint" } as const;

/** `offset 0` keeps the reading of a notification from becoming a join. */
export function addNotifications(parts: StatementParts, batch: WriteBatch): void {
  const closings = batch
    .held((held) => held.closings)
    .map((closing) => ({ ...closing, id: closing.notificationId }))
    .toSorted(byId);
  parts.add(
    "journal",
    { columns: closingColumns, rows: closings },
    ({ from }) => `
    insert into history (at, accepted_at, bot, outcome, mode, delivery_id, summary, body)
    select r.at, n.accepted_at, n.bot, r.outcome, r.mode, r.deliveryId, n.summary, case r.outcome when 'dead' then null else n.body end
    from ${from}
    cross join lateral (select accepted_at, bot, summary, body from notifications where id = r.id offset 0) as n
    where ${isHeld}`,
  );
  const dead = closings.filter(({ outcome }) => outcome === "dead");
  const ended = closings.filter(({ outcome }) => outcome !== "dead");
  parts.change("ended", { columns: idInLane, rows: ended }, () => "delete from notifications");
  parts.change(
    "died",
    { columns: { ...idInLane, deliveryId: "bigint" }, rows: dead },
    (r) => `update notifications set dead_delivery_id = ${r.of("deliveryId")}`,
  );
  const moved = batch.held(({ moved, movedTo: bot }) => moved.map((id) => ({ id, bot }))).toSorted(byId);
  parts.change(
    "moved",
    { columns: { ...idInLane, bot: "text" }, rows: moved },
    (r) => `update notifications set bot = ${r.of("bot")}`,
  );
}

/** For `RowParameters.of`. */
export function byId(a: { readonly id: number }, b: { readonly id: number }): number {
  return a.id - b.id;
}
