// SQLite meets the contract, and promises what only a file can: one process at a time, clear errors for a bad file, and a file
// that shrinks.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { parseRoutedGroup } from "../../src/domain/notification.ts";
import { inflated } from "../../src/outbox/bodies.ts";
import { openSqlite, outboxOn } from "../../src/outbox/sqlite/open-sqlite.ts";
import { answerFirst, laneOf, notification, planAll, roomy } from "./outbox/storage.ts";
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
  it("creates its folder", async (t) => {
    const path = join(folderOf(t), "new", "deep", "outbox.db");

    await (await openSqlite(path)).close();

    assert.ok(statSync(path).isFile());
  });

  it("is for its user only, with its folders and its -wal file, whatever the umask is", async (t) => {
    const folder = folderOf(t);
    const umask = process.umask(0);
    t.after(() => process.umask(umask));

    const outbox = await openSqlite(join(folder, "new", "deep", "outbox.db"));
    await outbox.accept([notification()], roomy);
    const modes = Object.fromEntries(
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => {
        return [path, (statSync(join(folder, path)).mode & 0o777).toString(8)];
      }),
    );
    await outbox.close();

    assert.deepEqual(modes, {
      new: "700",
      "new/deep": "700",
      "new/deep/outbox.db": "600",
      "new/deep/outbox.db-wal": "600",
    });
  });

  it("refuses a second process at once, and names the file", async (t) => {
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

  it("refuses a path that it cannot write", async (t) => {
    const folder = folderOf(t);
    writeFileSync(join(folder, "file"), "");

    await assert.rejects(openSqlite(join(folder, "file", "outbox.db")), { code: "outbox_unwritable" });
    await assert.rejects(openSqlite(folder), { code: "outbox_unwritable" });
  });

  it("refuses tables of a newer program and does not change them", async (t) => {
    const path = join(folderOf(t), "outbox.db");
    await (await openSqlite(path)).close();
    const database = new DatabaseSync(path);
    database.exec("update meta set schema_version = 99");
    database.close();

    await assert.rejects(openSqlite(path), { code: "outbox_newer_schema" });
  });

  it("is written with fsync, through a write-ahead log, can shrink, and needs no folder for temporary files", async (t) => {
    const database = new DatabaseSync(join(folderOf(t), "outbox.db"));
    const outbox = await outboxOn(database);

    const pragma = (name: string) => Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0];

    const expected = { journal_mode: "wal", synchronous: 2, locking_mode: "exclusive", auto_vacuum: 2, temp_store: 2 };
    for (const [name, value] of Object.entries(expected)) assert.equal(pragma(name), value, name);
    await outbox.close();
  });
});

describe("SQLite: listeners", () => {
  it("an error of a listener goes to `listenerFailed`", async (t) => {
    const caught: unknown[] = [];
    const outbox = await openSqlite(join(folderOf(t), "outbox.db"), { listenerFailed: (cause) => caught.push(cause) });
    const trouble = new Error("a listener's own trouble");
    outbox.onWork(() => {
      throw trouble;
    });

    await outbox.accept([notification()], roomy);

    assert.deepEqual(caught, [trouble]);
    await outbox.close();
  });
});

describe("SQLite: a lane with a storm", () => {
  it("is read in pieces, with the event loop free in between", async () => {
    const outbox = await outboxOn(new DatabaseSync(":memory:"));
    const many = Array.from({ length: 20_000 }, (_, n) => notification({ group: `${n}` }));
    await outbox.accept(many, roomy);
    let turns = 0;
    const count = () => {
      turns += 1;
      turning = setImmediate(count);
    };
    let turning = setImmediate(count);

    const lane = await laneOf(outbox);
    clearImmediate(turning);

    const { pending } = lane.work(0, 20_000);
    assert.deepEqual(
      pending.map(({ groupId }) => groupId),
      many.map(({ groupId }) => groupId),
    );
    assert.ok(turns >= 9, `${turns}`);
    await outbox.close();
  });
});

describe("SQLite: the history", () => {
  it("keeps the body of each notification, and who sent it", async () => {
    const database = new DatabaseSync(":memory:");
    const outbox = await outboxOn(database);
    const lane = await laneOf(outbox);
    const given = [notification({ dedup: "copied" }), notification()];
    await outbox.accept(given.slice(0, 1), roomy);
    await planAll(lane);
    await answerFirst(lane, { kind: "sent" });
    await outbox.accept(given.slice(1), roomy);
    await planAll(lane);
    await answerFirst(lane, { kind: "dead", reason: "badContent" });
    const copy = notification({ dedup: "copied" });
    await outbox.accept([copy], roomy);
    await outbox.drop((await outbox.dead({ maxDeliveries: 1 })).map(({ id }) => id));

    const rows = database.prepare("select outcome, body from history order by id").all();

    const kept = await Promise.all(
      rows.map(async ({ outcome, body }) => [outcome, parseRoutedGroup(await inflated(body as Uint8Array))]),
    );
    const { sender } = roomy;
    assert.deepEqual(kept, [
      ["delivered", { ...given[0]?.routed, sender }],
      ["dead", { ...given[1]?.routed, sender }],
      ["duplicate", { ...copy.routed, sender }],
      ["dropped", { ...given[1]?.routed, sender }],
    ]);
    assert.deepEqual(database.prepare("select * from notifications").all(), []);
    await outbox.close();
  });
});

describe("SQLite: prune", () => {
  it("frees the space", async (t) => {
    const path = join(folderOf(t), "outbox.db");
    const outbox = await openSqlite(path);
    const lane = await laneOf(outbox);
    const many = Array.from({ length: 1_000 }, () => notification({ text: randomBytes(2_000).toString("hex") }));
    await outbox.accept(many, roomy);
    await planAll(lane);
    await answerFirst(lane, { kind: "sent" });
    await outbox.prune({ settledBefore: 0, attemptsBefore: 0 });
    const before = statSync(path).size;

    await outbox.prune({ settledBefore: 1e12, attemptsBefore: 1e12 });

    assert.ok(before > 4_000_000, `${before}`);
    assert.ok(statSync(path).size < 200_000, `${statSync(path).size}`);
    assert.equal(statSync(`${path}-wal`).size, 0);
    await outbox.close();
  });
});

describe("SQLite: the limit of the file", () => {
  const text = () => randomBytes(20_000).toString("hex");
  const size = (path: string) => statSync(path).size + statSync(`${path}-wal`).size;

  it("holds for the file and its log, whatever was delivered", async (t) => {
    const path = join(folderOf(t), "outbox.db");
    const outbox = await openSqlite(path);
    t.after(() => outbox.close());
    const limits = { maxBytes: 2_000_000, settledBefore: 0 };
    const lane = await laneOf(outbox);
    const bytes: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      await outbox.accept(
        Array.from({ length: 60 }, () => notification({ text: text() })),
        roomy,
      );
      await planAll(lane);
      await answerFirst(lane, { kind: "sent" });
      const use = await outbox.limitDisk(limits);
      bytes.push(use.bytes, size(path));
      assert.equal(use.isFull, false);
    }

    assert.ok(
      bytes.every((one) => one <= limits.maxBytes && one > limits.maxBytes / 2),
      `${bytes}`,
    );
  });

  it("refuses what is new while what waits takes more, and nothing that was stored before", async (t) => {
    const outbox = await openSqlite(join(folderOf(t), "outbox.db"));
    t.after(() => outbox.close());
    const now = { ...roomy, acceptedAt: outbox.now() };
    const limits = { maxBytes: 1_000_000, settledBefore: 0 };
    await outbox.accept(
      Array.from({ length: 60 }, (_, n) => notification({ text: text(), dedup: `${n}` })),
      now,
    );

    const full = await outbox.limitDisk(limits);
    const results = [
      await outbox.accept([notification()], now),
      await outbox.accept([notification({ dedup: "7" })], now),
    ];
    const lane = await laneOf(outbox);
    await planAll(lane);
    await answerFirst(lane, { kind: "sent" });
    const after = await outbox.limitDisk(limits);
    results.push(await outbox.accept([notification()], now));

    assert.deepEqual([full.isFull, after.isFull], [true, false]);
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["full", "stored", "stored"],
    );
  });

  it("what tells duplicates apart goes last, and not that of the last hour", async () => {
    const now = 1e12;
    const outbox = await outboxOn(new DatabaseSync(":memory:"), { now: () => now });
    const lane = await laneOf(outbox, "ops", { now });
    const accept = (from: number, acceptedAt: number) =>
      outbox.accept(
        Array.from({ length: 3_000 }, (_, n) => notification({ dedup: `number ${from + n}` })),
        { ...roomy, acceptedAt, dedupWindowMs: 1e11 },
      );
    await accept(0, now - 48 * 3_600_000);
    await accept(3_000, now - 60_000);
    await planAll(lane);
    await answerFirst(lane, { kind: "sent" });
    const { bytes } = await outbox.limitDisk({ maxBytes: 250_000, settledBefore: now - 7 * 24 * 3_600_000 });

    const copies = [await accept(0, now), await accept(3_000, now)];

    assert.ok(bytes <= 250_000, `${bytes}`);
    assert.deepEqual(copies, [
      { kind: "stored", stored: 3_000, duplicates: 0 },
      { kind: "stored", stored: 0, duplicates: 3_000 },
    ]);
    await outbox.close();
  });
});
