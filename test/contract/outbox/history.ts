// What became of every notification, for people: written in the commits that settle, read by nobody who delivers.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HistoryEntry, HistoryQuery, Outbox } from "../../../src/outbox/store.ts";
import { answerFirst, type CreateStorage, laneOf, lookAt, notification, openDesk, planAll, roomy } from "./storage.ts";

const all: HistoryQuery = { fromAt: 0, untilAt: 1e15, bot: null, outcome: null, text: "", maxEntries: 100 };

/** One for each outcome; the latest first. */
async function settledInEveryWay(outbox: Outbox): Promise<void> {
  const lane = await laneOf(outbox);
  await outbox.accept([notification({ dedup: "copied", text: "disk" })], { ...roomy, acceptedAt: 1_000 });
  await outbox.accept([notification({ dedup: "copied", text: "disk" })], { ...roomy, acceptedAt: 1_500 });
  await planAll(lane, ["one", "two"]);
  await answerFirst(lane, { kind: "sent" }, 2_900);
  await answerFirst(lane, { kind: "sent" }, 3_900);
  await outbox.accept([notification({ text: "memory" })], { ...roomy, acceptedAt: 4_000 });
  await planAll(lane);
  await answerFirst(lane, { kind: "dead", reason: "badContent" }, 4_900);
  const [dead] = await outbox.dead({ maxDeliveries: 1 });
  await outbox.drop([dead?.id ?? 0]);
}

const outcomesOf = (entries: readonly HistoryEntry[]) => entries.map(({ outcome }) => outcome);

export function historyContract(create: CreateStorage): void {
  describe("the history", () => {
    entries(create);
    searches(create);
  });
}

function entries(create: CreateStorage): void {
  it("has an entry for what was delivered, suppressed, dead and dropped, also after a restart", async (t) => {
    const desk = await openDesk(t, create);
    const startedAt = desk.outbox.now();
    await settledInEveryWay(desk.outbox);

    const before = await desk.outbox.history(all);
    const after = await (await desk.reopen()).history(all);

    assert.deepEqual(after, before);
    const [dropped, dead, delivered, suppressed, ...others] = before;
    assert.deepEqual(others, []);
    assert.ok((dropped?.at ?? 0) >= startedAt);
    const entry = { bot: "ops", mode: "full" };
    const copy = { bot: "ops", mode: null, deliveryId: null };
    assert.deepEqual(
      [dropped, dead, delivered, suppressed].map((one) => ({ ...one, id: 0, summary: "", at: 0 })),
      [
        { ...entry, outcome: "dropped", acceptedAt: 4_000, deliveryId: dead?.deliveryId },
        { ...entry, outcome: "dead", acceptedAt: 4_000, deliveryId: dead?.deliveryId },
        { ...entry, outcome: "delivered", acceptedAt: 1_000, deliveryId: delivered?.deliveryId },
        { ...copy, outcome: "suppressed", acceptedAt: 1_500 },
      ].map((one) => ({ ...one, id: 0, summary: "", at: 0 })),
    );
    assert.deepEqual(
      [dead, delivered, suppressed].map((one) => one?.at),
      [5_000, 4_000, 1_500],
    );
    assert.ok(typeof dead?.deliveryId === "number" && dead.deliveryId !== delivered?.deliveryId);
    assert.match(delivered?.summary ?? "", /web\.hook alertname=磁盘满 text=disk/);
    assert.equal(new Set(before.map(({ id }) => id)).size, 4);
  });

  it("has an entry for each notification of a delivery, and the bot that delivered it", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification(), notification(), notification({ bot: "elsewhere" })], roomy);
    await (await laneOf(outbox, "elsewhere")).move("ops");
    const lane = await laneOf(outbox);
    await planAll(lane);
    await answerFirst(lane, { kind: "sent" });

    const found = await outbox.history(all);

    assert.deepEqual(
      found.map(({ bot, outcome }) => [bot, outcome]),
      Array(3).fill(["ops", "delivered"]),
    );
    assert.equal(new Set(found.map(({ deliveryId }) => deliveryId)).size, 1);
  });

  it("has what was replayed and delivered as dead and as delivered; what waits, or was retracted, is not in it", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await laneOf(outbox);
    await outbox.accept([notification()], roomy);
    await planAll(lane);
    await answerFirst(lane, { kind: "dead", reason: "badContent" });
    await outbox.replay((await outbox.dead({ maxDeliveries: 1 })).map(({ id }) => id));
    const again = await laneOf(outbox);
    await planAll(again);
    await answerFirst(again, { kind: "sent" }, 6_000);
    await outbox.accept([notification()], roomy);
    await planAll(again);
    await again.retract(lookAt(again).messages[0]?.deliveryId ?? 0);

    assert.deepEqual(outcomesOf(await outbox.history(all)), ["delivered", "dead"]);
  });

  it("a delivery that a lost holder sent is in it, once the next holder has read the lane", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lost = await laneOf(outbox);
    await planAll(lost);
    const [message] = lookAt(lost).messages;
    const messageId = message?.id ?? 0;
    const attemptId = await lost.begin({ messageId, keyId: "key", startedAt: 3_000, upload: false });
    await laneOf(outbox, "ops", { now: 5_000 });
    await lost.settle({ attemptId, messageId, answeredAt: 6_000, outcome: { kind: "sent" }, key: null });
    const before = await outbox.history(all);

    await laneOf(outbox, "ops", { now: 7_000 });

    assert.deepEqual(before, []);
    assert.deepEqual(
      (await outbox.history(all)).map(({ outcome, at }) => [outcome, at]),
      [["delivered", 7_000]],
    );
  });
}

function searches(create: CreateStorage): void {
  const cases: readonly { readonly rule: string; readonly query: Partial<HistoryQuery>; readonly found: string[] }[] = [
    {
      rule: "from an instant, which is included",
      query: { fromAt: 4_000, untilAt: 5_001 },
      found: ["dead", "delivered"],
    },
    { rule: "before an instant, which is not included", query: { untilAt: 5_000 }, found: ["delivered", "suppressed"] },
    { rule: "of an outcome", query: { outcome: "dead" }, found: ["dead"] },
    { rule: "of a bot", query: { bot: "elsewhere" }, found: [] },
    { rule: "no more than asked for, the latest", query: { maxEntries: 2 }, found: ["dropped", "dead"] },
    { rule: "none when none is asked for", query: { maxEntries: 0 }, found: [] },
    { rule: "a text in the labels, in any case", query: { text: "TEXT=dIsk" }, found: ["delivered", "suppressed"] },
    { rule: "a text that is not ASCII", query: { text: "盘满 text=mem" }, found: ["dropped", "dead"] },
    { rule: "a text that is nowhere", query: { text: "disk full" }, found: [] },
    { rule: "a text and an outcome", query: { text: "disk", outcome: "suppressed" }, found: ["suppressed"] },
  ];
  for (const { rule, query, found } of cases) {
    it(`finds ${rule}`, async (t) => {
      const { outbox } = await openDesk(t, create);
      await settledInEveryWay(outbox);

      assert.deepEqual(outcomesOf(await outbox.history({ ...all, ...query })), found);
    });
  }

  const copiesOf = async (outbox: Outbox, texts: readonly string[]) => {
    for (const [n, text] of texts.entries()) {
      const copy = () => notification({ dedup: `copy ${n}`, text });
      await outbox.accept([copy()], { ...roomy, acceptedAt: 1_000 + n });
      await outbox.accept([copy()], { ...roomy, acceptedAt: 2_000 + n });
    }
  };

  it("signs of a pattern and quotes are part of the text", async (t) => {
    const { outbox } = await openDesk(t, create);
    const texts = ["100%", "100 p", "a_b", "a-b", "c\\d", "c|d", "it's"];
    await copiesOf(outbox, texts);

    const counts: number[] = [];
    for (const text of ["0%", "0", "a_b", "\\", "c\\d", "'", "%", "_"]) {
      counts.push((await outbox.history({ ...all, text })).length);
    }

    assert.deepEqual(counts, [1, 7, 1, 1, 1, 1, 1, 1]);
  });

  it("a rare text among thousands, the latest first", async (t) => {
    const { outbox } = await openDesk(t, create);
    const many = Array.from({ length: 5_000 }, (_, n) => ({
      dedup: `n ${n}`,
      text: n % 1_000 === 0 ? `rare ${n}` : "x",
    }));
    for (const acceptedAt of [1_000, 2_000]) {
      await outbox.accept(many.map(notification), { ...roomy, acceptedAt });
    }
    await outbox.accept(many.slice(1_000, 1_001).map(notification), { ...roomy, acceptedAt: 2_001 });

    const found = await outbox.history({ ...all, text: "rare" });

    assert.deepEqual(
      found.map(({ summary }) => /rare \d+/.exec(summary)?.[0]),
      ["rare 1000", "rare 4000", "rare 3000", "rare 2000", "rare 1000", "rare 0"],
    );
    for (const maxEntries of [2, 4]) {
      assert.deepEqual(await outbox.history({ ...all, text: "rare", maxEntries }), found.slice(0, maxEntries));
    }
    const everything = await outbox.history({ ...all, maxEntries: 10_000 });
    assert.equal(new Set(everything.map(({ id }) => id)).size, 5_001);
  });
}
