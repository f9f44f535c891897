// What people do from the link in a message. These tables are touched only when somebody acts, and read where that may matter.

import {
  type Acknowledgement,
  type AcknowledgementQuery,
  acknowledgedMs,
  type LinkedGroups,
  type SilenceWatch,
  watchEveryMs,
} from "../domain/action.ts";
import { inflated } from "./bodies.ts";
import type { SqlDatabase } from "./engine.ts";

interface BodyRow {
  readonly bot: string;
  readonly body: Uint8Array;
}

/** One commit deletes a notification and adds its history row. Waiting rows are read first, so none is missed. */
export async function readLinkedGroups(db: SqlDatabase, id: number): Promise<LinkedGroups | null> {
  const planned = await db.all<{ readonly ids: string }>(
    `select notification_ids as ids from deliveries
    where linked_id = $1 and settled_at is null and bot = (select bot from notifications where id = $1)`,
    [id],
  );
  const ids = [id, ...planned.flatMap(({ ids: own }) => JSON.parse(own) as readonly number[])];
  const waiting = await db.all<BodyRow>(
    `select bot, body from notifications where ${db.isOneOf("id", "$1", "bigint")} order by id`,
    [JSON.stringify(ids)],
  );
  const ended = await db.all<BodyRow>(
    `select bot, body from history where delivery_id = (
      select delivery_id from history where notification_id = $1 order by id desc limit 1
    ) order by accepted_at, id`,
    [id],
  );
  const [first, ...others] = [...ended, ...waiting];
  if (first === undefined) return null;
  return { bot: first.bot, bodies: await Promise.all([first, ...others].map(({ body }) => inflated(body))) };
}

interface AcknowledgementRow {
  readonly bot: string;
  readonly identity: string;
  readonly starts_at: number;
  readonly acknowledged_at: number;
  readonly person: string;
}

/** In one order, so that no two writers wait for each other; each once, although two senders may have sent the same alert. */
export async function storeAcknowledgements(db: SqlDatabase, given: readonly Acknowledgement[]): Promise<void> {
  await db.all(
    `insert into acknowledgements (bot, identity, starts_at, acknowledged_at, person)
    select value ->> 'bot', value ->> 'identity', cast(value ->> 'startsAt' as bigint),
      max(cast(value ->> 'acknowledgedAt' as bigint)), max(value ->> 'by')
    from json_each($1) group by 1, 2, 3 order by 1, 2, 3
    on conflict (bot, identity, starts_at)
    do update set acknowledged_at = excluded.acknowledged_at, person = excluded.person`,
    // An object, since that is what both databases can take apart.
    [JSON.stringify({ ...given })],
  );
}

export async function readAcknowledgements(
  db: SqlDatabase,
  { bot, now }: AcknowledgementQuery,
): Promise<readonly Acknowledgement[]> {
  const rows = await db.all<AcknowledgementRow>(
    "select * from acknowledgements where bot = $1 and acknowledged_at > $2 order by acknowledged_at",
    [bot, now - acknowledgedMs],
  );
  return rows.map(({ identity, starts_at, acknowledged_at, person }) => ({
    bot,
    identity,
    startsAt: starts_at,
    by: person,
    acknowledgedAt: acknowledged_at,
  }));
}

export async function storeWatch(db: SqlDatabase, watch: SilenceWatch, dueAt: number): Promise<void> {
  await db.all(
    `insert into silence_watches (id, due_at, ends_at, watch) values ($1, $2, $3, $4)
    on conflict (id) do update set due_at = excluded.due_at, ends_at = excluded.ends_at, watch = excluded.watch`,
    [watch.id, dueAt, watch.endsAt, JSON.stringify(watch)],
  );
}

/** Each asks another service: more in one round would take longer than until the next round. */
const watchesAtOnce = 50;

/** Another process that takes at the same time finds that they are due no more. */
export async function takeWatches(db: SqlDatabase, now: number): Promise<readonly SilenceWatch[]> {
  const rows = await db.all<{ readonly watch: string }>(
    `update silence_watches set due_at = $2
    where due_at <= $1 and id in (
      select id from silence_watches where due_at <= $1 order by due_at, id limit ${watchesAtOnce}
    )
    returning watch`,
    [now, now + watchEveryMs],
  );
  return rows.map(({ watch }) => parseWatch(watch));
}

/** Only this program writes it; its first version wrote no `op`: all matchers were equal ones. */
function parseWatch(text: string): SilenceWatch {
  const watch = JSON.parse(text) as SilenceWatch;
  return { ...watch, matchers: watch.matchers.map((one) => ({ ...one, op: one.op ?? "=" })) };
}

export async function deleteWatch(db: SqlDatabase, id: string): Promise<void> {
  await db.all("delete from silence_watches where id = $1", [id]);
}
