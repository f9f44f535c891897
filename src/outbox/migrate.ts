// The steps from an empty database to the current tables. The missing steps run when the outbox opens. A released step is never
// changed.

/** What differs between the engines' tables. */
export interface TableDialect {
  /** A growing key that is never reused. */
  readonly ownId: string;
  /** A key that is made outside the database. */
  readonly givenId: string;
  readonly blob: string;
  /** After the columns of a table that is only found by its key. */
  readonly byKey: string;
  /** After the columns of a table each of whose rows is changed once, soon after it was inserted. */
  readonly changedOnce: string;
}

/** Step n leads from schema version n to n + 1; version 0 is an empty database. */
export type Migration = (dialect: TableDialect) => readonly string[];

/** Runs one statement and returns its rows. */
export type RunStatement = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** Thrown when a newer program has changed the tables. */
export class NewerSchema extends Error {
  readonly code = "outbox_newer_schema";
  constructor(found: number, known: number) {
    super(
      `the outbox has schema version ${found} and this program knows ${known}: run the newer program again, or name another storage`,
    );
  }
}

const createTables: Migration = ({ ownId, givenId, blob, byKey, changedOnce }) => [
  `create table notifications (
    id ${ownId},
    bot text not null,
    group_id text not null,
    urgent integer not null,
    alerts integer not null,
    bytes bigint not null,
    accepted_at bigint not null,
    ready_at bigint not null,
    dead_delivery_id bigint,
    repeats integer not null default 0,
    search text not null,
    body ${blob} not null
  )`,
  // Has all that the backlog is counted from.
  `create index notifications_waiting on notifications (bot, accepted_at, bytes) where dead_delivery_id is null`,
  `create index notifications_dead on notifications (dead_delivery_id) where dead_delivery_id is not null`,
  `create table dedup (key text not null primary key, accepted_at bigint not null) ${byKey}`,
  `create table states (
    bot text not null,
    destination text not null,
    identity text not null,
    origin text not null,
    status text not null,
    starts_at bigint,
    delivered_at bigint not null,
    primary key (bot, destination, identity, origin)
  ) ${byKey}`,
  `create table signatures (id text not null primary key, expires_at bigint not null) ${byKey}`,
  `create table deliveries (
    id ${givenId},
    bot text not null,
    mode text not null,
    urgent integer not null,
    alerts integer not null,
    bytes bigint not null,
    accepted_at bigint not null,
    planned_at bigint not null,
    settled_at bigint,
    key_id text,
    linked_id bigint,
    notification_ids text not null,
    states text not null,
    notes text
  )`,
  `create index deliveries_open on deliveries (bot) where settled_at is null`,
  `create index deliveries_settled on deliveries (settled_at) where settled_at is not null`,
  `create table messages (
    id ${givenId},
    delivery_id bigint not null,
    part integer not null,
    place integer not null,
    tries integer not null,
    repairs integer not null,
    in_doubt integer not null,
    dead integer not null,
    not_before_at bigint not null,
    last_reason text,
    media_hash text,
    body text not null
  )`,
  `create index messages_of_delivery on messages (delivery_id)`,
  `create index messages_media on messages (media_hash) where media_hash is not null`,
  // No column of an index changes when an attempt is answered: PostgreSQL then writes no index entry.
  `create table attempts (
    id ${givenId},
    key_id text not null,
    bot text not null,
    message_id bigint,
    upload integer not null,
    started_at bigint not null,
    answered_at bigint,
    outcome text
  ) ${changedOnce}`,
  `create index attempts_of_key on attempts (key_id, started_at)`,
  `create index attempts_of_message on attempts (message_id)`,
  `create table keys (
    key_id text not null primary key,
    hold_until_at bigint not null,
    off_reason text,
    probe_at bigint not null,
    failures integer not null,
    sent_at bigint not null
  ) ${byKey}`,
  // Of the send window of a key: every attempt that begins moves it on.
  `create table windows (key_id text not null primary key, version bigint not null) ${byKey}`,
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
  ) ${byKey}`,
  `create table lanes (
    bot text not null primary key,
    owner text,
    version bigint not null,
    normal_at bigint not null,
    urgent_at bigint not null
  ) ${byKey}`,
  `create table owners (owner text not null primary key, until_at bigint not null, config_hash text not null)`,
  `create table history (
    id ${ownId},
    at bigint not null,
    accepted_at bigint not null,
    bot text not null,
    outcome text not null,
    mode text,
    delivery_id bigint,
    copy_of_at bigint,
    replayed_at bigint,
    notification_id bigint,
    notes text,
    search text not null,
    body ${blob} not null
  )`,
  // Its rows are found by their ids, which grow with time, and by the blocks. An index of the times would cost every delivery.
  `create index history_delivery on history (delivery_id) where delivery_id is not null`,
  // Only of those to which a link leads.
  `create index history_notification on history (notification_id) where notification_id is not null`,
  `create table history_blocks (
    first_id ${givenId},
    last_id bigint not null,
    from_at bigint not null,
    until_at bigint not null,
    length integer not null
  )`,
  `create table history_terms (first_id ${givenId}, terms text not null)`,
  `create table senders (
    address text not null,
    user_agent text not null,
    receiver text not null,
    source text not null,
    posted_at bigint not null,
    refused_at bigint not null,
    refusal text not null,
    primary key (address, user_agent, receiver, source)
  ) ${byKey}`,
  `create table acknowledgements (
    bot text not null,
    identity text not null,
    starts_at bigint not null,
    acknowledged_at bigint not null,
    person text not null,
    primary key (bot, identity, starts_at)
  ) ${byKey}`,
  `create table silence_watches (
    id text not null primary key,
    due_at bigint not null,
    ends_at bigint not null,
    watch text not null
  )`,
];

/** The history is indexed once more. */
const indexWords: Migration = ({ givenId, blob }) => [
  "drop table history_terms",
  "delete from history_blocks",
  "alter table history_blocks drop column length",
  // Apart from the blocks: only those of the time that is searched are read.
  `create table history_words (first_id ${givenId}, filter ${blob} not null, words text not null)`,
];

export const migrations: readonly Migration[] = [createTables, indexWords];

/**
 * Runs the missing steps, in the transaction that is open, and returns the number of this opening: it was never used before. Only one
 * process at a time may do this. `steps` is a parameter for tests.
 */
export async function migrate(run: RunStatement, dialect: TableDialect, steps = migrations): Promise<number> {
  await run("create table if not exists meta (schema_version integer not null, runs bigint not null)");
  const [meta] = await run("select schema_version from meta");
  const found = Number(meta?.schema_version ?? 0);
  if (found > steps.length) throw new NewerSchema(found, steps.length);
  if (meta === undefined) await run("insert into meta (schema_version, runs) values (0, 0)");
  for (const statement of steps.slice(found).flatMap((step) => step(dialect))) await run(statement);
  const [opened] = await run(`update meta set schema_version = ${steps.length}, runs = runs + 1 returning runs`);
  return Number(opened?.runs);
}
