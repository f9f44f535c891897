// All that is on disk of a lane, read by one statement.

import type { LoadedLane } from "../engine.ts";
import type { AttemptRow, DeliveryRow, HeadRow, KeyRow, MediaIdRow, MessageRow, StateRow } from "../rows.ts";
import type { HoldQuery } from "../store.ts";
import type { Statement } from "./pool.ts";

/** The row that the statement returns. */
export interface LaneOnDisk {
  readonly lane: {
    readonly version: number;
    readonly owner: string | null;
    readonly normal_at: number;
    readonly urgent_at: number;
    readonly until_at: number | null;
  } | null;
  readonly heads: readonly HeadRow[];
  readonly deliveries: readonly DeliveryRow[];
  readonly messages: readonly MessageRow[];
  readonly attempts: readonly AttemptRow[];
  readonly keys: readonly KeyRow[];
  readonly windows: readonly { readonly key_id: string; readonly version: number }[];
  readonly media_ids: readonly MediaIdRow[];
  readonly states: readonly StateRow[];
}

const listOf = (select: string) => `(select coalesce(json_agg(item), '[]') from (${select}) as item)`;

const openDeliveries = "from deliveries where bot = $1 and settled_at is null";
const openMessages = `from messages where delivery_id = any(array(select id ${openDeliveries}))`;

const text = `
  select
    (select to_json(item) from (
      select version, owner, normal_at, urgent_at,
        (select until_at from owners where owners.owner = lanes.owner) as until_at
      from lanes where bot = $1) as item) as lane,
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
    ${listOf("select * from media_ids where key_id = any($2)")} as media_ids,
    ${listOf("select * from states where bot = $1")} as states`;

/** An attempt may be read twice: as one of a key, and as one of an open message. */
export function loadStatement(bot: string, { keyIds, window, now }: HoldQuery): Statement {
  const answeredAfter = now - window.spanMs;
  return { name: "load", text, values: [bot, keyIds, answeredAfter - window.longestRequestMs, answeredAfter] };
}

/** @param owner the name of this process */
export function loadedLane({ lane, windows, media_ids, ...rows }: LaneOnDisk, owner: string): LoadedLane {
  return {
    ...rows,
    version: lane?.version ?? 0,
    normalAt: lane?.normal_at ?? 0,
    urgentAt: lane?.urgent_at ?? 0,
    othersUntilAt: lane === null || lane.owner === owner ? 0 : (lane.until_at ?? 0),
    keyVersions: new Map(windows.map(({ key_id, version }) => [key_id, version])),
    mediaIds: media_ids,
  };
}
