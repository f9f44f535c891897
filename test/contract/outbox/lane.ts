// A lane before it sends: how waiting notifications are read and planned.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { routedGroupText, storedGroupText } from "../../../src/domain/notification.ts";
import { OutboxConflict } from "../../../src/outbox/errors.ts";
import type { NewMessage } from "../../../src/outbox/lane.ts";
import {
  type CreateStorage,
  groupsOf,
  laneOf,
  lookAt,
  noNews,
  notification,
  openDesk,
  planAll,
  planned,
  roomy,
} from "./storage.ts";

export function laneContract(create: CreateStorage): void {
  describe("a lane", () => {
    heads(create);
    largeGroups(create);
    plans(create);
  });
}

function heads(create: CreateStorage): void {
  const cases = [
    { rule: "all, in order of acceptance, when they fit", maxHeads: 9, expected: ["n1", "u1", "n2", "u2"] },
    { rule: "the oldest others beside every urgent one", maxHeads: 3, expected: ["n1", "u1", "u2"] },
    { rule: "urgent ones alone when there is no more room", maxHeads: 2, expected: ["u1", "u2"] },
    { rule: "the oldest urgent one when there is room for one", maxHeads: 1, expected: ["u1"] },
    { rule: "none when none is asked for", maxHeads: 0, expected: [] },
  ];
  for (const { rule, maxHeads, expected } of cases) {
    it(`heads: ${rule}`, async (t) => {
      const { outbox } = await openDesk(t, create);
      for (const group of ["n1", "u1", "n2", "u2"]) {
        await outbox.accept([notification({ group, urgent: group.startsWith("u") })], roomy);
      }
      await outbox.accept([notification({ bot: "elsewhere", group: "other", urgent: true })], roomy);
      const lane = await laneOf(outbox);

      const { pending } = lane.work(0, maxHeads);

      assert.deepEqual(
        pending.map(({ groupId }) => groupId),
        expected,
      );
      assert.ok(pending.every(({ urgent, groupId }) => urgent === groupId.startsWith("u")));
    });
  }

  it("groups come in the order of the query; one of another lane or already planned is missing", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    await outbox.accept([notification({ group: "a" }), notification({ group: "b" })], roomy);
    await outbox.accept([notification({ bot: "elsewhere" })], roomy);
    const { pending } = lookAt(lane);
    const [a, b] = pending.map(({ id }) => id);

    const groups = await groupsOf(lane, [b ?? 0, 99_999, a ?? 0, ...[1, 2, 3, 4].filter((id) => id < (a ?? 0))]);

    assert.deepEqual(
      groups.map(({ id }) => id),
      [b, a],
    );
  });
}

const sizes = [
  { name: "as many as have room", maxBytes: 250_000, expected: 2 },
  { name: "one that alone has no room", maxBytes: 10, expected: 1 },
  { name: "all, read in several turns", maxBytes: 1e9, expected: 30 },
];

function largeGroups(create: CreateStorage): void {
  for (const { name, maxBytes, expected } of sizes) {
    it(`of thirty groups of 100 kB come ${name}`, async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await laneOf(outbox);
      await outbox.accept(
        Array.from({ length: 30 }, () => notification({ text: "x".repeat(100_000) })),
        roomy,
      );
      const ids = lookAt(lane).pending.map(({ id }) => id);

      const groups = await lane.groups({ ids, maxBytes });

      assert.deepEqual(
        groups.map(({ id }) => id),
        ids.slice(0, expected),
      );
    });
  }

  it("a small group comes with the first large ones, however many of them wait before it", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await laneOf(outbox);
    const large = Array.from({ length: 30 }, () => notification({ text: "x".repeat(100_000) }));
    await outbox.accept([...large, notification(), notification()], roomy);
    const ids = lookAt(lane).pending.map(({ id }) => id);

    for (const maxBytes of [50_000, 150_000]) {
      const groups = await lane.groups({ ids, maxBytes });

      assert.deepEqual(
        groups.map(({ id }) => id),
        [ids[0], ...ids.slice(-2)],
      );
    }
  });

  it("for all sizes: the oldest comes, none before an older one of its group, and none is left out that has room", async (t) => {
    const { outbox } = await openDesk(t, create);
    const one = fc.record({ length: fc.constantFrom(10, 1_000, 20_000), group: fc.constantFrom("a", "b", "c") });
    let bot = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 8 }), fc.nat(50_000), async (all, maxBytes) => {
        bot += 1;
        const given = all.map(({ length, group }) => notification({ bot: `${bot}`, group, text: "x".repeat(length) }));
        await outbox.accept(given, roomy);
        const lane = await laneOf(outbox, `${bot}`);
        const { pending } = lookAt(lane);

        const taken = new Set((await lane.groups({ ids: pending.map(({ id }) => id), maxBytes })).map(({ id }) => id));

        const isTaken = pending.map(({ id }) => taken.has(id));
        const sizes = given.map(({ routed }) =>
          Buffer.byteLength(storedGroupText(routedGroupText(routed), roomy.sender)),
        );
        const rest = sizes.filter((_, n) => n > 0 && isTaken[n]).reduce((sum, size) => sum + size, 0);
        const room = maxBytes - Math.min(sizes[0] ?? 0, maxBytes / 2) - rest;
        assert.ok(isTaken[0] && room >= 0);
        for (const [n, { group }] of all.entries()) {
          const olderIsOut = all.some((older, m) => m < n && older.group === group && !isTaken[m]);
          assert.ok(!(isTaken[n] && olderIsOut));
          assert.ok(isTaken[n] || olderIsOut || (sizes[n] ?? 0) > room);
        }
      }),
      { numRuns: 30 },
    );
  });
}

function plans(create: CreateStorage): void {
  it("planning turns waiting notifications into ready messages in the order of the bodies", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ group: "g" })], { ...roomy, acceptedAt: 700 });
    await outbox.accept([notification({ group: "g", urgent: true })], { ...roomy, acceptedAt: 500 });
    const lane = await laneOf(outbox);

    await planAll(lane, ["one", "two"]);

    const { pending, messages } = lookAt(lane);
    assert.deepEqual(pending, []);
    assert.deepEqual(
      messages.map(({ id, deliveryId, ...message }) => message),
      ["one", "two"].map((body, n) => ({
        urgent: true,
        state: "ready",
        part: n + 1,
        body,
        tries: 0,
        repairs: 0,
        inDoubt: false,
        notBeforeAt: 0,
        lastReason: null,
        keyId: null,
        mediaHash: null,
        plannedAt: 2_000,
        acceptedAt: 500,
        retractable: true,
      })),
    );
  });

  it("deliveries are sent in the order in which they were planned", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox, ["a1", "a2"]);
    await outbox.accept([notification({ urgent: true })], roomy);
    await planAll(lane, ["b1"]);

    const messages = lookAt(lane).messages;

    assert.deepEqual(
      messages.map(({ body }) => body),
      ["a1", "a2", "b1"],
    );
  });

  const delivery = { ...noNews, mode: "full", urgent: false, alerts: 1, plannedAt: 1 } as const;
  const wrong: Record<string, (ids: readonly number[]) => { notificationIds: readonly number[]; parts: NewMessage[] }> =
    {
      "one that does not exist": (ids) => ({ notificationIds: [...ids, 99_999], parts: [{ body: "b", media: null }] }),
      "no notification": () => ({ notificationIds: [], parts: [{ body: "b", media: null }] }),
      "no body": (ids) => ({ notificationIds: ids, parts: [] }),
    };
  for (const [name, plan] of Object.entries(wrong)) {
    it(`planning ${name} throws OutboxConflict and changes nothing`, async (t) => {
      const { outbox } = await openDesk(t, create);
      await outbox.accept([notification()], roomy);
      const lane = await laneOf(outbox);
      const before = lookAt(lane);

      await assert.rejects(lane.plan({ ...delivery, ...plan(before.pending.map(({ id }) => id)) }), OutboxConflict);

      assert.deepEqual(lookAt(lane), before);
    });
  }

  it("planning one twice, or one of another lane, throws OutboxConflict", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);
    const other = await laneOf(outbox, "elsewhere");
    const notificationIds = lookAt(lane).pending.map(({ id }) => id);

    await assert.rejects(
      other.plan({ ...delivery, notificationIds, parts: [{ body: "b", media: null }] }),
      OutboxConflict,
    );
    await lane.plan({ ...delivery, notificationIds, parts: [{ body: "b", media: null }] });
    await assert.rejects(
      lane.plan({ ...delivery, notificationIds, parts: [{ body: "b", media: null }] }),
      OutboxConflict,
    );

    assert.equal(lookAt(lane).messages.length, 1);
  });

  it("a backlog moves as a whole, and others are served in between", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept(
      Array.from({ length: 3_000 }, () => notification()),
      roomy,
    );
    const lane = await laneOf(outbox);
    const { pending } = lookAt(lane);

    const seen: (readonly string[])[] = [];
    let isMoving = true;
    const moving = lane.move("fallback").finally(() => {
      isMoving = false;
    });
    while (isMoving) {
      seen.push((await outbox.backlog()).map(({ bot }) => bot));
      await nextTurn();
    }

    assert.equal(await moving, 3_000);
    assert.ok(seen.some((bots) => bots.length === 2));
    assert.deepEqual(lookAt(await laneOf(outbox, "fallback")).pending, pending);
    assert.deepEqual(lookAt(await laneOf(outbox)).pending, []);
  });

  it("a thousand notifications are planned at once", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept(
      Array.from({ length: 1_000 }, () => notification()),
      roomy,
    );
    const lane = await laneOf(outbox);

    await planAll(lane);

    assert.deepEqual(lookAt(lane).pending, []);
    assert.deepEqual(await outbox.backlog(), [
      { bot: "ops", notifications: 1_000, oldestAcceptedAt: roomy.acceptedAt },
    ]);
  });
}
