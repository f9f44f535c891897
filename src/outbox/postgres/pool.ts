// Connections of one process to PostgreSQL, in the shape that Kysely expects. A broken connection is discarded; once one did not answer
// in time, so are all that were made before. From then on, and while none can be made, every call fails at once with OutboxAway, until
// `probe` succeeds. No failure here ends the process.

import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import type { Pool, PoolClient, QueryResultRow } from "pg";
import { OutboxAway } from "../errors.ts";
import { asAway, endsConnection, gaveNoAnswer } from "./fault.ts";

/** How long a call may wait for a connection while all are in use. */
const longestQueueMs = 10_000;

export interface PoolWatcher {
  /** Called once when no connection can be made or one does not answer, and again only after `back`. */
  readonly away: (cause: unknown) => void;
  readonly back: () => void;
}

/** A pool that can be tried while the database is away. */
export interface ProbedPool extends PostgresPool {
  /** Tries although the database was away. Throws OutboxAway when it still is. */
  probe(): Promise<void>;
}

export class WatchedPool implements ProbedPool {
  readonly #pool: Pool;
  readonly #gate: ConnectionGate;
  readonly #watcher: PoolWatcher;
  #away: OutboxAway | null = null;
  /** Connections that were made since one last did not answer. */
  #sound = new WeakSet<PoolClient>();

  constructor(pool: Pool, size: number, watcher: PoolWatcher) {
    this.#pool = pool;
    pool.on("connect", (client) => this.#sound.add(client));
    this.#gate = new ConnectionGate(size, longestQueueMs);
    this.#watcher = watcher;
    // The server ended an idle connection: the pool has dropped it, and the next call gets another.
    pool.on("error", () => {});
  }

  async connect(): Promise<PostgresPoolClient> {
    const leave = await this.#enter();
    // The database may have gone away while this call waited.
    if (this.#away === null) return this.#connect(leave);
    leave();
    throw this.#away;
  }

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

  /** Any of the other connections may be dead too, and each would cost a call its time-out. */
  #silent(client: PoolClient, cause: unknown): void {
    // It was made before the last silence, so it proves nothing about the connections made since.
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

interface ConnectionEnd {
  readonly leave: () => void;
  /** Called when a statement was not answered in time. */
  readonly silent: (cause: unknown) => void;
}

/** A connection for one user, until it is released. */
class CheckedClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #watch: ConnectionEnd;
  #broken = false;

  constructor(client: PoolClient, watch: ConnectionEnd) {
    this.#client = client;
    this.#watch = watch;
    // Without a listener, a connection that breaks between two statements would end the process.
    client.on("error", this.#onError);
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query<R>(
    sql: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    // Kysely uses cursors only when it was configured with them.
    if (typeof sql !== "string") throw new Error("this pool has no cursors");
    return this.#query<R>(sql, parameters);
  }

  release(): void {
    this.#client.off("error", this.#onError);
    this.#client.release(this.#broken);
    this.#watch.leave();
  }

  async #query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    // The server rolls back the transaction of a broken connection; a second error would hide the first.
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

interface GateWaiter {
  readonly enter: () => void;
  readonly timer: NodeJS.Timeout;
}

/** Admits a number of users at a time; the others wait in order, up to a time limit. */
class ConnectionGate {
  readonly #longestWaitMs: number;
  readonly #waiters = new Set<GateWaiter>();
  #free: number;

  constructor(places: number, longestWaitMs: number) {
    this.#free = places;
    this.#longestWaitMs = longestWaitMs;
  }

  /** Resolves with the function that leaves, to be called once. Throws OutboxAway when no place was free in time. */
  async enter(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait();
    return () => this.#leave();
  }

  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new OutboxAway(new Error(`no connection was free for ${this.#longestWaitMs} ms`)));
      }, this.#longestWaitMs);
      const waiter: GateWaiter = { enter: resolve, timer };
      this.#waiters.add(waiter);
    });
  }

  #leave(): void {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter);
      clearTimeout(waiter.timer);
      waiter.enter();
      return;
    }
    this.#free += 1;
  }
}
