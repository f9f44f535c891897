// All that is on disk of a lane, read by one statement.

import type { HoldQuery } from "../store.ts";
import type { Statement } from "./pool.ts";

const listOf = (select: string) => `(select coalesce(json_agg(item), '[]') from (${select}) as item)`;

const openDeliveries = "from deliveries where bot = $1 and settled_at is null";
const openMessages = `from messages where delivery_id = any(array(select id ${openDeliveries}))`;

const text = `
  select
    (select to_json(item) from (select version, normal_at, urgent_at from lanes where bot = $1) as item) as lane,
    coalesce((select until_at from lanes join owners using (owner) where bot = $1 and owner <> $5), 0) as "othersUntilAt",
    ${listOf(`select id, group_id, urgent, alerts, bytes, accepted_at, ready_at
      from notifications where bot = $1 and dead_delivery_id is null`)} as heads,
    ${listOf(`select * ${openDeliveries} order by planned_at, id`)} as deliveries,
    ${listOf(`select * ${openMessages} order by delivery_id, place`)} as messages,
    ${listOf(`select * from attempts where key_id = any($2::text[]) and started_at > $3
        and (answered_at is null or answered_at > $4)
      union all
      select * from attempts where message_id = any(array(select id ${openMessages})) and answered_at is null`)} as attempts,
    ${listOf("select * from keys where key_id = any($2)")} as keys,
    ${listOf("select * from windows where key_id = any($2)")} as windows,
    ${listOf("select * from media_ids where key_id = any($2)")} as "mediaIds",
    ${listOf("select * from states where bot = $1")} as states`;

/**
 * Returns one row: the loaded lane. An attempt may be in it twice, as one of a key and as one of an open message.
 *
 * @param owner the name of this process
 */
export function loadStatement(bot: string, { keyIds, window, now }: HoldQuery, owner: string): Statement {
  const answeredAfter = now - window.spanMs;
  return { name: "load", text, values: [bot, keyIds, answeredAfter - window.longestRequestMs, answeredAfter, owner] };
}
