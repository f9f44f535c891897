// What an export holds: every table but the leases, which belong to processes that are gone, and the schema's version, which is
// in its first line. Pure.

import type { Schema } from "./schema.ts";

/** An instant is epoch ms by the storage's clock; 0 means never. */
type Kind = "text" | "number" | "instant";

export type ColumnKind = Kind | `${Kind}?`;

export type Cell = string | number | null;

export type Row = Readonly<Record<string, Cell>>;

export interface ExportTable {
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** Rows are read in its order. */
  readonly key: readonly string[];
  /** By what a row may weigh: a webhook's body, a file. */
  readonly rowsAtOnce: number;
}

export type ExportedTable = Exclude<keyof Schema, "lanes" | "meta">;

type ColumnsOf<Table> = { readonly [Name in keyof Table]: null extends Table[Name] ? `${Kind}?` : Kind };

/** A column that is missing here does not compile. */
const columns: { readonly [Name in ExportedTable]: ColumnsOf<Schema[Name]> } = {
  keys: { key_id: "text", hold_until_at: "instant", off_reason: "text?", probe_at: "instant", failures: "number" },
  media: { hash: "text", type: "text", name: "text", created_at: "instant", content: "text" },
  media_ids: { key_id: "text", media_hash: "text", media_id: "text", expires_at: "instant" },
  notifications: {
    ...{ id: "number", bot: "text", group_id: "text", dedup_key: "text", urgent: "number", alerts: "number" },
    ...{ bytes: "number", accepted_at: "instant", ready_at: "instant", telling_id: "number?", body: "text" },
  },
  tellings: {
    ...{ id: "number", bot: "text", group_id: "text", form: "text", urgent: "number", notifications: "number" },
    ...{ alerts: "number", bytes: "number", retractable: "number", accepted_at: "instant", planned_at: "instant" },
    ...{ settled_at: "instant?", key_id: "text?" },
  },
  messages: {
    ...{ id: "number", telling_id: "number", bot: "text", part: "number", place: "number", state: "text" },
    ...{ tries: "number", repairs: "number", in_doubt: "number", not_before_at: "instant", last_reason: "text?" },
    ...{ settled_at: "instant?", media_hash: "text?", body: "text" },
  },
  attempts: {
    ...{ id: "number", bot: "text", key_id: "text", message_id: "number", started_at: "instant" },
    ...{ answered_at: "instant?", outcome: "text?" },
  },
};

export const exportTables: ReadonlyMap<string, ExportTable> = new Map(
  Object.entries({
    keys: { columns: columns.keys, key: ["key_id"], rowsAtOnce: 256 },
    media: { columns: columns.media, key: ["hash"], rowsAtOnce: 1 },
    media_ids: { columns: columns.media_ids, key: ["key_id", "media_hash"], rowsAtOnce: 256 },
    notifications: { columns: columns.notifications, key: ["id"], rowsAtOnce: 16 },
    tellings: { columns: columns.tellings, key: ["id"], rowsAtOnce: 256 },
    messages: { columns: columns.messages, key: ["id"], rowsAtOnce: 256 },
    attempts: { columns: columns.attempts, key: ["id"], rowsAtOnce: 256 },
  } satisfies Readonly<Record<ExportedTable, ExportTable>>),
);

/** Tables whose ids the engine gives out. */
export const numberedTables = [...exportTables].flatMap(([name, { key }]) => (key.includes("id") ? [name] : []));

/** Null when the row has exactly these columns with values of their kinds. */
export function rowFault(row: Readonly<Record<string, unknown>>, table: ExportTable): string | null {
  const strange = Object.keys(row).find((name) => !Object.hasOwn(table.columns, name));
  if (strange !== undefined) return "has a column that this program does not know";
  const wrong = Object.entries(table.columns).find(([name, kind]) => !fits(row[name], kind));
  return wrong === undefined ? null : `has no proper ${wrong[0]}`;
}

function fits(value: unknown, kind: ColumnKind): boolean {
  if (value === null) return kind.endsWith("?");
  return kind.startsWith("text") ? typeof value === "string" : Number.isSafeInteger(value);
}
