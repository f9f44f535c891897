// Connections of one process to PostgreSQL. A broken connection is discarded; once one did not answer in time, so are all that were
// made before. From then on, and while none can be made, every call fails at once with OutboxAway, until `probe` succeeds. No failure
// here ends the process.

import type { Pool, PoolClient } from "pg";
import { OutboxAway } from "../errors.ts";
import { asAway, away, endsConnection, gaveNoAnswer } from "./failure.ts";

/** How long a call may wait for a connection while all are in use. */
const longestQueueMs = 10_000;

export interface Statement {
  /** A connection parses and plans a statement of this name once; null for one that is seldom run. */
  readonly name: string | null;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A connection for one user, until it is released. */
export interface PoolConnection {
  query<Row>(statement: Statement): Promise<readonly Row[]>;
  release(): void;
}

/** A pool that can be tried while the database is away. */
export interface ProbedPool {
  connect(): Promise<PoolConnection>;
  /** Tries although the database was away. Throws OutboxAway when it still is. */
  probe(): Promise<void>;
  end(): Promise<void>;
}

export interface PoolWatcher {
  /** Called once when no connection can be made or one does not answer, and again only after `back`. */
  readonly away: (cause: OutboxAway) => void;
  readonly back: () => void;
}

export async function withConnection<T>(pool: ProbedPool, work: (one: PoolConnection) => Promise<T>): Promise<T> {
  const connection = await pool.connect();
  try {
    return await work(connection);
  } finally {
    connection.release();
  }
}

export function runOn<Row>(pool: ProbedPool, statement: Statement): Promise<readonly Row[]> {
  return withConnection(pool, (connection) => connection.query<Row>(statement));
}

export class WatchedPool implements ProbedPool {
  readonly #pool: Pool;
  readonly #gate: ConnectionGate;
  readonly #watcher: PoolWatcher;
  #away: OutboxAway | null = null;
  #isEnded = false;
  /** Connections that were made since one last did not answer. */
  #sound = new WeakSet<PoolClient>();

  constructor(pool: Pool, size: number, watcher: PoolWatcher) {
    this.#pool = pool;
    this.#gate = new ConnectionGate(size);
    this.#watcher = watcher;
    pool.on("connect", (client) => this.#sound.add(client));
    // The server ended an idle connection: the pool has dropped it, and the next call gets another.
    pool.on("error", () => {});
  }

  async connect(): Promise<PoolConnection> {
    if (this.#isEnded) throw new Error("the outbox is closed");
    if (this.#away !== null) throw this.#away;
    await this.#gate.enter();
    // The database may have gone away while this call waited.
    if (this.#away === null) return this.#connect();
    this.#gate.leave();
    throw this.#away;
  }

  async probe(): Promise<void> {
    if (this.#away === null) return;
    await this.#gate.enter();
    const client = await this.#connect();
    client.release();
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    await this.#pool.end();
  }

  async #connect(): Promise<PoolConnection> {
    try {
      const client = await this.#soundOne();
      if (this.#away !== null) this.#watcher.back();
      this.#away = null;
      return new CheckedClient(client, {
        leave: () => this.#gate.leave(),
        silent: (cause) => this.#silent(client, cause),
      });
    } catch (cause) {
      this.#gate.leave();
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

  /** The other connections may be dead too, and on each of them a call would wait for its time-out. */
  #silent(client: PoolClient, cause: unknown): void {
    // It was made before the last time-out, so it shows nothing about the connections made since.
    if (!this.#sound.has(client)) return;
    this.#sound = new WeakSet();
    this.#nowAway(cause);
  }

  #nowAway(cause: unknown): OutboxAway {
    const found = cause instanceof OutboxAway ? cause : away(cause);
    if (this.#away === null) this.#watcher.away(found);
    this.#away = found;
    return found;
  }
}

interface ConnectionUse {
  readonly leave: () => void;
  /** Called when a statement was not answered in time. */
  readonly silent: (cause: unknown) => void;
}

class CheckedClient implements PoolConnection {
  readonly #client: PoolClient;
  readonly #use: ConnectionUse;
  #broken = false;

  constructor(client: PoolClient, use: ConnectionUse) {
    this.#client = client;
    this.#use = use;
    // Without a listener, a connection that breaks between two statements would end the process.
    client.on("error", this.#onError);
  }

  async query<Row>({ name, text, values }: Statement): Promise<readonly Row[]> {
    try {
      const { rows } = await this.#client.query({ text, values: [...values], ...(name === null ? {} : { name }) });
      return rows;
    } catch (cause) {
      this.#broken ||= endsConnection(cause);
      if (gaveNoAnswer(cause)) this.#use.silent(cause);
      throw asAway(cause);
    }
  }

  release(): void {
    this.#client.off("error", this.#onError);
    this.#client.release(this.#broken);
    this.#use.leave();
  }

  readonly #onError = (): void => {
    this.#broken = true;
  };
}

/**
 * Admits a number of users at a time; the others wait in order, up to a time limit. Not left to the driver's own queue: when the
 * database goes away, those who wait there would try to connect, one after the other, instead of failing at once.
 */
class ConnectionGate {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** Throws OutboxAway when no connection was free in time. Else `leave` is to be called, once. */
  async enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const timer = setTimeout(() => {
      this.#waiting.delete(resolve);
      reject(new OutboxAway("noAnswer", `no connection was free for ${longestQueueMs} ms`));
    }, longestQueueMs);
    await promise.finally(() => clearTimeout(timer));
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free += 1;
    else {
      this.#waiting.delete(next);
      next();
    }
  }
}
