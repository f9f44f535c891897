// A bot that the config does not name, over a real outbox.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { closeAttempts } from "../../../src/deliver/orphans.ts";
import { openSqlite } from "../../../src/outbox/sqlite/open-sqlite.ts";
import { beginFirst, laneOf, lookAt, planned } from "../../contract/outbox/storage.ts";

it("an attempt that a dead process left open counts from the start of the next, and its message still waits, in doubt", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const before = await openSqlite(join(folder, "outbox.db"));
  await beginFirst(await planned(before), 3_000);
  await before.close();
  const outbox = await openSqlite(join(folder, "outbox.db"), { now: () => 9_000 });

  const orphans = await outbox.backlog();
  await closeAttempts(outbox, orphans);

  const { attempts, messages } = lookAt(await laneOf(outbox));
  assert.deepEqual(
    orphans.map(({ bot, notifications }) => [bot, notifications]),
    [["ops", 1]],
  );
  assert.deepEqual(attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: 9_000 }]);
  assert.deepEqual([messages[0]?.state, messages[0]?.inDoubt], ["ready", true]);
  await outbox.close();
});
