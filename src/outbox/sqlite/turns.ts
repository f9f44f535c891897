// SQLite's one connection, for one user after the other in the order in which they asked. It answers without leaving the turn of the
// loop, so a thousand lanes that are woken at once would keep it for seconds: the connection passes on in a new turn when the
// present one has lasted for long. Kysely's own lock wakes all that wait whenever one is done: ten thousand lanes never got through.

import { type DatabaseConnection, SqliteDialect, type SqliteDialectConfig, SqliteDriver } from "kysely";

/** What a webhook or a probe may have to wait behind. */
const longestTurnMs = 10;

export class SqliteInTurns extends SqliteDialect {
  readonly #config: SqliteDialectConfig;

  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): SqliteDriver {
    return new DriverInTurns(this.#config);
  }
}

class DriverInTurns extends SqliteDriver {
  readonly #turns = new Turns();

  override async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turns.take();
    return super.acquireConnection();
  }

  override async releaseConnection(): Promise<void> {
    await super.releaseConnection();
    this.#turns.giveBack();
  }
}

export class Turns {
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #taken = false;
  /** Since when the loop has not turned; null when it has since the connection was last taken. */
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
