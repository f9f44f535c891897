// The outbox that the config names, with what it says of itself in the log. Part of the composition root.

import type { Storage } from "./config/storage.ts";
import type { Clock } from "./observe/clock.ts";
import type { Log } from "./observe/log.ts";
import { openSqlite } from "./outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "./outbox/store.ts";

/** A file belongs to one process, so its leases never have to be taken over: they last longer than any step. */
const embeddedLeaseMs = 3_600_000;

/** A dead replica's lanes are taken over after this and a third. Renewed three times in it, so a pause of some seconds is survived. */
const sharedLeaseMs = 10_000;

export function leaseMsOf(storage: Storage): number {
  return storage.engine === "sqlite" ? embeddedLeaseMs : sharedLeaseMs;
}

export interface OutboxOptions {
  readonly storage: Storage;
  readonly clock: Clock;
  /** Names this process in its leases. */
  readonly owner: string;
  readonly log: Log;
  readonly databaseNow?: string;
}

export async function openOutbox({ storage, clock, owner, log, databaseNow }: OutboxOptions): Promise<Outbox> {
  if (storage.engine === "sqlite") {
    return openSqlite(storage.path, {
      now: () => clock.now(),
      clockSetBack: (byMs) => log.warn({ byMs }, "the clock was set back since the outbox was written"),
    });
  }
  // Only now: whoever keeps to SQLite does not pay for loading the driver.
  const { openPostgres } = await import("./outbox/postgres/open-postgres.ts");
  return openPostgres(storage, {
    owner,
    leaseMs: sharedLeaseMs,
    clock,
    ...(databaseNow === undefined ? {} : { databaseNow }),
    watcher: {
      away: (err) => log.error({ err }, "the database is away: webhooks are answered with 503, and sending rests"),
      back: () => log.info({}, "the database is back"),
    },
    failed: (err) => log.error({ err }, "work on the database failed in the background; it is tried again"),
  });
}
