// The steps from an empty database to the current tables, in SQL that every engine reads. The missing steps run when the outbox
// opens. A released step is never changed.

import { sql } from "kysely";
import type { Database, Write } from "./schema.ts";

/** Step n leads from schema version n to n + 1; version 0 is an empty database. `id` is the engine's SQL for a growing key, never reused. */
export type Migration = (id: string) => readonly string[];

/** Thrown when a newer program has changed the tables. */
export class NewerSchema extends Error {
  readonly code = "outbox_newer_schema";
  constructor(found: number, known: number) {
    super(
      `the outbox has schema version ${found} and this program knows ${known}: run the newer program again, or name another storage`,
    );
  }
}

const createTables: Migration = (id) => [
  `create table notifications (
    id ${id},
    bot text not null,
    group_id text not null,
    dedup_key text not null,
    urgent integer not null,
    alerts integer not null,
    bytes integer not null,
    accepted_at bigint not null,
    ready_at bigint not null,
    delivery_id bigint,
    body text not null
  )`,
  "create index notifications_dedup on notifications (dedup_key, accepted_at)",
  // Has all columns that are read of waiting notifications, except their bodies: 20,000 heads in 28 ms instead of 120, the backlog
  // of 60,000 in 8 ms instead of 150, at no measurable cost for an accept.
  `create index notifications_pending on notifications (bot, urgent, id, group_id, accepted_at, ready_at, alerts, bytes)
    where delivery_id is null`,
  "create index notifications_planned on notifications (delivery_id) where delivery_id is not null",
  `create table deliveries (
    id ${id},
    bot text not null,
    mode text not null,
    urgent integer not null,
    notifications integer not null,
    alerts integer not null,
    bytes bigint not null,
    retractable integer not null,
    key_id text,
    accepted_at bigint not null,
    planned_at bigint not null,
    settled_at bigint
  )`,
  "create index deliveries_planned on deliveries (bot, urgent, planned_at)",
  "create index deliveries_open on deliveries (bot) where settled_at is null",
  "create index deliveries_settled on deliveries (settled_at) where settled_at is not null",
  `create table messages (
    id ${id},
    delivery_id bigint not null,
    bot text not null,
    part integer not null,
    place integer not null,
    state text not null,
    tries integer not null,
    repairs integer not null,
    in_doubt integer not null,
    not_before_at bigint not null,
    last_reason text,
    media_hash text,
    settled_at bigint,
    body text not null
  )`,
  "create index messages_media on messages (media_hash) where media_hash is not null",
  // Of a week's messages only a few are dead.
  "create index messages_dead on messages (delivery_id) where state = 'dead'",
  "create index messages_of_delivery on messages (delivery_id, place)",
  "create index messages_open on messages (bot, delivery_id, place) where settled_at is null",
  `create table attempts (
    id ${id},
    bot text not null,
    key_id text not null,
    message_id bigint not null,
    started_at bigint not null,
    answered_at bigint,
    outcome text
  )`,
  "create index attempts_of_key on attempts (key_id, answered_at)",
  "create index attempts_open on attempts (bot) where answered_at is null",
  "create index attempts_started on attempts (started_at)",
  `create table keys (
    key_id text not null primary key,
    hold_until_at bigint not null,
    off_reason text,
    probe_at bigint not null,
    failures integer not null
  )`,
  `create table media (
    hash text not null primary key,
    type text not null,
    name text not null,
    created_at bigint not null,
    content text not null
  )`,
  `create table media_ids (
    key_id text not null,
    media_hash text not null,
    media_id text not null,
    expires_at bigint not null,
    primary key (key_id, media_hash)
  )`,
  `create table lanes (
    bot text not null primary key,
    owner text,
    token bigint not null,
    until_at bigint not null
  )`,
];

export const migrations: readonly Migration[] = [createTables];

/** Runs the missing steps, all of them or none. `steps` is a parameter for tests. */
export async function migrate(db: Database, id: string, steps = migrations): Promise<void> {
  await db.transaction().execute((trx) => takeSteps(trx, id, steps));
}

/** The same in a transaction that is already open. Only one process at a time may do this. */
export async function takeSteps(trx: Write, id: string, steps = migrations): Promise<void> {
  await sql`create table if not exists meta (schema_version integer not null)`.execute(trx);
  const meta = await trx.selectFrom("meta").select("schema_version").executeTakeFirst();
  const found = meta?.schema_version ?? 0;
  if (found > steps.length) throw new NewerSchema(found, steps.length);
  if (meta === undefined) await sql`insert into meta (schema_version) values (0)`.execute(trx);
  for (const statement of steps.slice(found).flatMap((step) => step(id))) await sql.raw(statement).execute(trx);
  await trx.updateTable("meta").set({ schema_version: steps.length }).execute();
}
