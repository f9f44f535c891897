// Who works for a lane when several processes share an outbox, on a real server: fences, take-overs, keys that two bots share, and what
// is left when a connection breaks in the middle of a commit.

import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Secret } from "../../src/config/secret.ts";
import { FilledPartLimit } from "../../src/deliver/filled-part-limit.ts";
import type { LaneOptions } from "../../src/deliver/lane-options.ts";
import { Worker } from "../../src/deliver/worker.ts";
import { systemClock } from "../../src/observe/clock.ts";
import type { HeldLane, SendWindow } from "../../src/outbox/lane.ts";
import type { PostgresServer } from "../../src/outbox/postgres/driver.ts";
import type { Outbox } from "../../src/outbox/store.ts";
import {
  beginFirst,
  laneOf,
  lookAt,
  notification,
  planAll,
  planned,
  roomy,
  sendWindow,
} from "../contract/outbox/storage.ts";
import { startPostgres, type TestPostgres } from "../support/postgres-server.ts";
import { openReplica, openReplicas } from "../support/shared-outbox.ts";
import { eventually } from "../support/stack.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const hold = (outbox: Outbox, bot = "ops") =>
  outbox.hold(bot, { keyIds: ["key"], window: sendWindow, now: outbox.now() });

const sent = { kind: "sent" } as const;

/** Work that a replica hears of, as "bot origin". */
function listen(outbox: Outbox): string[] {
  const heard: string[] = [];
  outbox.onWork((bots, origin) => void heard.push(...bots.map((bot) => `${bot} ${origin}`)));
  return heard;
}

async function untilListening(place: PostgresServer, replicas: number): Promise<void> {
  const listening = `select from pg_stat_activity where usename = '${place.user}' and query ilike 'listen %'`;
  await eventually("they listen", async () => (await postgres.query(listening)).length === replicas);
}

/** Of a bot whose robot refuses each request, after `asked`. Its message is planned already. */
function laneOptions(outbox: Outbox, asked: () => Promise<void>): LaneOptions {
  const unused = () => Promise.reject(new Error("nothing is rendered or uploaded"));
  const refusal = { kind: "failed", stage: "before", code: "ECONNREFUSED" } as const;
  return {
    settings: {
      bot: "ops",
      keys: [new Secret("693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa")],
      fallback: null,
      reserve: 0,
      digestMessages: 3,
      maxAgeMs: Number.POSITIVE_INFINITY,
      optionalMaxDelayMs: 30_000,
      hasLinks: false,
    },
    process: {
      outbox,
      clock: outboxClock(outbox),
      random: () => 0.5,
      deliveryMaxBytes: 1e9,
      filledParts: new FilledPartLimit(),
      report: () => {},
    },
    bodies: {
      render: unused,
      recoveriesOf: null,
      fill: unused,
      repair: () => null,
      markPossiblyRepeated: (body) => body,
      withMediaId: (body) => body,
    },
    robot: { send: () => asked().then(() => refusal), upload: unused },
  };
}

function outboxClock(outbox: Outbox): LaneOptions["process"]["clock"] {
  return { ...systemClock(), now: () => outbox.now() };
}

describe("a lane of two replicas", () => {
  it("is left to the living one that has work in it, which is notified of what was accepted elsewhere", async (t) => {
    const place = await postgres.createPlace();
    const [holder, other] = await openReplicas(t, place, 2);
    assert.ok(holder && other);
    const heard = listen(holder);
    listen(other);
    await untilListening(place, 2);
    const lane = await planned(holder);

    await other.accept([notification()], roomy);
    const refused = await hold(other);
    await eventually("the holder is notified", () => heard.includes("ops elsewhere"));

    assert.equal(refused, null);
    assert.ok(lane.isOutOfDate());
    assert.equal(lookAt(await laneOf(holder)).pending.length, 1);
  });

  it("that is idle is taken by the one that accepted, and its last holder writes nothing any more", async (t) => {
    const [idle, accepting] = await openReplicas(t, await postgres.createPlace(), 2);
    assert.ok(idle && accepting);
    listen(idle);
    const lane = await planned(idle);
    await lane.settle({ ...(await beginFirst(lane, idle.now())), outcome: sent });

    await accepting.accept([notification()], roomy);
    const taken = await laneOf(accepting);
    await planAll(taken);
    await idle.accept([notification()], roomy);

    assert.equal(lookAt(lane).pending.length, 1);
    await assert.rejects(planAll(lane), { code: "lane_lost" });
    assert.equal(await hold(idle), null);
    await beginFirst(taken, accepting.now());
  });

  it("that changes hands is out of date for its last holder, which would show keys as they were", async (t) => {
    const place = await postgres.createPlace();
    const [last, next] = await openReplicas(t, place, 2);
    assert.ok(last && next);
    listen(last);
    listen(next);
    await untilListening(place, 2);
    const lane = await planned(last);
    await lane.settle({ ...(await beginFirst(lane, last.now())), outcome: sent });

    await next.accept([notification()], roomy);
    await planAll(await laneOf(next));

    await eventually("its last holder is notified", () => lane.isOutOfDate(), 2_000);
    assert.equal(await hold(last), null);
  });

  it("is left alone while its holder lives, and reported as soon as the holder ends", async (t) => {
    const place = await postgres.createPlace();
    const leaseMs = 30_000;
    const holder = await openReplica(t, place, { owner: "holder", leaseMs });
    const other = await openReplica(t, place, { owner: "other", leaseMs });
    listen(holder);
    const heard = listen(other);
    await untilListening(place, 2);
    await planned(holder);

    const whileAlive = await hold(other);
    await holder.close();
    await eventually("the other one hears of it", () => heard.includes("ops unheld"), leaseMs / 4);

    assert.equal(whileAlive, null);
    assert.equal(lookAt(await laneOf(other)).messages.length, 1);
  });

  it("is free once its living holder releases it, with what waits in it and its slots", async (t) => {
    const place = await postgres.createPlace();
    const leaseMs = 30_000;
    const holder = await openReplica(t, place, { owner: "holder", leaseMs });
    const other = await openReplica(t, place, { owner: "other", leaseMs });
    listen(holder);
    const heard = listen(other);
    await untilListening(place, 2);
    const lane = await planned(holder, ["one", "two"]);
    await lane.settle({ ...(await beginFirst(lane, holder.now())), answeredAt: holder.now(), outcome: sent });

    const whileHeld = await hold(other);
    await lane.release();
    await eventually("the other one hears of it", () => heard.includes("ops unheld"), leaseMs / 4);
    const taken = await hold(other);

    assert.equal(whileHeld, null);
    assert.ok(taken !== null);
    const { messages, attempts } = lookAt(taken);
    assert.deepEqual([taken.inDoubt, messages.map(({ body }) => body), attempts.length], [0, ["two"], 1]);
    await beginFirst(taken, other.now());
    assert.ok(lane.isOutOfDate());
    assert.equal(await hold(holder), null);
  });

  it("whose bot a reload removes here is free, once its request in flight has ended", async (t) => {
    const place = await postgres.createPlace();
    const holder = await openReplica(t, place, { owner: "holder", leaseMs: 30_000 });
    const other = await openReplica(t, place, { owner: "other", leaseMs: 30_000 });
    const worker = new Worker();
    t.after(() => worker.stop());
    const { promise: refused, resolve: refuse } = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const options = laneOptions(holder, async () => {
      asked.resolve();
      await refused;
    });
    await planned(holder);
    await worker.run([options], { look: true });
    await asked.promise;

    const ended = worker.run([], { look: false });
    const inFlight = await hold(other);
    refuse();
    await ended;
    // It knew when the holder's lease would end; the notice that the lane is free is for those that listen.
    const third = await openReplica(t, place, { owner: "third", leaseMs: 30_000 });
    const taken = await hold(third);

    assert.equal(inFlight, null);
    assert.deepEqual(taken && [taken.inDoubt, lookAt(taken).messages.map(({ state, tries }) => [state, tries])], [
      0,
      [["ready", 1]],
    ]);
  });

  it("is kept by a holder that beats, for longer than a lease", async (t) => {
    const place = await postgres.createPlace();
    // A busy machine stops a process for seconds: a shorter lease then ends between two beats, as it should.
    const leaseMs = 8_000;
    const holder = await openReplica(t, place, { owner: "holder", leaseMs });
    const other = await openReplica(t, place, { owner: "other", leaseMs });
    listen(holder);
    const heard = listen(other);
    await planned(holder);
    const startedAt = other.now();

    await eventually("a lease would have ended", () => other.now() > startedAt + 1.5 * leaseMs, 2 * leaseMs);

    assert.equal(await hold(other), null);
    assert.equal(holder.term(), 1);
    assert.deepEqual(heard, []);
  });
});

describe("a holder that does not beat", () => {
  /** One whose lease ends soon, with a message that is being sent and one that waits. */
  async function deadHolder(t: TestContext, place: PostgresServer) {
    const dead = await openReplica(t, place, { owner: "dead", leaseMs: 300 });
    const lane = await planned(dead, ["one", "two"]);
    const begun = await beginFirst(lane, dead.now());
    return { dead, lane, begun };
  }

  it("is replaced when its lease has ended, and may deliver nothing then; what it was sending is in doubt", async (t) => {
    const place = await postgres.createPlace();
    const { dead } = await deadHolder(t, place);
    const other = await openReplica(t, place, { owner: "other" });
    const heard = listen(other);

    await eventually("the lane is reported", () => heard.includes("ops unheld"));
    const term = dead.term();
    const taken = await laneOf(other);

    assert.equal(term, null);
    assert.equal(taken.inDoubt, 1);
    assert.deepEqual(
      lookAt(taken).messages.map(({ body, state, inDoubt }) => [body, state, inDoubt]),
      [
        ["one", "ready", true],
        ["two", "ready", false],
      ],
    );
  });

  it("records what it sent when it wakes, and nothing else: its successor does not send that message", async (t) => {
    const place = await postgres.createPlace();
    const { dead, lane, begun } = await deadHolder(t, place);
    const other = await openReplica(t, place, { owner: "other" });
    await delay(400);
    const taken = await laneOf(other);

    const settled = await lane.settle({ ...begun, answeredAt: dead.now(), outcome: sent });
    const [message] = lookAt(taken).messages;
    const mark = taken.begin({ messageId: message?.id ?? 0, keyId: "key", startedAt: other.now(), upload: false });

    assert.equal(settled, null);
    await assert.rejects(mark, { code: "lane_lost" });
    assert.deepEqual(
      lookAt(await laneOf(other)).messages.map(({ body }) => body),
      ["two"],
    );
  });
});

describe("two bots with one key", () => {
  it("never exceed its window, however their marks meet, and use all of it", async (t) => {
    const window: SendWindow = { slots: 7, spanMs: 600, longestRequestMs: 5_000 };
    const replicas = await openReplicas(t, await postgres.createPlace(), 2);
    const leftAt: number[] = [];
    const endAt = performance.now() + 6_000;

    await Promise.all(
      replicas.map(async (outbox, n) => {
        listen(outbox);
        await sendAll(outbox, { bot: `bot${n}`, window, endAt, left: (at) => leftAt.push(at) });
      }),
    );

    leftAt.sort((a, b) => a - b);
    for (const [n, at] of leftAt.entries()) {
      const eighth = leftAt[n + window.slots];
      assert.ok(eighth === undefined || eighth - at >= window.spanMs, `8 requests in ${(eighth ?? 0) - at} ms`);
    }
    assert.ok(leftAt.length >= 4 * window.slots, `only ${leftAt.length} requests`);
  });

  interface Sending {
    readonly bot: string;
    readonly window: SendWindow;
    readonly endAt: number;
    readonly left: (at: number) => void;
  }

  async function sendAll(outbox: Outbox, { bot, window, endAt, left }: Sending): Promise<void> {
    while (performance.now() < endAt) {
      try {
        await outbox.accept([notification({ bot })], roomy);
        const lane = await laneOf(outbox, bot, { keyIds: ["shared"], window, now: outbox.now() });
        if (lookAt(lane).pending.length > 0) await planAll(lane);
        for (const { id: messageId } of lookAt(lane).messages) {
          const attemptId = await lane.begin({ messageId, keyId: "shared", startedAt: outbox.now(), upload: false });
          left(performance.now());
          // A robot's answer takes longer than the clocks of two processes differ.
          await delay(10);
          await lane.settle({
            attemptId,
            messageId,
            answeredAt: outbox.now(),
            errcode: null,
            key: null,
            outcome: sent,
          });
          await delay(40);
        }
      } catch (cause) {
        assert.equal((cause as { code?: string }).code, "lane_lost");
      }
    }
  }
});

describe("forty writers", () => {
  it("of the same lanes, keys and notifications never wait for each other in a circle", async (t) => {
    const place = { ...(await postgres.createPlace()), poolSize: 1 };
    // Their leases have ended, so each may hold every lane.
    const open = (_: unknown, n: number) => openReplica(t, place, { owner: `writer ${n}`, leaseMs: 1 });
    const outboxes = await Promise.all(Array.from({ length: 40 }, open));
    const deadlocks = "select deadlocks::int from pg_stat_database where datname = 'postgres'";
    const [before] = await postgres.query(deadlocks);
    const outcomes = new Map<string, number>();
    const count = (what: string) => outcomes.set(what, (outcomes.get(what) ?? 0) + 1);

    await Promise.all(
      outboxes.map(async (outbox, n) => {
        for (let round = 0; round < 5; round += 1) {
          const bots = ["a", "b", "c", "d", "e", "f"].map((bot) => `${bot}${round}`);
          const inOrder = n % 2 === 0 ? bots : bots.toReversed();
          const copies = inOrder.map((bot) => notification({ bot, dedup: `${bot} once` }));
          await outbox.accept(copies, { ...roomy, signature: { id: `${n} ${round}`, expiresAt: 2_000 } });
          const lanes = await Promise.allSettled(inOrder.map((bot) => hold(outbox, bot)));
          const written = lanes.map((lane) => writeTo(lane, outbox.now()));
          for (const result of await Promise.allSettled(written)) {
            count(result.status === "fulfilled" ? "written" : String(result.reason.code));
          }
        }
      }),
    );

    const [after] = await postgres.query(deadlocks);
    assert.deepEqual(after, before);
    assert.deepEqual([...outcomes.keys()].toSorted(), ["lane_lost", "written"]);
  });

  /** In one turn of the loop: one statement for all lanes. */
  async function writeTo(held: PromiseSettledResult<HeldLane | null>, now: number): Promise<void> {
    if (held.status === "rejected") throw held.reason;
    const lane = held.value;
    if (lane === null || lookAt(lane).pending.length === 0) return;
    const planning = planAll(lane);
    const begun = await Promise.all([beginFirst(lane, now), planning]);
    await lane.settle({ ...begun[0], outcome: { kind: "dead", reason: "badContent" } });
  }
});

describe("two writers", () => {
  const names = ["a", "b", "c", "d", "e"];
  const cases = [
    { table: "lanes", column: "bot", botOf: (name: string) => name },
    { table: "windows", column: "key_id", botOf: (name: string, writer: number) => `${name}${writer}` },
  ];
  for (const { table, column, botOf } of cases) {
    it(`of the same rows of ${table} take them in one order, whatever the order of their changes`, async (t) => {
      const place = await postgres.createPlace();
      const open = (owner: string) => openReplica(t, place, { owner, leaseMs: 1 });
      const outboxes = [await open("first"), await open("second")];
      const lanes = (n: number) =>
        Promise.all(
          (n === 0 ? names : names.toReversed()).map(async (key) => {
            const outbox = outboxes[n] ?? assert.fail();
            const bot = botOf(key, n);
            await outbox.accept([notification({ bot })], roomy);
            return { key, lane: await laneOf(outbox, bot, { keyIds: [key], now: outbox.now() }) };
          }),
        );
      const write = async (ordered: Awaited<ReturnType<typeof lanes>>) => {
        const writes = ordered.flatMap(({ key, lane }) => [planAll(lane), beginFirst(lane, 0, key)]);
        return (await Promise.allSettled(writes)).map((one) =>
          one.status === "rejected" ? one.reason.code : "written",
        );
      };
      // The rows exist from now on.
      assert.ok((await write(await lanes(0))).every((outcome) => outcome === "written"));
      const both = [await lanes(0), await lanes(1)];

      const locking = postgres.query(`
        begin; select from ${place.user}.${table} where ${column} = 'c' for update; select pg_sleep(0.7); commit`);
      await eventually("the middle one is locked", async () => (await sleeping("0.7")) === 1);
      const writing = Promise.all(both.map(write));
      const waiting = `select from pg_stat_activity where usename = '${place.user}' and wait_event_type = 'Lock'`;
      await eventually("both wait", async () => (await postgres.query(waiting)).length === 2);
      const outcomes = (await writing).flat();
      await locking;

      assert.equal(outcomes.filter((outcome) => outcome === "outbox_away").length, 0);
      assert.ok(outcomes.filter((outcome) => outcome === "written").length >= 10, outcomes.join(", "));
    });
  }
});

async function sleeping(seconds: string): Promise<number> {
  const sleep = `select from pg_stat_activity where query like '%pg_sleep(${seconds})%' and wait_event = 'PgSleep'`;
  return (await postgres.query(sleep)).length;
}

describe("a connection that breaks in the middle of a commit", () => {
  it("loses no answer and no notification, and nothing that was begun with it is sent", async (t) => {
    const place = await postgres.createPlace();
    const outbox = await openReplica(t, place);
    const answering = await planned(outbox, ["one", "two"]);
    const begun = await beginFirst(answering, outbox.now());
    await outbox.accept([notification({ bot: "other" })], roomy);
    const planning = await laneOf(outbox, "other");

    const locking = postgres.query(`
      begin; select from ${place.user}.lanes where bot = 'ops' for update; select pg_sleep(1.5); commit`);
    await eventually("the lane is locked", async () => (await sleeping("1.5")) === 1);
    const writing = Promise.allSettled([
      answering.settle({ ...begun, answeredAt: outbox.now(), outcome: sent }),
      planAll(planning, ["three", "four"]),
      beginFirst(planning, outbox.now()),
    ]);
    const blocked = `select pid from pg_stat_activity where usename = '${place.user}' and wait_event_type = 'Lock'`;
    await eventually("the commit waits", async () => (await postgres.query(blocked)).length === 1);
    // They follow what is not on disk. The second lane was never written to.
    const messageId = lookAt(planning).messages[1]?.id ?? 0;
    const following = Promise.allSettled([
      beginFirst(answering, outbox.now()),
      planning.begin({ messageId, keyId: "second key", startedAt: outbox.now(), upload: false }),
    ]);
    const [row] = await postgres.query(blocked);
    await postgres.query(`select pg_terminate_backend(${row?.pid})`);
    const [[answer, plan, mark], rejected] = await Promise.all([writing, following]);
    await locking;

    const statuses = [answer, plan, mark, ...rejected].map((one) => one?.status);
    assert.deepEqual(statuses, ["fulfilled", "rejected", "rejected", "rejected", "rejected"]);
    const { messages, attempts } = lookAt(await laneOf(outbox));
    assert.deepEqual(
      messages.map(({ body, inDoubt }) => [body, inDoubt]),
      [["two", false]],
    );
    assert.equal(attempts.filter(({ answeredAt }) => answeredAt !== null).length, 1);
    assert.equal(attempts.length, 1);
    const other = lookAt(await laneOf(outbox, "other", { keyIds: ["key", "second key"], now: outbox.now() }));
    assert.deepEqual([other.pending.length, other.messages], [1, []]);
    assert.equal(other.attempts.length, 1);
  });
});
