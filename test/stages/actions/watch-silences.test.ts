import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it, type TestContext } from "node:test";
import { lookAtDueWatches, type WatchDeps } from "../../../src/actions/watch-silences.ts";
import { watchEveryMs } from "../../../src/domain/action.ts";
import { parseRoutedGroup } from "../../../src/domain/notification.ts";
import { outboxOn } from "../../../src/outbox/sqlite/open-sqlite.ts";
import { groupsOf, laneOf, lookAt, roomy } from "../../contract/outbox/storage.ts";
import { noon } from "../../support/waiting.ts";
import { MemoryAlertmanager, queue, saidIn, watchOf } from "./watching.ts";

async function desk(t: TestContext) {
  let now = noon;
  const outbox = await outboxOn(new DatabaseSync(":memory:"), { now: () => now });
  t.after(() => outbox.close());
  const alertmanager = new MemoryAlertmanager(() => now);
  alertmanager.silences.set("s-1", { endsAt: noon + 3_600_000, comment: "on the page (w-1)" });
  const reports: string[] = [];
  const deps: WatchDeps = {
    store: outbox,
    accept: async (notifications) => {
      const { kind } = await outbox.accept(notifications, { ...roomy, acceptedAt: now, dedupWindowMs: 1e12 });
      assert.equal(kind, "stored");
    },
    clientOf: (name) => (name === "prod" ? alertmanager : null),
    now: () => now,
    report: (result, _watch, detail) => reports.push(detail === "" ? result : `${result} ${detail}`),
    failed: (cause) => assert.fail(String(cause)),
    stopping: new AbortController().signal,
  };
  return {
    outbox,
    alertmanager,
    reports,
    deps,
    /** A look each minute for so long. */
    async pass(minutes: number, own: Partial<WatchDeps> = {}) {
      for (let n = 0; n < minutes; n += 1) {
        now += watchEveryMs;
        await lookAtDueWatches({ ...deps, ...own });
      }
    },
    /** What waits for the group. */
    async said() {
      const lane = await laneOf(outbox);
      const ids = lookAt(lane).pending.map(({ id }) => id);
      const routed = (await groupsOf(lane, ids)).map(({ body }) => parseRoutedGroup(body));
      return saidIn(routed.map((one) => ({ routed: one, groupId: "", dedupKey: null })));
    },
    async watches() {
      return (await outbox.takeDueWatches(1e15)).length;
    },
  };
}

describe("watched silences", () => {
  it("an alert that recovers under its silence is announced once", async (t) => {
    const { outbox, alertmanager, pass, said, reports, watches } = await desk(t);
    await outbox.watchSilence(watchOf(), noon);
    await pass(2);
    alertmanager.firing = [];

    await pass(10);

    assert.deepEqual(await said(), ["orders resolved: 静默期间已恢复"]);
    assert.deepEqual(reports, ["recovered"]);
    assert.equal(await watches(), 1);
  });

  it("until it recovers: the silence is removed, and the watch ends", async (t) => {
    const { outbox, alertmanager, pass, said, watches } = await desk(t);
    await outbox.watchSilence(watchOf([queue], { untilRecovered: true }), noon);
    alertmanager.firing = [];

    await pass(5);

    assert.deepEqual(alertmanager.removed, ["s-1"]);
    assert.deepEqual(await said(), ["orders resolved: 静默期间已恢复，静默已解除"]);
    assert.equal(await watches(), 0);
  });

  it("when a silence ends and the alert still fires, that is announced once", async (t) => {
    const { outbox, pass, said, reports, watches } = await desk(t);
    await outbox.watchSilence(watchOf(), noon);

    await pass(70);

    assert.deepEqual(await said(), ["orders firing: 静默已结束，仍在告警"]);
    assert.deepEqual(reports, ["stillFiring"]);
    assert.equal(await watches(), 0);
  });

  it("a silence whose id was not stored is found by its comment, and announced", async (t) => {
    const { outbox, pass, said, reports } = await desk(t);
    await outbox.watchSilence(watchOf([queue], { silenceId: null, notice: "张三 已静默 Queue" }), noon);

    await pass(5);

    assert.deepEqual(await said(), ["张三 已静默 Queue"]);
    assert.deepEqual(reports, ["announced"]);
  });

  it("a silence that was never made is looked for until it would have ended", async (t) => {
    const { outbox, alertmanager, pass, said, watches } = await desk(t);
    alertmanager.silences.set("s-1", { endsAt: noon + 1e9, comment: "of someone else" });
    await outbox.watchSilence(watchOf([queue], { silenceId: null, notice: "张三 已静默 Queue" }), noon);

    await pass(59);
    assert.equal(await watches(), 1);
    await outbox.watchSilence(watchOf([queue], { silenceId: null, notice: "张三 已静默 Queue" }), noon);
    await pass(3);

    assert.equal(await watches(), 0);
    assert.deepEqual(await said(), []);
  });

  it("an Alertmanager that does not answer is asked each minute, until an hour after the end", async (t) => {
    const { outbox, alertmanager, pass, said, reports, watches } = await desk(t);
    await outbox.watchSilence(watchOf(), noon);
    await outbox.watchSilence(watchOf([queue], { id: "w-2" }), noon);
    alertmanager.isAway = true;
    await pass(3);
    alertmanager.isAway = false;
    alertmanager.firing = [];
    await pass(4);
    assert.deepEqual(reports.slice(0, 3), ["noAnswer ECONNREFUSED", "noAnswer ECONNREFUSED", "noAnswer ECONNREFUSED"]);
    assert.deepEqual(await said(), ["orders resolved: 静默期间已恢复"]);

    alertmanager.isAway = true;
    await pass(120);

    assert.equal(reports.filter((report) => report === "gaveUp ECONNREFUSED").length, 2);
    assert.equal(await watches(), 0);
  });

  it("a question that Alertmanager rejects keeps no other silence from being looked at", async (t) => {
    const { outbox, alertmanager, pass, said, reports } = await desk(t);
    await outbox.watchSilence(watchOf([queue], { id: "a", matchers: [{ name: "名字", op: "=", value: "x" }] }), noon);
    await outbox.watchSilence(watchOf([queue], { id: "b" }), noon);
    alertmanager.firing = [];

    await pass(4, {
      clientOf: () => ({
        alerts: async (filters, deadlineMs) =>
          filters.some((filter) => filter.includes("名字"))
            ? { kind: "rejected", status: 400, message: "bad matcher" }
            : alertmanager.alerts(filters, deadlineMs),
        silence: alertmanager.silence,
        expireSilence: alertmanager.expireSilence,
      }),
    });

    assert.ok(reports.includes("noAnswer HTTP_400"));
    assert.deepEqual(await said(), ["orders resolved: 静默期间已恢复"]);
  });

  /** Where the service dies: before a step, or after it. Looks end there. */
  const deaths = ["accept", "watchSilence", "endWatch", "expireSilence"].flatMap((step) => [
    { step, isDone: false },
    { step, isDone: true },
  ]);
  for (const { step, isDone } of deaths) {
    it(`nothing is lost and nothing is said twice when the service dies ${isDone ? "after" : "before"} ${step}`, async (t) => {
      const { outbox, alertmanager, deps, pass, said, watches } = await desk(t);
      const kill = <Given extends readonly unknown[], T>(name: string, work: (...given: Given) => Promise<T>) => {
        return async (...given: Given): Promise<T> => {
          const dies = name === step;
          const result = dies && !isDone ? null : await work(...given);
          if (dies || result === null) throw new Error("killed");
          return result;
        };
      };
      const dying: Partial<WatchDeps> = {
        accept: async (notifications) =>
          void (await kill("accept", async () => deps.accept(notifications).then(() => 1))()),
        store: {
          takeDueWatches: (now) => outbox.takeDueWatches(now),
          watchSilence: async (watch, dueAt) =>
            void (await kill("watchSilence", async () => outbox.watchSilence(watch, dueAt).then(() => 1))()),
          endWatch: async (id) => void (await kill("endWatch", async () => outbox.endWatch(id).then(() => 1))()),
        },
        clientOf: () => ({
          alerts: alertmanager.alerts,
          silence: alertmanager.silence,
          expireSilence: kill("expireSilence", alertmanager.expireSilence),
        }),
        failed: () => {},
      };
      await outbox.watchSilence(watchOf([queue], { untilRecovered: true, silenceId: null, notice: "set" }), noon);

      await pass(3, dying);
      await pass(2);
      alertmanager.firing = [];
      await pass(5, dying);
      await pass(6);

      const all = await said();
      assert.deepEqual(
        all.map((text) => text.replace("，静默已解除", "")),
        ["set", "orders resolved: 静默期间已恢复"],
      );
      assert.deepEqual(alertmanager.removed.slice(0, 1), ["s-1"]);
      assert.equal(await watches(), 0);
    });
  }
});
