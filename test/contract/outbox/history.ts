// What became of every alert, for people: written in the commits that settle, read by nobody who delivers.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { HistoryEntry, HistoryQuery } from "../../../src/domain/history.ts";
import type { Notification } from "../../../src/domain/notification.ts";
import type { HeldLane } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  beginFirst,
  type CreateStorage,
  endedOf,
  everything,
  historyOf,
  laneOf,
  lookAt,
  noNews,
  notification,
  openDesk,
  planAll,
  roomy,
} from "./storage.ts";

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
const textsOf = (entries: readonly HistoryEntry[]) => entries.map(({ alert }) => alert.labels.text);

export function historyContract(create: CreateStorage): void {
  describe("the history", () => {
    entries(create);
    notes(create);
    recorded(create);
    searches(create);
    pages(create);
    blocks(create);
    senders(create);
  });
}

function entries(create: CreateStorage): void {
  it("has an entry for what was delivered, a duplicate, dead and dropped, also after a restart", async (t) => {
    const desk = await openDesk(t, create);
    const startedAt = desk.outbox.now();
    await settledInEveryWay(desk.outbox);

    const before = await historyOf(desk.outbox);
    const after = await historyOf(await desk.reopen());

    assert.deepEqual(after, before);
    const [dropped, dead, delivered, duplicate, ...others] = before;
    assert.deepEqual(others, []);
    assert.ok((dropped?.endedAt ?? 0) >= startedAt);
    const told = (one: HistoryEntry | undefined) => ({
      ...{ outcome: one?.outcome, mode: one?.mode, bot: one?.bot, receivedAt: one?.receivedAt },
      ...{ deliveryId: one?.deliveryId, copyOf: one?.duplicateOfAt },
    });
    const entry = { bot: "ops", mode: "full", copyOf: null };
    assert.deepEqual([dropped, dead, delivered, duplicate].map(told), [
      { ...entry, outcome: "dropped", receivedAt: 4_000, deliveryId: dead?.deliveryId },
      { ...entry, outcome: "dead", receivedAt: 4_000, deliveryId: dead?.deliveryId },
      { ...entry, outcome: "delivered", receivedAt: 1_000, deliveryId: delivered?.deliveryId },
      { ...entry, outcome: "duplicate", receivedAt: 1_500, deliveryId: null, mode: null, copyOf: 1_000 },
    ]);
    assert.deepEqual(
      [dead, delivered, duplicate].map((one) => one?.endedAt),
      [5_000, 4_000, 1_500],
    );
    assert.ok(typeof dead?.deliveryId === "number" && dead.deliveryId !== delivered?.deliveryId);
    assert.deepEqual(textsOf(before), ["memory 0", "memory 0", "disk 0", "disk 0"]);
    for (const { sender, route } of before) assert.deepEqual([sender, route], [roomy.sender, "route"]);
  });

  it("has an entry for what was not stored: a copy in the same call, and all of a request whose signature was used", async (t) => {
    const { outbox } = await openDesk(t, create);
    const of = (text: string) => notification({ dedup: text, text });
    const signed = { ...roomy, signature: { id: "s", expiresAt: 1e15 } };

    const results = [
      ...(await Promise.all([
        outbox.accept([of("twice"), of("twice")], roomy),
        outbox.accept([of("signed")], signed),
        outbox.accept([of("beside"), notification({ bot: "other", text: "beside" })], signed),
      ])),
      await outbox.accept([of("later")], signed),
    ];

    const entries = await endedOf(outbox);
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["stored", "stored", "replayed", "replayed"],
    );
    assert.deepEqual(
      entries
        .filter(({ outcome }) => outcome === "duplicate")
        .map(({ bot, alert }) => `${bot} ${alert.labels.text}`)
        .toSorted(),
      ["ops beside 0", "ops later 0", "ops twice 0", "other beside 0"],
    );
    assert.equal(
      (await outbox.backlog()).reduce((sum, { notifications }) => sum + notifications, 0),
      2,
    );
  });

  it("has an entry for an announcement, which is found by the labels that it is about", async (t) => {
    const { outbox } = await openDesk(t, create);
    const { routed, ...ids } = notification();
    const about = { ...routed.group, alerts: [], groupLabels: { alertname: "磁盘满", host: "db-7" } };
    await outbox.accept([{ ...ids, routed: { ...routed, notice: "张三 在处理 磁盘满", group: about } }], roomy);
    const lane = await laneOf(outbox);
    await planAll(lane);
    await answerFirst(lane, { kind: "sent" });

    const entries = await historyOf(outbox, { text: 'host="db-7"' });

    assert.deepEqual(
      entries.map(({ alert, routed, outcome }) => [alert.labels, routed.notice, outcome]),
      [[about.groupLabels, "张三 在处理 磁盘满", "delivered"]],
    );
    assert.deepEqual(await historyOf(outbox, { text: "another" }), []);
  });

  it("has an entry for each alert of a delivery, and the bot that delivered it", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ alerts: 2 }), notification(), notification({ bot: "elsewhere" })], roomy);
    await (await laneOf(outbox, "elsewhere")).move("ops");
    const lane = await laneOf(outbox);
    await planAll(lane);
    await answerFirst(lane, { kind: "sent" });

    const found = await historyOf(outbox);

    assert.deepEqual(
      found.map(({ bot, outcome, flags }) => [bot, outcome, flags]),
      [
        ["ops", "delivered", ["fallback_bot"]],
        ["ops", "delivered", []],
        ["ops", "delivered", []],
        ["ops", "delivered", []],
      ],
    );
    assert.equal(new Set(found.map(({ deliveryId }) => deliveryId)).size, 1);
    assert.deepEqual(await historyOf(outbox, { deliveryId: found[0]?.deliveryId ?? 0 }), found);
    assert.deepEqual(await historyOf(outbox, { deliveryId: 1 }), []);
  });

  it("what waits comes first, with its delivery once it is planned; what was retracted waits again", async (t) => {
    const { outbox } = await openDesk(t, create);
    await settledInEveryWay(outbox);
    await outbox.accept([notification({ text: "waits" })], roomy);
    const lane = await laneOf(outbox);
    const told = async () =>
      (await historyOf(outbox, { text: "waits" })).map(({ outcome, mode, endedAt, deliveryId }) => {
        return { outcome, mode, endedAt, isPlanned: deliveryId !== null };
      });

    const unplanned = await told();
    await planAll(lane);
    const planned = await told();
    await lane.retract(lookAt(lane).messages[0]?.deliveryId ?? 0);
    const retracted = await told();

    const waits = { outcome: "waiting", mode: null, endedAt: null, isPlanned: false };
    assert.deepEqual(
      [unplanned, planned, retracted],
      [[waits], [{ ...waits, mode: "full", isPlanned: true }], [waits]],
    );
    assert.equal((await historyOf(outbox))[0]?.outcome, "waiting");
  });

  it("what was replayed is dead, with the instant of the replay, and then delivered", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await laneOf(outbox);
    await outbox.accept([notification()], roomy);
    await planAll(lane);
    await answerFirst(lane, { kind: "dead", reason: "badContent" });
    const startedAt = outbox.now();
    await outbox.replay((await outbox.dead({ maxDeliveries: 1 })).map(({ id }) => id));
    const again = await laneOf(outbox);
    await planAll(again);
    await answerFirst(again, { kind: "sent" }, 6_000);

    const [delivered, dead, ...others] = await historyOf(outbox);

    assert.deepEqual([delivered?.outcome, delivered?.flags, delivered?.replayedAt], ["delivered", [], null]);
    assert.deepEqual([dead?.outcome, dead?.flags], ["dead", ["replayed"]]);
    assert.ok((dead?.replayedAt ?? 0) >= startedAt);
    assert.deepEqual(others, []);
  });

  it("a delivery that a lost holder sent is in it, once the next holder has read the lane", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lost = await laneOf(outbox);
    await planAll(lost);
    const begun = await beginFirst(lost);
    await laneOf(outbox, "ops", { now: 5_000 });
    await lost.settle({ ...begun, answeredAt: 6_000, outcome: { kind: "sent" } });
    const before = await endedOf(outbox);

    await laneOf(outbox, "ops", { now: 7_000 });

    assert.deepEqual(before, []);
    assert.deepEqual(
      (await historyOf(outbox)).map(({ outcome, endedAt, flags }) => [outcome, endedAt, flags]),
      [["delivered", 7_000, ["possibly_repeated"]]],
    );
  });
}

function notes(create: CreateStorage): void {
  const told = {
    mentions: { mentioned: ["lisi"], notFound: ["王五"] },
    templateFailures: [{ template: "dba", message: "line 3" }],
    flags: ["shortened"],
  } as const;

  async function planNoted(outbox: Outbox, bodies: readonly string[]): Promise<HeldLane> {
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);
    const notificationIds = lookAt(lane).pending.map(({ id }) => id);
    const parts = bodies.map((body) => ({ body, media: null }));
    const plan = { ...noNews, mode: "full", urgent: false, alerts: 1, plannedAt: 2_000, notes: told } as const;
    await lane.plan({ ...plan, notificationIds, parts });
    return lane;
  }

  it("has the notes of a delivery while it waits, when it was sent, and after a restart", async (t) => {
    const desk = await openDesk(t, create);
    const lane = await planNoted(desk.outbox, ["body"]);
    const waiting = await historyOf(desk.outbox);
    await answerFirst(lane, { kind: "sent" });

    const sent = await historyOf(await desk.reopen());

    for (const [entry] of [waiting, sent]) {
      assert.deepEqual([entry?.mentions, entry?.templateFailures], [told.mentions, told.templateFailures]);
      assert.deepEqual(entry?.flags, ["shortened", "template_failed"]);
      assert.deepEqual(entry?.failedAttempts, []);
    }
  });

  it("has the answer of each attempt that failed, whichever holder made it", async (t) => {
    const { outbox } = await openDesk(t, create);
    const first = await planNoted(outbox, ["one", "two"]);
    const again = { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: true } as const;
    await first.settle({ ...(await beginFirst(first, 3_000)), errcode: -1, outcome: again });
    const waiting = await historyOf(outbox);
    const second = await laneOf(outbox);
    await second.settle({
      ...(await beginFirst(second, 4_000)),
      errcode: 40_058,
      outcome: { kind: "replaced", bodies: ["fixed"], reason: "tooLong" },
    });
    await answerFirst(second, { kind: "sent" }, 5_000);
    await second.settle({
      ...(await beginFirst(second, 6_000)),
      errcode: 40_008,
      outcome: { kind: "dead", reason: "badContent" },
    });

    const [dead] = await historyOf(outbox);

    const busy = { answeredAt: 3_100, part: 1, reason: "busy", errcode: -1 };
    assert.deepEqual(waiting[0]?.failedAttempts, [busy]);
    assert.equal(dead?.outcome, "dead");
    assert.deepEqual(dead?.failedAttempts, [
      busy,
      { answeredAt: 4_100, part: 1, reason: "tooLong", errcode: 40_058 },
      { answeredAt: 6_100, part: 2, reason: "badContent", errcode: 40_008 },
    ]);
    assert.deepEqual([...(dead?.flags ?? [])].sort(), [
      "partly_sent",
      "possibly_repeated",
      "repaired",
      "shortened",
      "template_failed",
    ]);
  });

  it("has the last of very many attempts", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planNoted(outbox, ["body"]);
    const again = { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false } as const;
    for (let n = 0; n < 25; n += 1) await answerFirst(lane, again, 100_000 * (n + 1));

    const [waiting] = await historyOf(outbox);

    assert.equal(waiting?.failedAttempts.length, 20);
    assert.equal(waiting?.failedAttempts.at(-1)?.answeredAt, 2_500_100);
  });
}

function recorded(create: CreateStorage): void {
  const resolved = (): Notification => notification({ text: "resolved" });

  it("has what is accepted and not sent, and why; it waits for nothing and takes no room", async (t) => {
    const { outbox } = await openDesk(t, create);
    const unsent = [
      { routed: resolved().routed, why: "send_resolved_false" },
      { routed: notification({ bot: "", text: "Watchdog" }).routed, why: "route_drop" },
    ] as const;

    const alone = await outbox.accept([], { ...roomy, unsent: [...unsent], maxNotifications: 0 });
    const beside = await outbox.accept([notification()], { ...roomy, acceptedAt: 2_000, unsent: unsent.slice(0, 1) });

    assert.deepEqual(alone, { kind: "stored", stored: 0, duplicates: 0 });
    assert.deepEqual(beside, { kind: "stored", stored: 1, duplicates: 0 });
    assert.deepEqual(
      (await historyOf(outbox)).map(({ outcome, flags, bot, receivedAt }) => [outcome, flags, bot, receivedAt]),
      [
        ["waiting", [], "ops", 1_000],
        ["not_sent", ["send_resolved_false"], "ops", 2_000],
        ["not_sent", ["route_drop"], "", 1_000],
        ["not_sent", ["send_resolved_false"], "ops", 1_000],
      ].map((row, n) => (n === 0 ? ["waiting", [], "ops", 2_000] : row)),
    );
    assert.equal((await outbox.backlog())[0]?.notifications, 1);
  });

  it("has a duplicate that came in the same commit as the first, and who sent it", async (t) => {
    const { outbox } = await openDesk(t, create);
    const peer = { address: "10.0.0.6", userAgent: "Alertmanager/0.27.0" };
    const copies = [roomy, { ...roomy, sender: peer }];

    await Promise.all(copies.map((options) => outbox.accept([notification({ dedup: "same" })], options)));

    const found = await historyOf(outbox);
    assert.deepEqual(outcomesOf(found), ["waiting", "duplicate"]);
    assert.deepEqual([found[1]?.sender, found[1]?.duplicateOfAt], [peer, 1_000]);
  });

  it("has nothing of a webhook that did not fit", async (t) => {
    const { outbox } = await openDesk(t, create);

    const result = await outbox.accept([notification()], {
      ...roomy,
      maxNotifications: 0,
      unsent: [{ routed: resolved().routed, why: "send_resolved_false" }],
    });

    assert.equal(result.kind, "full");
    assert.deepEqual(await historyOf(outbox), []);
  });
}

interface SearchCase {
  readonly rule: string;
  readonly query: Partial<HistoryQuery>;
  readonly found: readonly string[];
}

const searchCases: readonly SearchCase[] = [
  {
    rule: "what ended from an instant on, which is included",
    query: { fromAt: 4_000, untilAt: 5_001 },
    found: ["dropped", "dead", "delivered"],
  },
  {
    rule: "what was received before an instant, which is not included",
    query: { untilAt: 4_000 },
    found: ["delivered", "duplicate"],
  },
  { rule: "what was under way in a time", query: { fromAt: 2_000, untilAt: 3_000 }, found: ["delivered"] },
  { rule: "of an outcome", query: { outcome: "dead" }, found: ["dead"] },
  { rule: "of a bot", query: { bot: "elsewhere" }, found: [] },
  { rule: "no more than asked for, the latest", query: { maxEntries: 2 }, found: ["dropped", "dead"] },
  { rule: "none when none is asked for", query: { maxEntries: 0 }, found: [] },
  { rule: "a part of a label, in any case", query: { text: "TEXT=dIsk" }, found: ["delivered", "duplicate"] },
  { rule: "several words in any order", query: { text: "memory 盘满" }, found: ["dropped", "dead"] },
  { rule: "words that no alert has all of", query: { text: "disk memory" }, found: [] },
  { rule: "a text with blanks", query: { text: '"disk 0"' }, found: ["delivered", "duplicate"] },
  { rule: "a label with its whole value", query: { text: 'text="disk 0"' }, found: ["delivered", "duplicate"] },
  { rule: "no label with more than this value", query: { text: 'text="disk"' }, found: [] },
  { rule: "the receiver", query: { text: "web.hook", outcome: "dead" }, found: ["dead"] },
  { rule: "no text of an outcome or a bot", query: { text: "dropped" }, found: [] },
  { rule: "a text and an outcome", query: { text: "disk", outcome: "duplicate" }, found: ["duplicate"] },
];

/** Each is delivered at once, so that all of them are in the history in this order. */
async function copiesOf(outbox: Outbox, texts: readonly string[]): Promise<void> {
  for (const acceptedAt of [1_000, 2_000]) {
    const copies = texts.map((text, n) => notification({ dedup: `copy ${n}`, text }));
    await outbox.accept(copies, { ...roomy, acceptedAt });
  }
}

function searches(create: CreateStorage): void {
  for (const { rule, query, found } of searchCases) {
    it(`finds ${rule}`, async (t) => {
      const { outbox } = await openDesk(t, create);
      await settledInEveryWay(outbox);

      assert.deepEqual(outcomesOf(await historyOf(outbox, query)), found);
    });
  }

  it("signs of a pattern and quotes are part of the text", async (t) => {
    const { outbox } = await openDesk(t, create);
    await copiesOf(outbox, ["100%", "100 p", "a_b", "a-b", "c\\d", "c|d", "it's"]);

    const counts: number[] = [];
    for (const text of ["0%", "0", "a_b", "\\", "c\\d", "'", "%", "_"]) {
      counts.push((await endedOf(outbox, { text })).length);
    }

    assert.deepEqual(counts, [1, 7, 1, 1, 1, 1, 1, 1]);
  });

  it("finds every alert of a large group by its own labels", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ alerts: 300, text: "host" })], roomy);

    assert.deepEqual(textsOf(await historyOf(outbox, { text: '"host 299"' })), ["host 299"]);
  });
}

function pages(create: CreateStorage): void {
  it("has each entry on one page, in the order of all, also the alerts of one group", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ alerts: 5, text: "waits" }), notification({ text: "waits" })], roomy);
    const unsent = Array.from({ length: 40 }, (_, n) => {
      const { routed } = notification({ alerts: 1 + (n % 3), text: `n ${n}` });
      return { routed, why: "route_drop" } as const;
    });
    await outbox.accept([], { ...roomy, unsent });
    const all = await historyOf(outbox);

    for (const maxEntries of [1, 2, 7, 33, all.length]) {
      const found: HistoryEntry[] = [];
      let after: string | null = null;
      do {
        const page = await outbox.history({ ...everything, maxEntries, after });
        assert.ok(page.entries.length <= maxEntries);
        found.push(...page.entries);
        after = page.next;
      } while (after !== null);
      assert.deepEqual(found, all);
    }
    assert.equal(all.length, 6 + 79);
  });
}

function blocks(create: CreateStorage): void {
  const texts = Array.from({ length: 1_400 }, (_, n) => (n % 500 === 3 ? `rare ${n}` : `common ${n % 10}`));
  const rare = [1003, 503, 3].map((n) => `rare ${n} 0`);

  it("finds the same before and after the rows are indexed, and after some of them were pruned", async (t) => {
    const { outbox } = await openDesk(t, create);
    await copiesOf(outbox, texts);
    const queries: readonly Partial<HistoryQuery>[] = [
      { text: "rare" },
      { text: "rare", maxEntries: 2 },
      { text: 'text="rare 503 0"' },
      { text: '"are 5" hook' },
      { text: "rare common" },
      { text: "common 7", outcome: "duplicate", bot: "ops", maxEntries: 150 },
      { outcome: "dead" },
      { bot: "elsewhere" },
      { untilAt: 500 },
      { fromAt: 2_001 },
      {},
    ];
    const search = async () => Promise.all(queries.map((query) => endedOf(outbox, query)));
    const before = await search();

    await outbox.tidyHistory();
    const after = await search();
    await outbox.tidyHistory();

    assert.deepEqual(textsOf(before[0] ?? []), rare);
    assert.equal(before.at(-1)?.length, 1_400);
    assert.deepEqual(after, before);
    assert.equal(await outbox.prune({ settledBefore: 2_001, attemptsBefore: 0 }), 1_400);
    assert.deepEqual(await endedOf(outbox), []);
    await outbox.accept([], {
      ...roomy,
      unsent: [{ routed: notification({ text: "rare" }).routed, why: "route_drop" }],
    });
    assert.deepEqual(textsOf(await endedOf(outbox, { text: "rare" })), ["rare 0"]);
  });

  it("closing waits for what is indexed", async (t) => {
    const desk = await openDesk(t, create);
    await copiesOf(desk.outbox, texts);

    const indexed = desk.outbox.tidyHistory();
    await nextTurn();
    const [next] = await Promise.all([desk.reopen(), indexed]);

    assert.deepEqual(textsOf(await endedOf(next, { text: "rare" })), rare);
  });

  it("a search pages through blocks as through rows", async (t) => {
    const { outbox } = await openDesk(t, create);
    await copiesOf(outbox, texts);
    await outbox.tidyHistory();

    const first = await outbox.history({ ...everything, outcome: "duplicate", text: "common", maxEntries: 900 });
    const second = await outbox.history({ ...everything, outcome: "duplicate", text: "common", after: first.next });

    assert.equal(second.next, null);
    assert.deepEqual(
      textsOf([...first.entries, ...second.entries]),
      texts
        .filter((text) => text.startsWith("common"))
        .reverse()
        .map((text) => `${text} 0`),
    );
  });
}

function senders(create: CreateStorage): void {
  const never = { postedAt: 0, refusedAt: 0, refusal: "" };
  const sender = {
    address: "10.0.0.5",
    userAgent: "Alertmanager/0.27.0",
    receiver: "ops",
    source: "alertmanager",
  } as const;
  const stranger = { ...sender, address: "10.6.6.6", receiver: "", source: "unknown" } as const;

  it("knows when each sender posted and was refused last, before and after it is written, and after a restart", async (t) => {
    const desk = await openDesk(t, create);
    const note = () => {
      desk.outbox.noteSender({ ...sender, ...never, postedAt: 2_000 });
      desk.outbox.noteSender({ ...sender, ...never, refusedAt: 3_000, refusal: "503 full" });
      desk.outbox.noteSender({ ...sender, ...never, postedAt: 1_000 });
      desk.outbox.noteSender({ ...stranger, ...never, refusedAt: 9_000, refusal: "401 wrong" });
    };
    const expected = [
      { ...sender, postedAt: 2_000, refusedAt: 3_000, refusal: "503 full" },
      { ...stranger, postedAt: 0, refusedAt: 9_000, refusal: "401 wrong" },
    ];

    note();
    const unwritten = await desk.outbox.senders();
    await desk.outbox.tidyHistory();
    const written = await desk.outbox.senders();
    note();
    await desk.outbox.tidyHistory();
    const again = await (await desk.reopen()).senders();

    assert.deepEqual([unwritten, written, again], [expected, expected, expected]);
  });

  it("of more than a thousand the least recent go, and first those that were only refused", async (t) => {
    const { outbox } = await openDesk(t, create);
    for (let n = 0; n < 1_500; n += 1) {
      const address = `10.1.${n >> 8}.${n & 255}`;
      const times = n < 600 ? { ...never, postedAt: 1_000 + n } : { ...never, refusedAt: 9_000 + n, refusal: "401" };
      outbox.noteSender({ ...sender, address, ...times });
    }

    await outbox.tidyHistory();

    const kept = await outbox.senders();
    assert.equal(kept.length, 1_000);
    assert.equal(kept.filter(({ postedAt }) => postedAt > 0).length, 600);
    assert.equal(kept[600]?.refusedAt, 9_000 + 1_499);
  });
}
