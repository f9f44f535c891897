// Rows that a holder writes, each only if its lane is held.

import { isHeld, type StatementParts } from "./statement-parts.ts";
import type { WriteBatch } from "./write-batch.ts";

const idInLane = { lane: "integer", id: "bigint" } as const;

const deliveryColumns = {
  ...idInLane,
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
} as const;

export function addDeliveries(parts: StatementParts, batch: WriteBatch): void {
  const planned = batch.held((held) => held.newDeliveries);
  parts.insert("deliveries", { name: "planned", columns: deliveryColumns, rows: planned });
  const changed = batch.held((held) => held.changedDeliveries).toSorted(byId);
  parts.change(
    { name: "changed", columns: { ...idInLane, settled_at: "bigint", key_id: "text" }, rows: changed },
    (r) => `update deliveries set settled_at = ${r.of("settled_at")}, key_id = ${r.of("key_id")}`,
  );
  const over = batch.held((held) => held.goneDeliveries.map((id) => ({ id })));
  parts.change({ name: "over", columns: idInLane, rows: over }, () => "delete from deliveries");
}

const messageState = {
  ...idInLane,
  place: "integer",
  tries: "integer",
  repairs: "integer",
  in_doubt: "integer",
  dead: "integer",
  not_before_at: "bigint",
  last_reason: "text",
} as const;

const messageColumns = {
  ...messageState,
  delivery_id: "bigint",
  part: "integer",
  media_hash: "text",
  body: "text",
} as const;

export function addMessages(parts: StatementParts, batch: WriteBatch): void {
  const inserted = batch.held((held) => held.newMessages);
  parts.insert("messages", { name: "new_messages", columns: messageColumns, rows: inserted });
  const updated = batch.held((held) => held.changedMessages).toSorted(byId);
  parts.change(
    { name: "updated", columns: messageState, rows: updated },
    (r) => `
    update messages set place = ${r.of("place")}, tries = ${r.of("tries")}, repairs = ${r.of("repairs")},
      in_doubt = greatest(in_doubt, ${r.of("in_doubt")}), dead = ${r.of("dead")},
      not_before_at = ${r.of("not_before_at")}, last_reason = ${r.of("last_reason")}`,
  );
  const removed = batch.held((held) => held.goneMessages.map((id) => ({ id })));
  parts.change({ name: "removed", columns: idInLane, rows: removed }, () => "delete from messages");
}

const closingColumns = {
  ...idInLane,
  outcome: "text",
  mode: "text",
  deliveryId: "bigint",
  at: "bigint",
} as const;

/** `offset 0` keeps the reading of a notification from becoming a join. */
export function addNotifications(parts: StatementParts, batch: WriteBatch): void {
  const closings = batch
    .held((held) => held.closings)
    .map((closing) => ({ ...closing, id: closing.notificationId }))
    .toSorted(byId);
  parts.add(
    { name: "journal", columns: closingColumns, rows: closings },
    ({ from }) => `
    insert into history (at, accepted_at, bot, outcome, mode, delivery_id, summary, body)
    select r.at, n.accepted_at, n.bot, r.outcome, r.mode, r.deliveryId, n.summary, case r.outcome when 'dead' then null else n.body end
    from ${from}
    cross join lateral (select accepted_at, bot, summary, body from notifications where id = r.id offset 0) as n
    where ${isHeld}`,
  );
  const dead = closings.filter(({ outcome }) => outcome === "dead");
  const ended = closings.filter(({ outcome }) => outcome !== "dead");
  parts.change({ name: "ended", columns: idInLane, rows: ended }, () => "delete from notifications");
  parts.change(
    { name: "lost", columns: { ...idInLane, deliveryId: "bigint" }, rows: dead },
    (r) => `update notifications set dead_delivery_id = ${r.of("deliveryId")}`,
  );
  const moved = batch
    .held(({ moved, movedTo }) => (movedTo === null ? [] : moved.map((id) => ({ id, bot: movedTo }))))
    .toSorted(byId);
  parts.change(
    { name: "transferred", columns: { ...idInLane, bot: "text" }, rows: moved },
    (r) => `update notifications set bot = ${r.of("bot")}`,
  );
}

const stateColumns = {
  lane: "integer",
  bot: "text",
  destination: "text",
  identity: "text",
  origin: "text",
  status: "text",
  starts_at: "bigint",
  delivered_at: "bigint",
} as const;

export function addStates(parts: StatementParts, batch: WriteBatch): void {
  parts.insert(
    "states",
    { name: "was_told", columns: stateColumns, rows: batch.held((held) => held.states) },
    `on conflict (bot, destination, identity, origin) do update set status = excluded.status,
       starts_at = excluded.starts_at, delivered_at = excluded.delivered_at`,
  );
}

const keyColumns = {
  lane: "integer",
  key_id: "text",
  hold_until_at: "bigint",
  off_reason: "text",
  probe_at: "bigint",
  failures: "integer",
} as const;

export function addKeys(parts: StatementParts, batch: WriteBatch): void {
  parts.insert(
    "keys",
    { name: "keys_set", columns: keyColumns, rows: batch.held((held) => held.keys) },
    `on conflict (key_id) do update set hold_until_at = excluded.hold_until_at, off_reason = excluded.off_reason,
       probe_at = excluded.probe_at, failures = excluded.failures`,
  );
}

const mediaColumns = {
  lane: "integer",
  hash: "text",
  type: "text",
  name: "text",
  created_at: "bigint",
  content: "text",
} as const;

const mediaIdColumns = {
  lane: "integer",
  key_id: "text",
  media_hash: "text",
  media_id: "text",
  expires_at: "bigint",
} as const;

export function addMedia(parts: StatementParts, batch: WriteBatch): void {
  // A file that is there gets the new time, so that it is not pruned at this moment.
  parts.add(
    { name: "files", columns: mediaColumns, rows: batch.held((held) => held.newMedia) },
    ({ from }) => `
    insert into media (hash, type, name, created_at, content)
    select distinct on (hash) hash, type, name, created_at, content from ${from} where ${isHeld} order by hash
    on conflict (hash) do update set created_at = excluded.created_at`,
  );
  parts.insert(
    "media_ids",
    { name: "ids", columns: mediaIdColumns, rows: batch.held((held) => held.mediaIds) },
    "on conflict (key_id, media_hash) do update set media_id = excluded.media_id, expires_at = excluded.expires_at",
  );
  const gone = batch.held((held) => held.goneMediaIds);
  const held = (column: string, from: string) =>
    `${column} = any(array(select r.${column} from ${from} where ${isHeld}))`;
  parts.add(
    { name: "gone_ids", columns: mediaIdColumns, rows: gone },
    ({ from }) => `
    delete from media_ids where ${held("key_id", from)} and ${held("media_hash", from)} and ${held("media_id", from)}`,
  );
}

/** For `RowParameters.of`. */
export function byId(a: { readonly id: number }, b: { readonly id: number }): number {
  return a.id - b.id;
}
