// The PostgreSQL engine meets the contract, on PostgreSQL in this process. test/e2e/postgres.test.ts asks the same of a server.

import { after, before } from "node:test";
import { systemClock } from "../../src/observe/clock.ts";
import { sharedOutboxOn } from "../../src/outbox/postgres.ts";
import { outboxContract } from "./outbox.ts";
import { type InProcess, startPglite } from "./pglite.ts";

let inProcess: InProcess;
before(async () => {
  inProcess = await startPglite();
});
after(() => inProcess.close());

outboxContract(
  "PostgreSQL in process",
  async () => {
    const place = await inProcess.createPlace();
    return {
      open: () =>
        sharedOutboxOn(place.open(), {
          owner: "contract",
          leaseMs: 10_000,
          clock: systemClock(),
          watcher: { away: () => {}, back: () => {} },
          failed: () => {},
        }),
      remove: place.remove,
    };
  },
  15,
);
