// Connections of one process to PostgreSQL, as Kysely wants them. A connection that broke, or gave no answer in time, is thrown
// away; while none can be made every call fails at once with OutboxAway, until `probe` succeeds. Nothing here ends the process.

import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type { Pool, PoolClient, QueryResultRow } from "pg";
import { OutboxAway } from "./errors.ts";
import { Gate } from "./gate.ts";
import { asAway, endsConnection } from "./postgres-fault.ts";

/** How long a caller may wait for one of our connections while others use them all. */
const longestQueueMs = 10_000;

export interface PoolWatcher {
  /** No connection could be made; said once until `back`. */
  readonly away: (cause: unknown) => void;
  readonly back: () => void;
}

export class WatchedPool implements PostgresPool {
  readonly #pool: Pool;
  readonly #gate: Gate;
  readonly #watcher: PoolWatcher;
  #away: OutboxAway | null = null;

  constructor(pool: Pool, size: number, watcher: PoolWatcher) {
    this.#pool = pool;
    this.#gate = new Gate(size, longestQueueMs);
    this.#watcher = watcher;
    // An idle connection that the server ended: the pool has dropped it, and the next caller gets another.
    pool.on("error", () => {});
  }

  async connect(): Promise<PostgresPoolClient> {
    if (this.#away !== null) throw this.#away;
    return this.#connect();
  }

  /** Tries although the database was away. Throws OutboxAway when it still is. */
  async probe(): Promise<void> {
    if (this.#away === null) return;
    const client = await this.#connect();
    client.release();
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  async #connect(): Promise<PostgresPoolClient> {
    const leave = await this.#gate.enter();
    try {
      const client = await this.#pool.connect();
      if (this.#away !== null) this.#watcher.back();
      this.#away = null;
      return new CheckedClient(client, leave);
    } catch (cause) {
      leave();
      if (this.#away === null) this.#watcher.away(cause);
      this.#away = new OutboxAway(cause);
      throw this.#away;
    }
  }
}

/** A connection for one user, until it is released. */
class CheckedClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #leave: () => void;
  #broken = false;

  constructor(client: PoolClient, leave: () => void) {
    this.#client = client;
    this.#leave = leave;
    // Without a listener, a connection that ends between two statements would end the process.
    client.on("error", this.#onError);
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    sql: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    // Kysely asks for cursors only when it was given them.
    if (typeof sql !== "string") throw new Error("this pool has no cursors");
    return this.#query<R>(sql, parameters);
  }

  release(): void {
    this.#client.off("error", this.#onError);
    this.#client.release(this.#broken);
    this.#leave();
  }

  async #query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    // What a broken connection had begun is rolled back by the server; a second failure would hide the first.
    if (this.#broken && sql === "rollback") return { command: "MERGE", rowCount: 0, rows: [] };
    try {
      const { command, rowCount, rows } = await this.#client.query<R & QueryResultRow>(sql, [...parameters]);
      return { command: command as PostgresQueryResult<R>["command"], rowCount: rowCount ?? 0, rows };
    } catch (cause) {
      this.#broken ||= endsConnection(cause);
      throw asAway(cause);
    }
  }

  readonly #onError = (): void => {
    this.#broken = true;
  };
}
