// PostgreSQL inside this process, in place of the driver. PGlite has one session, so its users wait for each other; how several
// connections affect each other is tested with a real server (test/e2e/postgres.test.ts).

import { PGlite } from "@electric-sql/pglite";
import type { PostgresPoolClient, PostgresQueryResult } from "kysely";
import { notifyChannel } from "../../src/outbox/postgres/notifier.ts";
import type { PostgresAccess } from "../../src/outbox/postgres/open-postgres.ts";

export interface InProcess {
  /** Each call gives an empty place of its own. */
  createPlace(): Promise<{ open(): PostgresAccess; remove(): Promise<void> }>;
  close(): Promise<void>;
}

const int8 = 20;

export async function startPglite(): Promise<InProcess> {
  const lite = await PGlite.create({ parsers: { [int8]: Number } });
  let places = 0;
  return {
    async createPlace() {
      places += 1;
      const schema = `place${places}`;
      await lite.exec(`create schema ${schema}`);
      return {
        open: () => accessTo(lite, schema),
        remove: async () => void (await lite.exec(`drop schema ${schema} cascade`)),
      };
    },
    close: () => lite.close(),
  };
}

function accessTo(lite: PGlite, schema: string): PostgresAccess {
  let last: Promise<void> = Promise.resolve();
  return {
    pool: {
      async connect() {
        const before = last;
        const turn = Promise.withResolvers<void>();
        last = turn.promise;
        await before;
        await lite.exec(`set search_path to ${schema}`);
        return { query: queryOf(lite), release: turn.resolve };
      },
      async end() {
        await last;
      },
      probe: async () => {},
    },
    async listen(received, { listening, signal }) {
      const stop = await lite.listen(notifyChannel, received);
      listening();
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      await stop();
    },
  };
}

function queryOf(lite: PGlite): PostgresPoolClient["query"] {
  const query = async (sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<unknown>> => {
    const { rows, affectedRows } = await lite.query(sql, [...parameters]);
    const command = /^\s*(\w+)/u.exec(sql)?.[1]?.toUpperCase() as PostgresQueryResult<unknown>["command"];
    return { command, rows, rowCount: affectedRows ?? rows.length };
  };
  return query as unknown as PostgresPoolClient["query"];
}
