// What SQLite survives: a full disk, a disk that fails, commits that fail, and a process that is killed.

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { openSqlite, outboxOn } from "../../src/outbox/sqlite/open-sqlite.ts";
import { eventually } from "../support/stack.ts";
import { FailingDatabase } from "./failing-database.ts";
import {
  answerFirst,
  beginFirst,
  endedOf,
  firstMessage,
  laneOf,
  lookAt,
  notification,
  planAll,
  planned,
  roomy,
} from "./outbox/storage.ts";

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
    const big = () => outbox.accept([notification({ text: randomBytes(20_000).toString("hex") })], roomy);

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
    const big = () => outbox.accept([notification({ text: randomBytes(20_000).toString("hex") })], roomy);

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

async function failingOutbox(t: TestContext) {
  const database = new FailingDatabase(":memory:");
  const outbox = await outboxOn(database);
  t.after(() => outbox.close());
  return { database, outbox };
}

describe("SQLite: one commit", () => {
  it("has what a lane plans and begins in one turn, and what other lanes write in it", async (t) => {
    const { database, outbox } = await failingOutbox(t);
    const bots = Array.from({ length: 20 }, (_, n) => `bot ${n}`);
    await outbox.accept(
      bots.map((bot) => notification({ bot })),
      roomy,
    );
    const lanes = await Promise.all(bots.map((bot) => laneOf(outbox, bot)));
    const before = database.commits;

    const start = { keyId: "key", startedAt: 3_000, upload: false };
    await Promise.all(
      lanes.flatMap((lane, n) => {
        const planning = planAll(lane);
        return [planning, lane.begin({ ...start, messageId: firstMessage(lane).id, keyId: `key ${n}` })];
      }),
    );

    assert.equal(database.commits - before, 1);
  });

  it("that fails leaves all of it undone, and the lane is read again", async (t) => {
    const { database, outbox } = await failingOutbox(t);
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);

    database.failNext = "before";
    const results = await Promise.allSettled([planAll(lane), beginFirst(lane)]);

    assert.deepEqual(
      results.map((result) => result.status === "rejected" && result.reason),
      [database.failure, database.failure],
    );
    assert.ok(lane.isOutOfDate());
    const again = await laneOf(outbox);
    assert.equal(again.inDoubt, 0);
    const { pending, messages, attempts } = lookAt(again);
    assert.deepEqual([pending.length, messages, attempts], [1, [], []]);
    await Promise.all([planAll(again), beginFirst(again)]);
  });

  it("that fails although it reached the disk has begun its attempts: their messages are in doubt", async (t) => {
    const { database, outbox } = await failingOutbox(t);
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);

    database.failNext = "after";
    await Promise.allSettled([planAll(lane), beginFirst(lane)]);

    assert.equal((await laneOf(outbox)).inDoubt, 1);
  });

  it("of an operator that fails takes nothing with it that others write at the same time", async (t) => {
    const { database, outbox } = await failingOutbox(t);
    const lane = await planned(outbox);
    await answerFirst(lane, { kind: "dead", reason: "badContent" });
    await outbox.accept([notification()], roomy);
    const [dead] = await outbox.dead({ maxDeliveries: 1 });

    database.failNext = "before";
    const [replayed, accepted, written] = await Promise.allSettled([
      outbox.replay([dead?.id ?? 0]),
      outbox.accept([notification()], roomy),
      planAll(lane),
    ]);

    assert.deepEqual([replayed.status, accepted.status, written.status], ["rejected", "fulfilled", "fulfilled"]);
    const { pending, messages } = lookAt(await laneOf(outbox));
    assert.deepEqual([pending.length, messages.length], [1, 1]);
    assert.equal((await outbox.dead({ maxDeliveries: 1 })).length, 1);
  });
});

describe("SQLite: the end of a large delivery", () => {
  /** Of 2,000 notifications, with its last request in flight. */
  async function large(t: TestContext) {
    const { database, outbox } = await failingOutbox(t);
    await outbox.accept(
      Array.from({ length: 2_000 }, () => notification()),
      roomy,
    );
    const lane = await laneOf(outbox);
    await planAll(lane);
    return { database, outbox, lane, begun: await beginFirst(lane) };
  }

  it("is written in several commits, with others in between", async (t) => {
    const { database, outbox, lane, begun } = await large(t);
    const before = database.commits;
    const order: string[] = [];

    await Promise.all([
      lane.settle({ ...begun, outcome: { kind: "sent" } }).then(() => order.push("settled")),
      outbox.accept([notification()], roomy).then(() => order.push("accepted")),
    ]);

    assert.deepEqual(order, ["accepted", "settled"]);
    assert.ok(database.commits - before >= 5, `${database.commits - before}`);
    assert.equal((await endedOf(outbox)).length, 2_000);
    assert.equal((await outbox.backlog())[0]?.notifications, 1);
  });

  for (const outcome of [{ kind: "sent" }, { kind: "dead", reason: "badContent" }] as const) {
    it(`\`${outcome.kind}\` is written to its end by the next holder when a commit in the middle fails`, async (t) => {
      t.mock.timers.enable({ apis: ["setTimeout"] });
      const { database, outbox, lane, begun } = await large(t);
      database.spared = 2;
      database.failNext = "before";
      const settling = lane.settle({ ...begun, outcome });
      await eventually("a commit failed", () => database.failNext === null);
      const halfway = (await endedOf(outbox)).length;
      await eventually("the answer is written again", () => {
        t.mock.timers.tick(1_000);
        return database.commits > 0 && lane.isOutOfDate();
      });

      assert.equal(await settling, null);
      const next = await laneOf(outbox);

      assert.ok(halfway > 0 && halfway < 2_000, `${halfway}`);
      assert.deepEqual(
        next.recovered.map(({ notifications, failures }) => [notifications, failures.length]),
        [[2_000, outcome.kind === "sent" ? 0 : 1]],
      );
      const history = await endedOf(outbox);
      assert.deepEqual([history.length, new Set(history.map(({ outcome: of }) => of)).size], [2_000, 1]);
      assert.deepEqual(await outbox.backlog(), []);
      assert.equal(
        (await outbox.dead({ maxDeliveries: 9 }))[0]?.notifications,
        outcome.kind === "sent" ? undefined : 2_000,
      );
      const full = await outbox.accept([notification(), notification()], { ...roomy, maxNotifications: 1 });
      const fits = await outbox.accept([notification()], { ...roomy, maxNotifications: 1 });
      assert.deepEqual([full.kind, fits.kind], ["full", "stored"], "the backlog is counted exactly");
    });
  }
});

describe("SQLite: an accept whose commit failed", () => {
  const stored = { kind: "stored", stored: 1, duplicates: 0 };
  const duplicate = { kind: "stored", stored: 0, duplicates: 1 };
  const cases = [
    { rule: "nothing reached the disk: its copy is stored", fails: "before", laterMs: 1_000, expected: stored },
    {
      rule: "it is on disk: its copy is a duplicate, whatever the window",
      fails: "after",
      laterMs: 3_599_999,
      expected: duplicate,
    },
    { rule: "an hour later its copy is no duplicate any more", fails: "after", laterMs: 3_600_000, expected: stored },
  ] as const;
  for (const { rule, fails, laterMs, expected } of cases) {
    it(rule, async (t) => {
      const { database, outbox } = await failingOutbox(t);
      const given = notification();
      const at = (acceptedAt: number) => ({ ...roomy, acceptedAt, dedupWindowMs: 1_000 });
      database.failNext = fails;
      await assert.rejects(outbox.accept([given], at(5_000)), database.failure);

      const copy = await outbox.accept([given], at(5_000 + laterMs));

      assert.deepEqual(copy, expected);
    });
  }

  it("once a copy was accepted, the next one is a duplicate only inside the window", async (t) => {
    const { database, outbox } = await failingOutbox(t);
    const given = notification();
    const at = (acceptedAt: number) => ({ ...roomy, acceptedAt, dedupWindowMs: 1_000 });
    database.failNext = "after";
    await assert.rejects(outbox.accept([given], at(5_000)));
    await outbox.accept([given], at(7_000));

    const next = await outbox.accept([given], at(9_000));

    assert.deepEqual(next, stored);
  });
});

describe("SQLite: an answer whose commit failed", () => {
  /** With a request in flight, and timers that only move with `tick`. */
  async function inFlight(t: TestContext) {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const { database, outbox } = await failingOutbox(t);
    const lane = await planned(outbox);
    return { database, outbox, lane, begun: await beginFirst(lane) };
  }

  it("is written again until it is on disk, and the lane cannot be read before", async (t) => {
    const { database, outbox, lane, begun } = await inFlight(t);
    database.failNext = "before";
    let isSettled = false;
    const settling = lane.settle({ ...begun, outcome: { kind: "sent" } }).finally(() => {
      isSettled = true;
    });

    for (let failures = 0; failures < 3; failures += 1) {
      await eventually("the commit failed", () => database.failNext === null);
      await assert.rejects(laneOf(outbox), database.failure);
      database.failNext = "before";
      t.mock.timers.tick(1_000);
    }
    await eventually("the commit failed", () => database.failNext === null);
    assert.equal(isSettled, false);
    t.mock.timers.tick(1_000);

    assert.equal(await settling, null);
    const again = await laneOf(outbox, "ops", { now: 9_000 });
    assert.equal(again.inDoubt, 0);
    assert.deepEqual(lookAt(again).messages, []);
    assert.deepEqual(lookAt(again).attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: 3_100 }]);
    assert.equal(again.recovered.length, 1);
    assert.ok(lane.isOutOfDate());
  });

  it("is not lost from sight by another answer that is recorded meanwhile", async (t) => {
    const { database, outbox, lane, begun } = await inFlight(t);
    database.failNext = "before";
    const settling = lane.settle({ ...begun, outcome: { kind: "sent" } });
    await eventually("the commit failed", () => database.failNext === null);

    await lane.settle({ ...begun, answeredAt: 9_000, outcome: { kind: "sent" } });

    await assert.rejects(laneOf(outbox), database.failure);
    t.mock.timers.tick(1_000);
    await settling;
    assert.equal(lookAt(await laneOf(outbox)).attempts[0]?.answeredAt, 9_000);
  });

  it("does not delay the end of the service, and is tried once more then", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const path = join(folderOf(t), "outbox.db");
    const database = new FailingDatabase(path);
    const outbox = await outboxOn(database);
    const lane = await planned(outbox);
    const begun = await beginFirst(lane);
    database.failNext = "before";
    const settling = lane.settle({ ...begun, outcome: { kind: "sent" } });
    await eventually("the commit failed", () => database.failNext === null);

    await outbox.close();

    assert.equal(await settling, null);
    const reopened = await openSqlite(path);
    const next = await laneOf(reopened);
    assert.deepEqual([next.inDoubt, next.recovered.length], [0, 1]);
    await reopened.close();
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
      const { pending } = (await laneOf(outbox)).work(0, 1_000_000);
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
