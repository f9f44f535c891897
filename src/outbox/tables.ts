// The tables that a holder writes, and how each list of its changes is written: both engines make their statements from this. The
// tables themselves are made by migrate.ts.

/** Of PostgreSQL. SQLite needs none. */
export type Columns = Readonly<Record<string, "integer" | "bigint" | "text" | "bytea">>;

const messageState = {
  place: "integer",
  tries: "integer",
  repairs: "integer",
  in_doubt: "integer",
  dead: "integer",
  not_before_at: "bigint",
  last_reason: "text",
} as const;

interface InsertedRows {
  readonly list: "newDeliveries" | "newMessages" | "newMedia" | "states" | "keys" | "mediaIds";
  readonly table: string;
  readonly columns: Columns;
  /** Of a row with the same key, what is written over; null when there is none. */
  readonly onConflict: string | null;
}

export const insertedRows: readonly InsertedRows[] = [
  {
    list: "newDeliveries",
    table: "deliveries",
    columns: {
      id: "bigint",
      bot: "text",
      mode: "text",
      urgent: "integer",
      alerts: "integer",
      bytes: "bigint",
      accepted_at: "bigint",
      planned_at: "bigint",
      settled_at: "bigint",
      key_id: "text",
      notification_ids: "text",
      states: "text",
    },
    onConflict: null,
  },
  {
    list: "newMessages",
    table: "messages",
    columns: {
      id: "bigint",
      delivery_id: "bigint",
      part: "integer",
      ...messageState,
      media_hash: "text",
      body: "text",
    },
    onConflict: null,
  },
  {
    list: "newMedia",
    table: "media",
    columns: { hash: "text", type: "text", name: "text", created_at: "bigint", content: "text" },
    // Its age decides whether it is pruned, so it is young again.
    onConflict: replacing("hash", "created_at"),
  },
  {
    list: "states",
    table: "states",
    columns: {
      bot: "text",
      destination: "text",
      identity: "text",
      origin: "text",
      status: "text",
      starts_at: "bigint",
      delivered_at: "bigint",
    },
    onConflict: replacing("bot, destination, identity, origin", "status", "starts_at", "delivered_at"),
  },
  {
    list: "keys",
    table: "keys",
    columns: { key_id: "text", hold_until_at: "bigint", off_reason: "text", probe_at: "bigint", failures: "integer" },
    onConflict: replacing("key_id", "hold_until_at", "off_reason", "probe_at", "failures"),
  },
  {
    list: "mediaIds",
    table: "media_ids",
    columns: { key_id: "text", media_hash: "text", media_id: "text", expires_at: "bigint" },
    onConflict: replacing("key_id, media_hash", "media_id", "expires_at"),
  },
];

interface UpdatedRows {
  readonly list: "changedDeliveries" | "changedMessages";
  readonly table: string;
  /** Those that are written. The row is found by its id. */
  readonly columns: Columns;
}

export const updatedRows: readonly UpdatedRows[] = [
  { list: "changedDeliveries", table: "deliveries", columns: { settled_at: "bigint", key_id: "text" } },
  { list: "changedMessages", table: "messages", columns: messageState },
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

function replacing(key: string, ...columns: readonly string[]): string {
  return `on conflict (${key}) do update set ${columns.map((name) => `${name} = excluded.${name}`).join(", ")}`;
}
