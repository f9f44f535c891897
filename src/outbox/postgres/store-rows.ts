// One statement for all notifications that arrive together: claims signatures, marks what was accepted, stores what is new and keeps
// copies and replays on record.

import type { StoredNotification } from "../engine.ts";
import type { HistoryRecord, NewNotificationRow } from "../rows.ts";
import { columnNames, notificationColumns, recordColumns } from "../tables.ts";
import type { Statement } from "./pool.ts";
import { rowParameters } from "./statement-parts.ts";

const stored = columnNames(notificationColumns).join(", ");
const recorded = columnNames(recordColumns).join(", ");
const columns =
  `${notificationColumns}, dedup_key text, dedup_window_ms bigint, signature text, signature_expires_at bigint, ` +
  "is_replay integer";

/** A row of what the statement returns: n is the place of the notification, from 1. Those of a refused signature have no row. */
export interface PlacedNotification {
  readonly n: number;
  /** Null for a copy. */
  readonly id: number | null;
}

/**
 * `on conflict` looks up, locks and marks in one. Replicas take signatures and keys in one order, so that no two wait for each other.
 * Rows are found in objects by their keys: a join could be planned so that it reads all rows for each row.
 */
export function storeStatement(rows: readonly NewNotificationRow[], records: readonly HistoryRecord[]): Statement {
  const values: unknown[] = [];
  const { numbered } = rowParameters(values, columns, rows);
  const { from } = rowParameters(values, recordColumns, records);
  const text = `
    with input as materialized (
      select * from ${numbered}
    ), claimed as (
      insert into signatures (id, expires_at)
      select distinct signature, signature_expires_at from input where signature <> '' order by signature
      on conflict do nothing
      returning id
    ), judged as materialized (
      select *, is_replay = 0
        and (signature = '' or coalesce((select jsonb_object_agg(id, true) from claimed) ? signature, false)) as is_offered
      from input
    ), offered as materialized (
      select *, row_number() over same = 1 as is_first, first_value(accepted_at) over same as first_at from judged
      where is_offered
      window same as (partition by dedup_key order by n)
    ), marked as (
      insert into dedup as d (key, accepted_at)
      select dedup_key, accepted_at from offered where is_first order by dedup_key
      on conflict (key) do update set accepted_at = excluded.accepted_at
      where abs(excluded.accepted_at - d.accepted_at)
        >= ((select jsonb_object_agg(dedup_key, dedup_window_ms) from offered where is_first) ->> excluded.key)::bigint
      returning key
    ), fresh as materialized (
      select jsonb_object_agg(key, true) as by_key from marked
    ), placed as materialized (
      select *,
        case when is_first and (select by_key from fresh) ? dedup_key then nextval('notifications_id_seq') end as id
      from offered order by n
    ), stored as (
      insert into notifications (id, ${stored}) select id, ${stored} from placed where id is not null
    ), copied as (
      insert into history (at, accepted_at, bot, outcome, copy_of_at, search, body)
      select accepted_at, accepted_at, bot, 'duplicate',
        case when (select by_key from fresh) ? dedup_key then first_at
          else (select d.accepted_at from dedup as d where d.key = dedup_key) end,
        search, body
      from placed where id is null
      union all
      select accepted_at, accepted_at, bot, 'duplicate', (select d.accepted_at from dedup as d where d.key = dedup_key),
        search, body
      from judged where not is_offered
    ), recorded as (
      insert into history (at, ${recorded}) select accepted_at, ${recorded} from ${from}
    )
    select n, id from placed`;
  return { name: "store", text, values };
}

export function storedNotifications(
  placed: readonly PlacedNotification[],
  rows: readonly NewNotificationRow[],
): readonly StoredNotification[] {
  const byPlace = new Map(placed.map((one) => [one.n, one]));
  return rows.map((_, place) => {
    const found = byPlace.get(place + 1);
    if (found === undefined) return { kind: "replayed" };
    return found.id === null ? { kind: "copy" } : { kind: "stored", id: found.id };
  });
}
