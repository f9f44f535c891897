// What SQLite survives: a full disk, a disk that fails, and a process that is killed.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { openSqlite, outboxOn } from "../../src/outbox/sqlite/open-sqlite.ts";
import { leaseOf, notification, roomy } from "./outbox/storage.ts";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("SQLite: a full disk", () => {
  it("rejects all calls of the commit, and stores again as soon as there is space", async (t) => {
    const database = new DatabaseSync(join(folderOf(t), "outbox.db"));
    const outbox = await outboxOn(database);
    const pages = Number(database.prepare("pragma page_count").get()?.page_count);
    database.exec(`pragma max_page_count = ${pages + 4}`);
    const big = () => outbox.accept([notification({ text: "x".repeat(20_000) })], roomy);

    const refused = await Promise.allSettled([big(), big(), big()]);
    database.exec("pragma max_page_count = 1000000");
    const stored = await big();

    for (const result of refused) {
      assert.equal(result.status, "rejected");
      assert.match(String(result.reason), /full/);
    }
    assert.deepEqual(stored, { kind: "stored", stored: 1, duplicates: 0 });
    assert.equal((await outbox.backlog())[0]?.notifications, 1);
    await outbox.close();
  });
});

/** A limit on the size of the files this process writes: SQLite meets it where it meets a full disk, at the commit. */
function limitFiles(bytes: number | "unlimited"): void {
  execFileSync("prlimit", ["--pid", `${process.pid}`, `--fsize=${bytes}:`]);
}

const canLimit = spawnSync("prlimit", ["--version"]).status === 0;

describe("SQLite: a disk that fails at the commit", { skip: !canLimit }, () => {
  it("rejects all calls of the commit with SQLite's error, and stores again as soon as it can", async (t) => {
    const path = join(folderOf(t), "outbox.db");
    const outbox = await openSqlite(path);
    const big = () => outbox.accept([notification({ text: "x".repeat(20_000) })], roomy);

    limitFiles(statSync(`${path}-wal`).size + 30_000);
    const refused = await Promise.allSettled([big(), big(), big()]).finally(() => limitFiles("unlimited"));
    const stored = await big();

    for (const result of refused) {
      assert.equal(result.status, "rejected");
      assert.match(String(result.reason), /disk/);
    }
    assert.equal(stored.kind, "stored");
    assert.equal((await outbox.backlog())[0]?.notifications, 1);
    await outbox.close();
  });
});

describe("SQLite: a process killed with -9", () => {
  it("keeps other processes out while it runs, loses nothing that it acknowledged, and leaves no lock", {
    timeout: 60_000,
  }, async (t) => {
    const path = join(folderOf(t), "outbox.db");
    const acknowledged = new Set<string>();
    for (const most of [1, 40, 200]) {
      const child = spawn(process.execPath, [join(import.meta.dirname, "sqlite-child.ts"), path, `${most}`], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await killAfter(child, { path, most, acknowledged });

      const outbox = await openSqlite(path);
      const { pending } = await outbox.read(await leaseOf(outbox), {
        keyIds: [],
        windowStartAt: 0,
        maxHeads: 1_000_000,
      });
      await outbox.close();

      const found = new Set(pending.map(({ groupId }) => groupId));
      assert.deepEqual(
        [...acknowledged].filter((group) => !found.has(group)),
        [],
      );
      assert.equal(found.size, pending.length);
    }
  });
});

interface Killing {
  readonly path: string;
  readonly most: number;
  readonly acknowledged: Set<string>;
}

/** Kills the child in the middle of its work, once it printed `most` groups; collects all that it printed. */
async function killAfter(child: ChildProcess, { path, most, acknowledged }: Killing): Promise<void> {
  const exited = once(child, "exit");
  const before = acknowledged.size;
  assert.ok(child.stdout !== null);
  for await (const line of createInterface({ input: child.stdout })) {
    if (acknowledged.size === before) await assert.rejects(openSqlite(path), { code: "outbox_locked" });
    acknowledged.add(line);
    if (acknowledged.size - before === most) child.kill("SIGKILL");
  }
  await exited;
}
