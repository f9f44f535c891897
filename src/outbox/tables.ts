// Columns that both engines write, and how each list of a holder's rows gets into its table. They are listed as in `create table`, with
// PostgreSQL's types; migrate.ts creates the tables.

/** Of a new notification. */
export const notificationColumns =
  "bot text, group_id text, urgent integer, alerts integer, bytes bigint, accepted_at bigint, ready_at bigint, " +
  "search text, body bytea";

/** Of what goes into the history without having waited. */
export const recordColumns =
  "accepted_at bigint, bot text, outcome text, copy_of_at bigint, notes text, search text, body bytea";

/** What the holder of a lane knows of each of its notifications. */
export const headColumns = "id, group_id, urgent, alerts, bytes, accepted_at, ready_at, repeats";

interface InsertedRows {
  readonly list: "newDeliveries" | "newMessages" | "newMedia" | "states" | "keys" | "mediaIds";
  readonly table: string;
  readonly columns: string;
  /** For a row whose key is there already; empty when that cannot be. */
  readonly onConflict: string;
}

export const insertedRows: readonly InsertedRows[] = [
  {
    list: "newDeliveries",
    table: "deliveries",
    columns:
      "id bigint, bot text, mode text, urgent integer, alerts integer, bytes bigint, accepted_at bigint, planned_at bigint, " +
      "settled_at bigint, key_id text, linked_id bigint, notification_ids text, states text, notes text",
    onConflict: "",
  },
  {
    list: "newMessages",
    table: "messages",
    columns:
      "id bigint, delivery_id bigint, part integer, place integer, tries integer, repairs integer, in_doubt integer, " +
      "dead integer, not_before_at bigint, last_reason text, media_hash text, body text",
    onConflict: "",
  },
  {
    list: "newMedia",
    table: "media",
    columns: "hash text, type text, name text, created_at bigint, content text",
    // Files are pruned by age, so a file that is used again gets a new age.
    onConflict: replacing("hash", "created_at"),
  },
  {
    list: "states",
    table: "states",
    columns:
      "bot text, destination text, identity text, origin text, status text, starts_at bigint, delivered_at bigint",
    onConflict: replacing("bot, destination, identity, origin", "status, starts_at, delivered_at"),
  },
  {
    list: "keys",
    table: "keys",
    columns: "key_id text, hold_until_at bigint, off_reason text, probe_at bigint, failures integer, sent_at bigint",
    onConflict: replacing("key_id", "hold_until_at, off_reason, probe_at, failures, sent_at"),
  },
  {
    list: "mediaIds",
    table: "media_ids",
    columns: "key_id text, media_hash text, media_id text, expires_at bigint",
    onConflict: replacing("key_id, media_hash", "media_id, expires_at"),
  },
];

interface UpdatedRows {
  readonly list: "changedDeliveries" | "changedMessages";
  readonly table: string;
  /** Those that are written. The row is found by its id. */
  readonly columns: string;
}

export const updatedRows: readonly UpdatedRows[] = [
  { list: "changedDeliveries", table: "deliveries", columns: "settled_at bigint, key_id text, notes text" },
  {
    list: "changedMessages",
    table: "messages",
    columns:
      "place integer, tries integer, repairs integer, in_doubt integer, dead integer, not_before_at bigint, last_reason text",
  },
];

interface DeletedRows {
  readonly list: "goneDeliveries" | "goneMessages";
  readonly table: string;
}

/** By their ids. */
export const deletedRows: readonly DeletedRows[] = [
  { list: "goneDeliveries", table: "deliveries" },
  { list: "goneMessages", table: "messages" },
];

/** Names and types. */
export function parseColumns(columns: string): readonly (readonly [name: string, type: string])[] {
  return columns.split(", ").map((column) => {
    const [name = "", type = ""] = column.split(" ");
    return [name, type];
  });
}

export function columnNames(columns: string): readonly string[] {
  return parseColumns(columns).map(([name]) => name);
}

function replacing(key: string, columns: string): string {
  const assignments = columns.split(", ").map((name) => `${name} = excluded.${name}`);
  return `on conflict (${key}) do update set ${assignments.join(", ")}`;
}
