// dead → listed; its notifications waiting again; or dropped, which keeps the rows until they are pruned: the dedup window is
// made of them. Only settled tellings count: what still has a part to send is a lane's.

import { sql } from "kysely";
import type { DeadTelling } from "./dead-tellings.ts";
import type { Database, Write } from "./schema.ts";
import { filledLists } from "./statement-sizes.ts";
import { nothingWaits, type Waiting } from "./waiting.ts";

/** A literal, not a parameter: only then does SQLite see that the index of dead messages fits. */
const isDead = sql<boolean>`messages.state = 'dead'`;

export async function readDead(db: Database, maxTellings: number): Promise<readonly DeadTelling[]> {
  const tellings = await db
    .selectFrom("tellings")
    .select(["id", "bot", "notifications", "alerts", "accepted_at as acceptedAt", "settled_at as settledAt"])
    .where("settled_at", "is not", null)
    .where("id", "in", (eb) => eb.selectFrom("messages").select("telling_id").where(isDead))
    .orderBy("settled_at", "desc")
    .orderBy("id", "desc")
    .limit(maxTellings)
    .execute();
  const parts = await readParts(
    db,
    tellings.map(({ id }) => id),
  );
  return tellings.map(({ settledAt, ...telling }) => ({
    ...telling,
    settledAt: settledAt ?? 0,
    parts: parts.get(telling.id) ?? [],
  }));
}

async function readParts(db: Database, tellingIds: readonly number[]) {
  const parts = new Map<number, { part: number; reason: DeadTelling["parts"][number]["reason"]; body: string }[]>();
  for (const list of filledLists(tellingIds)) {
    const rows = await db
      .selectFrom("messages")
      .select(["telling_id", "part", "last_reason", "body"])
      .where("telling_id", "in", list)
      .where(isDead)
      .orderBy("telling_id")
      .orderBy("place")
      .execute();
    for (const { telling_id, part, last_reason: reason, body } of rows) {
      parts.set(telling_id, [...(parts.get(telling_id) ?? []), { part, reason, body }]);
    }
  }
  return parts;
}

export interface Replayed {
  readonly ids: readonly number[];
  readonly bots: readonly string[];
  readonly added: Waiting;
}

export function replayDead(db: Database, ids: readonly number[]): Promise<Replayed> {
  return db.transaction().execute(async (trx) => {
    let replayed: Replayed = { ids: [], bots: [], added: nothingWaits };
    for (const id of new Set(ids)) {
      const telling = await takeTelling(trx, id);
      if (telling === null) continue;
      const { notifications, bytes } = replayed.added;
      replayed = {
        ids: [...replayed.ids, id],
        bots: [...new Set([...replayed.bots, telling.bot])],
        added: { notifications: notifications + telling.notifications, bytes: bytes + telling.bytes },
      };
    }
    return replayed;
  });
}

/** Null when it is not dead, or when a prune has begun to take its rows. */
async function takeTelling(trx: Write, id: number) {
  const telling = await trx
    .deleteFrom("tellings")
    .where("id", "=", id)
    .where("settled_at", "is not", null)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom("messages").select("id").where("telling_id", "=", id).where(isDead)),
    )
    .where((eb) =>
      eb(
        "notifications",
        "=",
        eb
          .selectFrom("notifications as kept")
          .select(eb.fn.countAll<number>().as("count"))
          .where("telling_id", "=", id),
      ),
    )
    .returning(["bot", "notifications", "bytes"])
    .executeTakeFirst();
  if (telling === undefined) return null;
  await trx.deleteFrom("messages").where("telling_id", "=", id).execute();
  await trx.updateTable("notifications").set({ telling_id: null }).where("telling_id", "=", id).execute();
  return telling;
}

export function dropDead(db: Database, ids: readonly number[]): Promise<readonly number[]> {
  return db.transaction().execute(async (trx) => {
    const dropped: number[] = [];
    for (const id of new Set(ids)) {
      const changed = await trx
        .updateTable("messages")
        .set({ state: "dropped" })
        .where("telling_id", "=", id)
        .where(isDead)
        .where(({ exists, selectFrom }) =>
          exists(selectFrom("tellings").select("id").where("id", "=", id).where("settled_at", "is not", null)),
        )
        .executeTakeFirst();
      if (changed.numUpdatedRows > 0n) dropped.push(id);
    }
    return dropped;
  });
}
