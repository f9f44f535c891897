// The bodies of waiting notifications, a few megabytes at a time with the event loop free in between: a storm has as many as memory
// holds, and SQLite blocks the loop while it reads.

import { setImmediate as nextTurn } from "node:timers/promises";
import { noDedupKey } from "./accept.ts";
import type { Database } from "./schema.ts";
import { readInLists } from "./statement-sizes.ts";
import type { GroupQuery, QueuedGroup } from "./store.ts";

/** SQLite reads this much in about 10 ms. */
const bytesAtOnce = 2 * 1024 * 1024;
const rowsAtOnce = 256;

export async function readGroups(db: Database, bot: string, query: GroupQuery): Promise<readonly QueuedGroup[]> {
  const found: QueuedGroup[] = [];
  for (const ids of slices(await readSizes(db, bot, query))) {
    found.push(...(await readSome(db, bot, ids)));
    await nextTurn();
  }
  return found;
}

interface GroupSize {
  readonly id: number;
  readonly bytes: number;
}

/** Of those that wait, in the order of the query. */
async function readSizes(db: Database, bot: string, { ids, maxBytes }: GroupQuery): Promise<readonly GroupSize[]> {
  const rows = await readInLists(ids, async (list) => {
    const some = await db
      .selectFrom("notifications")
      .select(["id", "bytes"])
      .where("id", "in", list)
      .where("bot", "=", bot)
      .where("delivery_id", "is", null)
      .execute();
    await nextTurn();
    return some;
  });
  const bytesOf = new Map(rows.map(({ id, bytes }) => [id, bytes]));
  const waiting = ids.flatMap((id) => {
    const bytes = bytesOf.get(id);
    return bytes === undefined ? [] : [{ id, bytes }];
  });
  return upTo(maxBytes, waiting);
}

function upTo(maxBytes: number, rows: readonly GroupSize[]): readonly GroupSize[] {
  let sum = 0;
  const end = rows.findIndex(({ bytes }, n) => {
    sum += bytes;
    return n > 0 && sum > maxBytes;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

function slices(rows: readonly GroupSize[]): readonly (readonly number[])[] {
  const lists: number[][] = [];
  let room = 0;
  for (const { id, bytes } of rows) {
    const last = lists.at(-1);
    if (last === undefined || last.length === rowsAtOnce || bytes > room) {
      lists.push([id]);
      room = bytesAtOnce;
    } else last.push(id);
    room -= bytes;
  }
  return lists;
}

async function readSome(db: Database, bot: string, ids: readonly number[]): Promise<readonly QueuedGroup[]> {
  const rows = await readInLists(ids, (list) =>
    db
      .selectFrom("notifications")
      .select(["id", "accepted_at as acceptedAt", "body"])
      // With `case`, earlier copies are looked up only for a notification that has a key; `and` may read all without one.
      .select((eb) =>
        eb
          .case()
          .when("dedup_key", "=", noDedupKey)
          .then(eb.lit(false))
          .else(
            eb.exists(
              eb
                .selectFrom("notifications as earlier")
                .select("earlier.id")
                .whereRef("earlier.dedup_key", "=", "notifications.dedup_key")
                .where("earlier.delivery_id", "is not", null),
            ),
          )
          .end()
          .as("repeat"),
      )
      .where("id", "in", list)
      .where("bot", "=", bot)
      .where("delivery_id", "is", null)
      .execute(),
  );
  // SQLite returns 0 or 1 where PostgreSQL returns false or true.
  const found = new Map(rows.map((row) => [row.id, { ...row, repeat: Boolean(row.repeat) }]));
  return ids.flatMap((id) => found.get(id) ?? []);
}
