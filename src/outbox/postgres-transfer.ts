// For a move of the whole outbox: nobody else may work on it meanwhile. SQLite's file is locked for its process; here replicas are
// looked for, and shut out while the rows pass.

import { sql } from "kysely";
import { OutboxInUse } from "./errors.ts";
import { exportTables, numberedTables } from "./export-tables.ts";
import { listenerName } from "./postgres-notices.ts";
import type { Write } from "./schema.ts";

/** Until the transaction ends others may read and not write. Throws OutboxInUse. */
export async function shutOutOthers(trx: Write, now: number): Promise<void> {
  // Before, since a lock would wait for work that goes on; and after, for whoever came in between.
  await refuseWhileInUse(trx, now);
  await sql`lock table ${sql.join([...exportTables.keys(), "lanes"].map((name) => sql.table(name)))} in exclusive mode`.execute(
    trx,
  );
  await refuseWhileInUse(trx, now);
  // The other end of a pipe may be slow.
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
}

async function refuseWhileInUse(trx: Write, now: number): Promise<void> {
  const leased = await trx
    .selectFrom("lanes")
    .select("bot")
    .where("owner", "is not", null)
    .where("until_at", ">", now)
    .orderBy("bot")
    .execute();
  const { rows } = await sql<{ readonly replicas: number }>`
    select count(*)::int as replicas from pg_stat_activity
    where application_name = ${listenerName} and datname = current_database() and usename = current_user
  `.execute(trx);
  const replicas = rows[0]?.replicas ?? 0;
  if (replicas > 0 || leased.length > 0) throw new OutboxInUse({ replicas, leased: leased.map(({ bot }) => bot) });
}

/** Rows that bring their ids with them do not move the sequence that gives out the next. */
export async function continueIds(trx: Write): Promise<void> {
  for (const name of numberedTables) {
    await sql`
      select setval(pg_get_serial_sequence(${name}, 'id'), max(id)) from ${sql.table(name)} having max(id) is not null
    `.execute(trx);
  }
}
