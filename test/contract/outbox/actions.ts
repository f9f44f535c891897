// What people do from the link in a message: the notification behind a link, acknowledgements, and silences that are watched.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Acknowledgement, acknowledgedMs, type SilenceWatch, watchEveryMs } from "../../../src/domain/action.ts";
import { parseRoutedGroup, routedGroupText, storedGroupText } from "../../../src/domain/notification.ts";
import type { HeldLane } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  type CreateStorage,
  laneOf,
  lookAt,
  noNews,
  notification,
  openDesk,
  planAll,
  roomy,
} from "./storage.ts";

export function actionContract(create: CreateStorage): void {
  describe("actions", () => {
    linkedNotifications(create);
    acknowledgements(create);
    watches(create);
  });
}

/** All that waits, in one delivery whose links lead to the last of it. Returns the ids. */
async function planLinked(lane: HeldLane): Promise<readonly number[]> {
  const notificationIds = lookAt(lane).pending.map(({ id }) => id);
  await lane.plan({
    ...noNews,
    mode: "full",
    urgent: false,
    notificationIds,
    linkedId: notificationIds.at(-1) ?? 0,
    alerts: 1,
    parts: [{ body: "body", media: null }],
    plannedAt: 2_000,
  });
  return notificationIds;
}

async function textOf(outbox: Outbox, id: number): Promise<string | null> {
  const found = await outbox.linkedGroups(id);
  const texts = found?.bodies.map((body) => parseRoutedGroup(body).group.alerts[0]?.labels.text);
  return texts === undefined ? null : [...new Set(texts)].join(", ");
}

function linkedNotifications(create: CreateStorage): void {
  it("a notification is found by its id while it waits, also when it is planned", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ text: "one" }), notification({ text: "two" })], roomy);
    const lane = await laneOf(outbox);
    const waiting = lookAt(lane).pending.map(({ id }) => id);

    const before = await Promise.all(waiting.map((id) => textOf(outbox, id)));
    await planAll(lane);
    const after = await Promise.all(waiting.map((id) => textOf(outbox, id)));

    assert.deepEqual(before, ["one 0", "two 0"]);
    assert.deepEqual(after, before);
    assert.equal(await outbox.linkedGroups(1e9), null);
  });

  it("all notifications of a delivery are found by the id in its links, also after a restart", async (t) => {
    const desk = await openDesk(t, create);
    await desk.outbox.accept([notification({ text: "one" }), notification({ text: "two" })], roomy);
    const lane = await laneOf(desk.outbox);
    const ids = await planLinked(lane);
    const reopened = await desk.reopen();
    const planned = await textOf(reopened, ids[1] ?? 0);
    await answerFirst(await laneOf(reopened), { kind: "sent" });

    const found = await Promise.all(ids.map((id) => textOf(reopened, id)));

    assert.equal(planned, "one 0, two 0");
    assert.deepEqual(found, [null, "one 0, two 0"]);
    assert.equal((await reopened.linkedGroups(ids[1] ?? 0))?.bot, "ops");
  });

  it("is found when it is dead, dropped, or dead and then delivered", async (t) => {
    for (const then of ["dead", "dropped", "replayed"]) {
      const { outbox } = await openDesk(t, create);
      await outbox.accept([notification({ text: "one" })], roomy);
      const [id = 0] = await planLinked(await laneOf(outbox));
      await answerFirst(await laneOf(outbox), { kind: "dead", reason: "badContent" });
      const dead = (await outbox.dead({ maxDeliveries: 1 })).map((delivery) => delivery.id);
      if (then === "dropped") await outbox.drop(dead);
      if (then === "replayed") {
        await outbox.replay(dead);
        const lane = await laneOf(outbox);
        await planLinked(lane);
        await answerFirst(lane, { kind: "sent" });
      }

      assert.equal(await textOf(outbox, id), "one 0", then);
    }
  });

  it("is not found once its entry of the history was pruned", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);
    const [id = 0] = await planLinked(lane);
    await answerFirst(lane, { kind: "sent" });

    await outbox.prune({ settledBefore: 1e12, attemptsBefore: 0 });

    assert.equal(await outbox.linkedGroups(id), null);
  });
}

const acknowledgement: Acknowledgement = {
  bot: "ops",
  identity: "a",
  startsAt: 500,
  by: "张三",
  acknowledgedAt: 1_000,
};

function acknowledgements(create: CreateStorage): void {
  it("the acknowledgements of a bot are found until their time is over, one for each start of an alert", async (t) => {
    const desk = await openDesk(t, create);
    const given = [
      acknowledgement,
      { ...acknowledgement, startsAt: 700, by: "李四", acknowledgedAt: 2_000 },
      { ...acknowledgement, identity: "b", acknowledgedAt: 3_000 },
    ];
    await desk.outbox.acknowledge([...given, { ...acknowledgement, bot: "other" }]);
    const outbox = await desk.reopen();
    const found = (now: number) => outbox.acknowledgements({ bot: "ops", now });

    assert.deepEqual(await found(3_000), given);
    assert.deepEqual(await found(1_000 + acknowledgedMs), given.slice(1));
    assert.deepEqual(await found(3_000 + acknowledgedMs), []);
    assert.deepEqual(await outbox.acknowledgements({ bot: "unheard of", now: 3_000 }), []);
  });

  it("a later one of the same alert takes its place", async (t) => {
    const { outbox } = await openDesk(t, create);
    const later = { ...acknowledgement, by: "李四", acknowledgedAt: 5_000 };
    await outbox.acknowledge([acknowledgement]);
    await outbox.acknowledge([later, later]);

    assert.deepEqual(await outbox.acknowledgements({ bot: "ops", now: 5_000 }), [later]);
  });

  it("is pruned when its time is over, and not before", async (t) => {
    const { outbox } = await openDesk(t, create);
    const now = outbox.now();
    const young = { ...acknowledgement, acknowledgedAt: now - acknowledgedMs + 60_000 };
    const old = { ...acknowledgement, identity: "b", acknowledgedAt: now - acknowledgedMs - 60_000 };
    await outbox.acknowledge([young, old]);

    await outbox.prune({ settledBefore: 0, attemptsBefore: 0 });

    assert.deepEqual(await outbox.acknowledgements({ bot: "ops", now: now - 120_000 }), [young]);
  });
}

const watch: SilenceWatch = {
  id: "w1",
  alertmanager: "prod",
  silenceId: null,
  matchers: [{ name: "alertname", op: "=", value: "磁盘满" }],
  endsAt: 500_000,
  untilRecovered: true,
  notice: "张三 已静默",
  body: storedGroupText(routedGroupText(notification().routed), roomy.sender),
  missing: [],
  recovered: [],
};

function watches(create: CreateStorage): void {
  it("a watch is taken when it is due, as it was stored last, and again after its rest", async (t) => {
    const desk = await openDesk(t, create);
    const changed = { ...watch, silenceId: "s1", notice: "", missing: ["a"], recovered: ["b"] };
    await desk.outbox.watchSilence(watch, 1_000);
    const outbox = await desk.reopen();

    assert.deepEqual(await outbox.takeDueWatches(999), []);
    assert.deepEqual(await outbox.takeDueWatches(1_000), [watch]);
    assert.deepEqual(await outbox.takeDueWatches(1_000 + watchEveryMs - 1), []);
    await outbox.watchSilence(changed, 200_000);
    assert.deepEqual(await outbox.takeDueWatches(199_999), []);
    assert.deepEqual(await outbox.takeDueWatches(200_000), [changed]);
  });

  it("of several that take at once, each watch is taken by one, the longest due first", async (t) => {
    const { outbox } = await openDesk(t, create);
    const ids = Array.from({ length: 120 }, (_, n) => `w${n}`);
    for (const [n, id] of ids.entries()) await outbox.watchSilence({ ...watch, id }, 1_000 + n);

    const atOnce = await Promise.all([1, 2, 3, 4].map(() => outbox.takeDueWatches(5_000)));
    const rest: SilenceWatch[] = [];
    for (let n = 0; n < 3; n += 1) rest.push(...(await outbox.takeDueWatches(5_000)));

    const taken = [...atOnce.flat(), ...rest].map(({ id }) => id);
    assert.deepEqual(taken.toSorted(), ids.toSorted());
    assert.ok(atOnce.every((some) => some.length <= 50));
    assert.ok(atOnce.flat().some(({ id }) => id === "w0"));
  });

  it("an ended watch is gone", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.watchSilence(watch, 1_000);
    await outbox.endWatch(watch.id);

    assert.deepEqual(await outbox.takeDueWatches(1e12), []);
  });

  it("is pruned long after the end of its silence", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.watchSilence(watch, 1_000);
    await outbox.watchSilence({ ...watch, id: "w2", endsAt: 900_000 }, 1_000);

    await outbox.prune({ settledBefore: 600_000, attemptsBefore: 0 });

    const left = await outbox.takeDueWatches(1e12);
    assert.deepEqual(
      left.map(({ id }) => id),
      ["w2"],
    );
  });
}
