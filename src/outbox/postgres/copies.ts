// Two replicas that accept copies of one notification at the same instant would both find none stored. So an accept first takes a
// lock for each dedup key, held until its commit: the second replica waits, looks, and finds the first copy.

import { sql } from "kysely";
import type { Write } from "../schema.ts";

/** PostgreSQL has room for some thousands of locks; a larger accept takes one lock that excludes all other accepts. */
const mostLocks = 256;

/** First number of our two-number advisory locks; the one-number space is for hashes of keys. */
export const lockClass = 20_617;
const allCopies = 1;

export async function lockCopies(trx: Write, dedupKeys: readonly string[]): Promise<void> {
  const keys = [...new Set(dedupKeys)].sort();
  if (keys.length === 0) return;
  if (keys.length > mostLocks) {
    await sql`select pg_advisory_xact_lock(${sql.lit(lockClass)}, ${sql.lit(allCopies)})`.execute(trx);
    return;
  }
  // All replicas lock in the same order, so that no two wait for each other. One round trip for all.
  await sql`
    select pg_advisory_xact_lock_shared(${sql.lit(lockClass)}, ${sql.lit(allCopies)})
    union all
    select pg_advisory_xact_lock(hashtextextended(key, 0)) from unnest(${keys}::text[]) with ordinality as wanted (key, place)
  `.execute(trx);
}
