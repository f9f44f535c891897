// An import into SQLite that is killed leaves nothing, whenever it happens; the next one finds an empty outbox.

import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { openSqlite } from "../../src/outbox/sqlite.ts";
import { fileOf } from "../stages/commands/running.ts";
import { killImport, largeExport } from "../support/killed-import.ts";
import { exported, importing, rowsIn } from "./outbox/transfers.ts";

test("kill -9 in the middle of an import leaves nothing of it, and the next import stores all", {
  timeout: 120_000,
}, async (t) => {
  const lines = await largeExport(3_000);
  const config = "bots: { ops: { key: 0a1b2c3d-0000-4000-8000-00000000c0de } }\nroute: { bot: ops }\n";
  const configFile = fileOf(t, "config.yaml", config);
  const path = join(configFile, "../outbox.db");
  const text = `${config}storage: sqlite:${path}\n`;

  for (const share of [0.3, 0.6, 0.999]) {
    await killImport(fileOf(t, "config.yaml", text), lines, share);

    const writtenBytes = statSync(`${path}-wal`).size;
    const outbox = await openSqlite(path);
    const left = rowsIn(await exported(outbox)).length;
    await outbox.close();
    assert.ok(writtenBytes > 1_000_000, `killed before it wrote: ${writtenBytes}`);
    assert.equal(left, 0);
  }
  const outbox = await openSqlite(path);
  await importing(outbox, lines);
  const stored = rowsIn(await exported(outbox));
  await outbox.close();
  assert.ok(isDeepStrictEqual(stored, rowsIn(lines)), `${stored.length} rows`);
});
