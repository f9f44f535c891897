// SQLite's one connection, for one user at a time in the order of their requests. SQLite blocks the event loop while it works, so a
// thousand lanes that are woken at once would block it for seconds: after a long turn, the next user gets the connection in a new
// turn of the loop. Kysely's own lock wakes all waiting users each time: with ten thousand lanes it never finished.

import {
  type DatabaseConnection,
  type Dialect,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDriver,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

/** A webhook or a probe may have to wait this long. */
const longestTurnMs = 10;

export function turnsDialect(database: SqliteDatabase): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteTurnsDriver({ database }),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class SqliteTurnsDriver extends SqliteDriver {
  readonly #turns = new ConnectionTurns();

  override async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turns.take();
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    await super.releaseConnection();
    this.#turns.giveBack();
  }
}

export class ConnectionTurns {
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #taken = false;
  /** When the present turn of the loop took the connection first; null when it has not. */
  #heldSince: number | null = null;

  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  async take(): Promise<void> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
    this.#watch();
  }

  giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else if (this.#heldSince !== null && this.#now() - this.#heldSince >= longestTurnMs) setImmediate(next);
    else next();
  }

  #watch(): void {
    if (this.#heldSince !== null) return;
    this.#heldSince = this.#now();
    setImmediate(() => {
      this.#heldSince = null;
    });
  }
}
