// Connections of one process to PostgreSQL, as Kysely wants them. A connection that broke is thrown away; once one gave no answer in
// time, so are all that were made before. From then on, and while none can be made, every call fails at once with OutboxAway, until
// `probe` succeeds. Nothing here ends the process.

import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type { Pool, PoolClient, QueryResultRow } from "pg";
import { OutboxAway } from "../errors.ts";
import { asAway, endsConnection, gaveNoAnswer } from "./fault.ts";
import { Gate } from "./gate.ts";

/** How long a caller may wait for one of our connections while others use them all. */
const longestQueueMs = 10_000;

export interface PoolWatcher {
  /** No connection could be made, or one fell silent; said once until `back`. */
  readonly away: (cause: unknown) => void;
  readonly back: () => void;
}

export class WatchedPool implements PostgresPool {
  readonly #pool: Pool;
  readonly #gate: Gate;
  readonly #watcher: PoolWatcher;
  #away: OutboxAway | null = null;
  /** Connections that were made since the last silence. */
  #sound = new WeakSet<PoolClient>();

  constructor(pool: Pool, size: number, watcher: PoolWatcher) {
    this.#pool = pool;
    pool.on("connect", (client) => this.#sound.add(client));
    this.#gate = new Gate(size, longestQueueMs);
    this.#watcher = watcher;
    // An idle connection that the server ended: the pool has dropped it, and the next caller gets another.
    pool.on("error", () => {});
  }

  async connect(): Promise<PostgresPoolClient> {
    const leave = await this.#enter();
    // It may have gone away while this call waited for its place.
    if (this.#away === null) return this.#connect(leave);
    leave();
    throw this.#away;
  }

  /** Tries although the database was away. Throws OutboxAway when it still is. */
  async probe(): Promise<void> {
    if (this.#away === null) return;
    const client = await this.#connect(await this.#gate.enter());
    client.release();
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  #enter(): Promise<() => void> {
    if (this.#away !== null) throw this.#away;
    return this.#gate.enter();
  }

  async #connect(leave: () => void): Promise<PostgresPoolClient> {
    try {
      const client = await this.#soundOne();
      if (this.#away !== null) this.#watcher.back();
      this.#away = null;
      return new CheckedClient(client, { leave, silent: (cause) => this.#silent(client, cause) });
    } catch (cause) {
      leave();
      throw this.#nowAway(cause);
    }
  }

  async #soundOne(): Promise<PoolClient> {
    for (;;) {
      const client = await this.#pool.connect();
      if (this.#sound.has(client)) return client;
      client.release(true);
    }
  }

  /** Each of the others would cost another caller its time-out: nobody knows which of them still reach anybody. */
  #silent(client: PoolClient, cause: unknown): void {
    // It may have been asked before the silence that is known, and say nothing of what was made since.
    if (!this.#sound.has(client)) return;
    this.#sound = new WeakSet();
    this.#nowAway(cause);
  }

  #nowAway(cause: unknown): OutboxAway {
    if (this.#away === null) this.#watcher.away(cause);
    this.#away = new OutboxAway(cause);
    return this.#away;
  }
}

interface Watch {
  readonly leave: () => void;
  /** Called when a statement had no answer in time. */
  readonly silent: (cause: unknown) => void;
}

/** A connection for one user, until it is released. */
class CheckedClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #watch: Watch;
  #broken = false;

  constructor(client: PoolClient, watch: Watch) {
    this.#client = client;
    this.#watch = watch;
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
    this.#watch.leave();
  }

  async #query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    // What a broken connection had begun is rolled back by the server; a second failure would hide the first.
    if (this.#broken && sql === "rollback") return { command: "MERGE", rowCount: 0, rows: [] };
    try {
      const { command, rowCount, rows } = await this.#client.query<R & QueryResultRow>(sql, [...parameters]);
      return { command: command as PostgresQueryResult<R>["command"], rowCount: rowCount ?? 0, rows };
    } catch (cause) {
      this.#broken ||= endsConnection(cause);
      if (gaveNoAnswer(cause)) this.#watch.silent(cause);
      throw asAway(cause);
    }
  }

  readonly #onError = (): void => {
    this.#broken = true;
  };
}
