// Accepts until the test that started it kills it, and prints each group once it is acknowledged.

import { writeSync } from "node:fs";
import { openSqlite } from "../../src/outbox/sqlite/open-sqlite.ts";
import { notification, roomy } from "./outbox/storage.ts";

const [path = "", round = ""] = process.argv.slice(2);
const outbox = await openSqlite(path);

async function acceptForEver(caller: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const group = `${round}/${caller}/${n}`;
    await outbox.accept([notification({ group, dedup: group })], roomy);
    writeSync(1, `${group}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, caller) => acceptForEver(caller)));
