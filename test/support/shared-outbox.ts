// Several outboxes over one PostgreSQL database, as the replicas of a service have them.

import type { TestContext } from "node:test";
import { systemClock } from "../../src/observe/clock.ts";
import { noWatcher } from "../../src/outbox/commit-watcher.ts";
import type { PostgresServer } from "../../src/outbox/postgres/driver.ts";
import { openPostgres, type SharedOptions } from "../../src/outbox/postgres/open-postgres.ts";
import type { Outbox } from "../../src/outbox/store.ts";

export const sharedOptions: SharedOptions = {
  owner: "replica",
  leaseMs: 2_000,
  clock: systemClock(),
  maxBodiesLength: 1_000_000,
  watcher: { ...noWatcher, away: () => {}, back: () => {} },
  failed: () => {},
};

/** Closed after the test. */
export async function openReplica(t: TestContext, server: PostgresServer, options: Partial<SharedOptions> = {}) {
  const outbox = await openPostgres(server, { ...sharedOptions, ...options });
  t.after(() => outbox.close());
  return outbox;
}

export function openReplicas(t: TestContext, server: PostgresServer, count: number): Promise<readonly Outbox[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => openReplica(t, server, { owner: `replica ${n}` })));
}
