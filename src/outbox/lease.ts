// One holder per lane. The token grows with every new holder, so a holder that was paused is recognised by its old token.

import { sql } from "kysely";
import { LeaseLost } from "./errors.ts";
import type { Database, Write } from "./schema.ts";
import type { Lease, LeaseClaim } from "./store.ts";

/** One statement, so that of two claims at the same instant only one finds the lane free. */
export async function takeLease(db: Database, bot: string, { owner, now, untilAt }: LeaseClaim): Promise<Lease | null> {
  const taken = await db
    .insertInto("lanes")
    .values({ bot, owner, token: 1, until_at: untilAt })
    .onConflict((conflict) =>
      conflict
        .column("bot")
        .doUpdateSet({
          owner,
          token: sql<number>`case when lanes.owner = ${owner} then lanes.token else lanes.token + 1 end`,
          until_at: untilAt,
        })
        .where((eb) =>
          eb.or([eb("lanes.owner", "=", owner), eb("lanes.owner", "is", null), eb("lanes.until_at", "<=", now)]),
        ),
    )
    .returning("token")
    .executeTakeFirst();
  return taken === undefined ? null : { bot, owner, token: taken.token };
}

/** The owner is cleared, not only the time: the same owner's next lease gets a new token. */
export async function releaseLease(db: Database, { bot, owner, token }: Lease): Promise<void> {
  await db
    .updateTable("lanes")
    .set({ owner: null, until_at: 0 })
    .where("bot", "=", bot)
    .where("owner", "=", owner)
    .where("token", "=", token)
    .execute();
}

/** For an engine whose holders are all dead when it opens. */
export async function clearLeases(db: Database): Promise<void> {
  await db.updateTable("lanes").set({ owner: null, until_at: 0 }).execute();
}

/** Runs `write` in a transaction that holds the lane, or throws LeaseLost. */
export function whileHolding<T>(db: Database, lease: Lease, write: (trx: Write) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (trx) => {
    if (!(await lockLane(trx, lease))) throw new LeaseLost(lease.bot);
    return write(trx);
  });
}

/** No other transaction writes to the lane until this one ends. True when the lease still holds the lane. */
export async function lockLane(trx: Write, lease: Lease): Promise<boolean> {
  // An update that changes nothing, not a select: with several writers it locks the row until the commit.
  const lane = await trx
    .updateTable("lanes")
    .set((eb) => ({ token: eb.ref("token") }))
    .where("bot", "=", lease.bot)
    .returning(["owner", "token"])
    .executeTakeFirst();
  return lane?.owner === lease.owner && lane.token === lease.token;
}
