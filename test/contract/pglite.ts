// PostgreSQL inside this process, in place of the driver. PGlite has one session, so its users wait for each other; how several
// connections affect each other is tested with a real server (test/e2e/postgres.test.ts).

import { PGlite } from "@electric-sql/pglite";
import { planSettings } from "../../src/outbox/postgres/driver.ts";
import { notifyChannel } from "../../src/outbox/postgres/notifier.ts";
import type { PostgresAccess } from "../../src/outbox/postgres/open-postgres.ts";
import type { Statement } from "../../src/outbox/postgres/pool.ts";

export interface InProcess {
  /** Each call gives an empty place of its own. */
  createPlace(): Promise<{ open(): PostgresAccess; remove(): Promise<void> }>;
  close(): Promise<void>;
}

const int8 = 20;

export async function startPglite(): Promise<InProcess> {
  const lite = await PGlite.create({ parsers: { [int8]: Number } });
  for (const setting of planSettings) await lite.exec(`set ${setting}`);
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
  let isEnded = false;
  return {
    pool: {
      async connect() {
        if (isEnded) throw new Error("the pool has ended");
        const before = last;
        const turn = Promise.withResolvers<void>();
        last = turn.promise;
        await before;
        await lite.exec(`set search_path to ${schema}`);
        return {
          query: async <Row>({ text, values }: Statement) => (await lite.query<Row>(text, [...values])).rows,
          release: turn.resolve,
        };
      },
      async end() {
        isEnded = true;
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
