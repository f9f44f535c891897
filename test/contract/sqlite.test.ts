// SQLite meets the contract, and promises what only a file can: one process at a time, no lock after kill -9, clear words about
// a bad file, survival of a full disk, and a file that shrinks.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { openSqlite, outboxOn } from "../../src/outbox/sqlite.ts";
import { beginFirst, leaseOf, notification, planAll, roomy } from "./outbox/storage.ts";
import { outboxContract } from "./outbox.ts";

outboxContract("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  return {
    open: () => openSqlite(join(folder, "outbox.db")),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "outbox-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe("SQLite: the file", () => {
  it("makes the folder it is to live in", async (t) => {
    const path = join(folderOf(t), "new", "deep", "outbox.db");

    await (await openSqlite(path)).close();

    assert.ok(statSync(path).isFile());
  });

  it("refuses a second opener at once, naming the file", async (t) => {
    const path = join(folderOf(t), "outbox.db");
    const first = await openSqlite(path);

    const second = openSqlite(path);

    await assert.rejects(second, {
      code: "outbox_locked",
      message: new RegExp(`${path} is in use by another process`),
    });
    assert.equal((await first.accept([notification()], roomy)).kind, "stored");
    await first.close();
    await (await openSqlite(path)).close();
  });

  it("refuses a file that is no database", async (t) => {
    const path = join(folderOf(t), "outbox.db");
    writeFileSync(path, "an outbox this is not. ".repeat(500));

    await assert.rejects(openSqlite(path), { code: "outbox_corrupt" });
  });

  it("refuses a path it can not write", async (t) => {
    const folder = folderOf(t);
    writeFileSync(join(folder, "file"), "");

    await assert.rejects(openSqlite(join(folder, "file", "outbox.db")), { code: "outbox_unwritable" });
    await assert.rejects(openSqlite(folder), { code: "outbox_unwritable" });
  });

  it("refuses a folder without write permission", { skip: process.getuid?.() === 0 }, async (t) => {
    const folder = join(folderOf(t), "closed");
    mkdirSync(folder);
    chmodSync(folder, 0o500);

    await assert.rejects(openSqlite(join(folder, "outbox.db")), { code: "outbox_unwritable" });
  });

  it("refuses tables of a newer program and leaves them alone", async (t) => {
    const path = join(folderOf(t), "outbox.db");
    await (await openSqlite(path)).close();
    const database = new DatabaseSync(path);
    database.exec("update meta set schema_version = 99");
    database.close();

    await assert.rejects(openSqlite(path), { code: "outbox_newer_schema" });
  });

  it("is written with fsync, through a write-ahead log, and can shrink", async (t) => {
    const database = new DatabaseSync(join(folderOf(t), "outbox.db"));
    const outbox = await outboxOn(database);

    const pragma = (name: string) => Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0];

    const expected = { journal_mode: "wal", synchronous: 2, locking_mode: "exclusive", auto_vacuum: 2 };
    for (const [name, value] of Object.entries(expected)) assert.equal(pragma(name), value, name);
    await outbox.close();
  });
});

describe("SQLite: a full disk", () => {
  it("rejects everyone in the commit, and stores again as soon as there is room", async (t) => {
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

describe("SQLite: prune", () => {
  it("gives the space back", async (t) => {
    const path = join(folderOf(t), "outbox.db");
    const outbox = await openSqlite(path);
    const lease = await leaseOf(outbox);
    const many = Array.from({ length: 1_000 }, () => notification({ text: "x".repeat(4_000) }));
    await outbox.accept(many, roomy);
    await planAll(outbox, lease);
    await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome: { kind: "sent" } });
    await outbox.prune(0);
    const before = statSync(path).size;

    await outbox.prune(1e12);

    assert.ok(before > 4_000_000, `${before}`);
    assert.ok(statSync(path).size < 200_000, `${statSync(path).size}`);
    assert.equal(statSync(`${path}-wal`).size, 0);
    await outbox.close();
  });
});

describe("SQLite: a process killed with -9", () => {
  it("is refused to others while it lives, loses nothing it acknowledged, and leaves no lock", {
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

/** Kills the child in the middle of its work, once it said `most` groups; collects all that it said. */
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
