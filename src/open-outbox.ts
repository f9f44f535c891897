// Opens the outbox that the config names.

import type { Storage } from "./config/storage.ts";
import type { Clock } from "./observe/clock.ts";
import type { Log } from "./observe/log.ts";
import type { StorageHealth } from "./observe/storage-health.ts";
import { openSqlite } from "./outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "./outbox/store.ts";

/** A dead replica's lanes are taken over after at most 13 s. A lease is renewed three times, so a pause of some seconds does no harm. */
const leaseMs = 10_000;

export interface OpenOutboxOptions {
  readonly clock: Clock;
  /** Names this process among the replicas. */
  readonly owner: string;
  readonly log: Log;
  readonly health: StorageHealth;
  /** Of the bodies that are kept in memory. */
  readonly maxBodiesLength: number;
  /** SQL for a PostgreSQL server's time in epoch ms; its own clock without it. */
  readonly databaseNow?: string;
}

export async function openOutbox(storage: Storage, options: OpenOutboxOptions): Promise<Outbox> {
  const { clock, owner, log, health, maxBodiesLength, databaseNow } = options;
  if (storage.engine === "sqlite") {
    return openSqlite(storage.path, {
      maxBodiesLength,
      watcher: health,
      now: () => clock.now(),
      clockSetBack: (byMs) => log.warn({ byMs }, "the clock was set back since the outbox was written"),
    });
  }
  // Imported only here: the driver takes time and memory that SQLite does not need.
  const { openPostgres } = await import("./outbox/postgres/open-postgres.ts");
  let isOpen = false;
  const outbox = await openPostgres(storage, {
    owner,
    leaseMs,
    maxBodiesLength,
    clock,
    ...(databaseNow === undefined ? {} : { databaseNow }),
    watcher: {
      failed: (part, cause) => health.failed(part, cause),
      worked: (part) => health.worked(part),
      // Until it is open, a failure ends the start, which says why.
      away: (cause) => isOpen && health.failed("database", cause),
      back: () => health.worked("database"),
    },
    failed: (err) => log.error({ err }, "background database work failed, will retry"),
  });
  isOpen = true;
  return outbox;
}
