import type { Sql, SqlDatabase } from "./engine.ts";
import type { KeyState } from "./lane.ts";
import { keyStateOf } from "./lane-memory.ts";
import type { KeyRow } from "./rows.ts";
import type { LaneKeys } from "./store.ts";

export async function readKeyStates(sql: Sql, keyIds: readonly string[]): Promise<readonly KeyState[]> {
  const rows = await sql.all<KeyRow>(`select * from keys where ${sql.isOneOf("key_id", "$1", "text")}`, [
    JSON.stringify(keyIds),
  ]);
  return rows.map(keyStateOf);
}

/** Returns the bots of which something waited after a failure. A key that is only rate limited has no failures. */
export function endWaiting(db: SqlDatabase, lanes: readonly LaneKeys[], now: number): Promise<readonly string[]> {
  return db.transaction(async (sql) => {
    const keys = await sql.all<{ readonly key_id: string }>(
      `update keys set hold_until_at = 0, probe_at = 0
      where ${sql.isOneOf("key_id", "$1", "text")} and failures > 0 and (hold_until_at > $2 or probe_at > $2)
      returning key_id`,
      [JSON.stringify(lanes.flatMap(({ keyIds }) => keyIds)), now],
    );
    const messages = await sql.all<{ readonly bot: string }>(
      `update messages set not_before_at = 0
      where dead = 0 and not_before_at > $2
        and delivery_id in (select id from deliveries where settled_at is null and ${sql.isOneOf("bot", "$1", "text")})
      returning (select bot from deliveries where id = delivery_id) as bot`,
      [JSON.stringify(lanes.map(({ bot }) => bot)), now],
    );
    const keyIds = new Set(keys.map(({ key_id }) => key_id));
    const bots = new Set(messages.map(({ bot }) => bot));
    return lanes.filter((lane) => bots.has(lane.bot) || lane.keyIds.some((id) => keyIds.has(id))).map(({ bot }) => bot);
  });
}
