import { setImmediate as nextTurn } from "node:timers/promises";
import type { LoadedLane } from "../engine.ts";
import type { HoldQuery } from "../lane.ts";
import type { AttemptRow, DeliveryRow, HeadRow, KeyRow, LaneRow, MediaIdRow, MessageRow, StateRow } from "../rows.ts";
import { headColumns } from "../tables.ts";
import type { SqliteConnection } from "./connection.ts";

/** SQLite reads this many in about 5 ms; in between the event loop is free. */
const headsAtOnce = 2_048;

export async function loadLane(sql: SqliteConnection, bot: string, query: HoldQuery): Promise<LoadedLane> {
  // With the version, which comes first: when somebody writes to the lane while its heads are read, our first write changes nothing.
  const lane = await sql.alone(() => readLane(sql, bot, query));
  return { ...lane, heads: await readHeads(sql, bot) };
}

function readLane(sql: SqliteConnection, bot: string, query: HoldQuery) {
  const [lane = null] = sql.rows<LaneRow>("select version, normal_at, urgent_at from lanes where bot = ?", bot);
  const deliveries = sql.rows<DeliveryRow>(
    "select * from deliveries where bot = ? and settled_at is null order by id",
    bot,
  );
  const deliveryIds = JSON.stringify(deliveries.map(({ id }) => id));
  const keyIds = JSON.stringify(query.keyIds);
  return {
    lane,
    othersUntilAt: 0,
    deliveries,
    messages: sql.rows<MessageRow>(
      `select * from messages where delivery_id in ${areListed} order by delivery_id, place`,
      deliveryIds,
    ),
    attempts: [...attemptsOfKeys(sql, keyIds, query), ...openAttempts(sql, deliveryIds)],
    keys: sql.rows<KeyRow>(`select * from keys where key_id in ${areListed}`, keyIds),
    // The window of a key is counted at each mark, and nobody else writes marks.
    windows: [],
    mediaIds: sql.rows<MediaIdRow>(`select * from media_ids where key_id in ${areListed}`, keyIds),
    states: sql.rows<StateRow>("select * from states where bot = ?", bot),
  };
}

const areListed = "(select value from json_each(?1))";

function attemptsOfKeys(sql: SqliteConnection, keyIds: string, { window, now }: HoldQuery): readonly AttemptRow[] {
  const windowStartAt = now - window.spanMs;
  return sql.rows(
    `select * from attempts where key_id in ${areListed} and started_at > ?2
      and (answered_at is null or answered_at > ?3)`,
    ...[keyIds, windowStartAt - window.longestRequestMs, windowStartAt],
  );
}

/** However old they are, and whatever their key. */
function openAttempts(sql: SqliteConnection, deliveryIds: string): readonly AttemptRow[] {
  return sql.rows(
    `select attempts.* from messages join attempts on attempts.message_id = messages.id
    where messages.delivery_id in ${areListed} and attempts.answered_at is null`,
    deliveryIds,
  );
}

async function readHeads(sql: SqliteConnection, bot: string): Promise<readonly HeadRow[]> {
  const heads: HeadRow[] = [];
  for (;;) {
    const { accepted_at, bytes, id } = heads.at(-1) ?? { accepted_at: -1, bytes: 0, id: 0 };
    const rows = await sql.alone(() =>
      sql.rows<HeadRow>(
        `select ${headColumns} from notifications
        where bot = ? and dead_delivery_id is null and (accepted_at, bytes, id) > (?, ?, ?)
        order by accepted_at, bytes, id limit ${headsAtOnce}`,
        ...[bot, accepted_at, bytes, id],
      ),
    );
    heads.push(...rows);
    if (rows.length < headsAtOnce) return heads;
    await nextTurn();
  }
}
