// A lane from reading to sending: heads, plans, what may be taken back, and the attempts that fill a key's window.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NotRetractable, OutboxConflict } from "../../../src/outbox/store.ts";
import {
  beginFirst,
  type CreateStorage,
  firstMessage,
  leaseOf,
  lookAt,
  messagesOf,
  notification,
  openDesk,
  planAll,
  planned,
  roomy,
} from "./storage.ts";

export function laneContract(create: CreateStorage): void {
  describe("a lane", () => {
    heads(create);
    plans(create);
    takingBack(create);
    beginning(create);
    windows(create);
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
      const lease = await leaseOf(outbox);

      const { pending } = await outbox.read(lease, { keyIds: [], windowStartAt: 0, maxHeads });

      assert.deepEqual(
        pending.map(({ groupId }) => groupId),
        expected,
      );
      assert.ok(pending.every(({ urgent, groupId }) => urgent === groupId.startsWith("u")));
    });
  }

  it("groups come in the order asked for; one of another lane or already planned is missing", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    await outbox.accept([notification({ group: "a" }), notification({ group: "b" })], roomy);
    await outbox.accept([notification({ bot: "elsewhere" })], roomy);
    const { pending } = await lookAt(outbox, lease);
    const [a, b] = pending.map(({ id }) => id);

    const groups = await outbox.groups(lease, [b ?? 0, 99_999, a ?? 0, ...[1, 2, 3, 4].filter((id) => id < (a ?? 0))]);

    assert.deepEqual(
      groups.map(({ id }) => id),
      [b, a],
    );
  });
}

function plans(create: CreateStorage): void {
  it("planning turns waiting notifications into ready messages in the order of the bodies", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ group: "g" })], { ...roomy, acceptedAt: 700 });
    await outbox.accept([notification({ group: "g", urgent: true })], { ...roomy, acceptedAt: 500 });
    const lease = await leaseOf(outbox);

    await planAll(outbox, lease, ["one", "two"]);

    const { pending, messages } = await lookAt(outbox, lease);
    assert.deepEqual(pending, []);
    assert.deepEqual(
      messages.map(({ id, tellingId, ...message }) => message),
      ["one", "two"].map((body, n) => ({
        groupId: "g",
        urgent: true,
        state: "ready",
        part: n + 1,
        body,
        tries: 0,
        repairs: 0,
        inDoubt: false,
        notBeforeAt: 0,
        lastReason: null,
        acceptedAt: 500,
        retractable: true,
        form: "full",
      })),
    );
  });

  it("tellings are sent in the order in which they were planned", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox, ["a1", "a2"]);
    await outbox.accept([notification({ urgent: true })], roomy);
    await planAll(outbox, lease, ["b1"]);

    const messages = await messagesOf(outbox, lease);

    assert.deepEqual(
      messages.map(({ body }) => body),
      ["a1", "a2", "b1"],
    );
  });

  const telling = { form: "full", groupId: "g", urgent: false, alerts: 1, plannedAt: 1 } as const;
  const wrong: Record<string, (ids: readonly number[]) => { notificationIds: readonly number[]; bodies: string[] }> = {
    "one that does not exist": (ids) => ({ notificationIds: [...ids, 99_999], bodies: ["b"] }),
    "no notification": () => ({ notificationIds: [], bodies: ["b"] }),
    "no body": (ids) => ({ notificationIds: ids, bodies: [] }),
  };
  for (const [name, plan] of Object.entries(wrong)) {
    it(`planning ${name} throws OutboxConflict and changes nothing`, async (t) => {
      const { outbox } = await openDesk(t, create);
      await outbox.accept([notification()], roomy);
      const lease = await leaseOf(outbox);
      const before = await lookAt(outbox, lease);

      await assert.rejects(
        outbox.plan(lease, { ...telling, ...plan(before.pending.map(({ id }) => id)) }),
        OutboxConflict,
      );

      assert.deepEqual(await lookAt(outbox, lease), before);
    });
  }

  it("planning one twice, or one of another lane, throws OutboxConflict", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lease = await leaseOf(outbox);
    const other = await leaseOf(outbox, "elsewhere");
    const notificationIds = (await lookAt(outbox, lease)).pending.map(({ id }) => id);

    await assert.rejects(outbox.plan(other, { ...telling, notificationIds, bodies: ["b"] }), OutboxConflict);
    await outbox.plan(lease, { ...telling, notificationIds, bodies: ["b"] });
    await assert.rejects(outbox.plan(lease, { ...telling, notificationIds, bodies: ["b"] }), OutboxConflict);

    assert.equal((await messagesOf(outbox, lease)).length, 1);
  });

  it("a thousand notifications are planned at once", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept(
      Array.from({ length: 1_000 }, () => notification()),
      roomy,
    );
    const lease = await leaseOf(outbox);

    await planAll(outbox, lease);

    assert.deepEqual((await lookAt(outbox, lease)).pending, []);
    assert.deepEqual(await outbox.backlog(), [
      { bot: "ops", notifications: 1_000, oldestAcceptedAt: roomy.acceptedAt },
    ]);
  });
}

function takingBack(create: CreateStorage): void {
  it("a telling taken back leaves its notifications waiting as they were", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification(), notification({ urgent: true, alerts: 2 })], roomy);
    const lease = await leaseOf(outbox);
    const before = await lookAt(outbox, lease);
    await planAll(outbox, lease, ["one", "two"]);

    await outbox.retract(lease, (await firstMessage(outbox, lease)).tellingId);

    assert.deepEqual(await lookAt(outbox, lease), before);
    assert.equal((await outbox.backlog())[0]?.notifications, 2);
  });

  const again = { kind: "again", notBeforeAt: 5_000, reason: "busy" } as const;
  const cases = [
    { after: "a refusal that is to be repeated", outcome: { ...again, inDoubt: false }, retractable: true },
    { after: "an attempt in doubt", outcome: { ...again, inDoubt: true }, retractable: false },
    { after: "a part was sent", outcome: { kind: "sent" }, retractable: false },
    { after: "a part died", outcome: { kind: "dead", reason: "badContent" }, retractable: true },
  ] as const;
  for (const { after, outcome, retractable } of cases) {
    it(`after ${after} a telling ${retractable ? "may" : "may not"} be taken back`, async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await planned(outbox, ["one", "two"]);
      const { tellingId } = await firstMessage(outbox, lease);
      const begun = await beginFirst(outbox, lease);

      const whileSending = outbox.retract(lease, tellingId);
      await assert.rejects(whileSending, NotRetractable);
      assert.deepEqual(
        (await messagesOf(outbox, lease)).map((message) => message.retractable),
        [false, false],
      );
      await outbox.settle(lease, { ...begun, outcome });

      assert.ok((await messagesOf(outbox, lease)).every((message) => message.retractable === retractable));
      if (retractable) await outbox.retract(lease, tellingId);
      else await assert.rejects(outbox.retract(lease, tellingId), NotRetractable);
    });
  }

  it("a telling that is settled, unknown or of another lane can not be taken back", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    const { tellingId } = await firstMessage(outbox, lease);
    const other = await leaseOf(outbox, "elsewhere");

    await assert.rejects(outbox.retract(other, tellingId), NotRetractable);
    await assert.rejects(outbox.retract(lease, 99_999), NotRetractable);
    await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome: { kind: "dead", reason: "tooLong" } });
    await assert.rejects(outbox.retract(lease, tellingId), NotRetractable);
  });
}

function beginning(create: CreateStorage): void {
  it("a message begun is being sent, with what really left as its body", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    const { id } = await firstMessage(outbox, lease);

    await outbox.begin(lease, { messageId: id, keyId: "key", startedAt: 3_000, body: "body, possibly repeated" });

    const { messages, attempts } = await lookAt(outbox, lease);
    assert.deepEqual(
      messages.map(({ state, tries, body }) => ({ state, tries, body })),
      [{ state: "sending", tries: 1, body: "body, possibly repeated" }],
    );
    assert.deepEqual(attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: null }]);
  });

  it("only a ready message of the lane can be begun", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    const other = await leaseOf(outbox, "elsewhere");
    const start = { messageId: (await firstMessage(outbox, lease)).id, keyId: "key", startedAt: 3_000, body: "b" };

    await assert.rejects(outbox.begin(other, start), OutboxConflict);
    await assert.rejects(outbox.begin(lease, { ...start, messageId: 99_999 }), OutboxConflict);
    await outbox.begin(lease, start);
    await assert.rejects(outbox.begin(lease, start), OutboxConflict);

    assert.equal((await lookAt(outbox, lease)).attempts.length, 1);
  });
}

function windows(create: CreateStorage): void {
  it("a key's window counts open attempts and those answered in it, of whatever bot", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    for (const startedAt of [1_000, 2_000]) {
      const begun = await beginFirst(outbox, lease, startedAt);
      await outbox.settle(lease, {
        ...begun,
        outcome: { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false },
      });
    }
    await beginFirst(outbox, lease, 3_000);
    const renamed = await leaseOf(outbox, "ops, renamed");

    const { attempts } = await outbox.read(renamed, { keyIds: ["other", "key"], windowStartAt: 1_100, maxHeads: 1 });
    const ofOthers = await outbox.read(lease, { keyIds: ["other"], windowStartAt: 0, maxHeads: 1 });

    assert.deepEqual(attempts, [
      { keyId: "key", startedAt: 2_000, answeredAt: 2_100 },
      { keyId: "key", startedAt: 3_000, answeredAt: null },
    ]);
    assert.deepEqual(ofOthers.attempts, []);
  });

  it("attempts and the states of keys outlive a restart", async (t) => {
    const desk = await openDesk(t, create);
    const lease = await planned(desk.outbox);
    const key = { keyId: "key", holdUntilAt: 70_000, offReason: "keyInvalid", probeAt: 9_000, failures: 2 } as const;
    const outcome = { kind: "again", notBeforeAt: 8_000, reason: "rateLimited", inDoubt: false } as const;
    await desk.outbox.settle(lease, { ...(await beginFirst(desk.outbox, lease)), outcome, key });

    const outbox = await desk.reopen();

    const work = await lookAt(outbox, await leaseOf(outbox, "ops", "second", 1e9));
    assert.deepEqual(work.attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: 3_100 }]);
    assert.deepEqual(work.keys, [key]);
    assert.equal(work.messages[0]?.notBeforeAt, 8_000);
    assert.equal(work.messages[0]?.lastReason, "rateLimited");
  });

  it("a key has no state until it is given one; null leaves it as it is", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lease = await planned(outbox);
    const key = { keyId: "key", holdUntilAt: 1, offReason: null, probeAt: 0, failures: 0 };
    const outcome = { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false } as const;

    const before = (await lookAt(outbox, lease)).keys;
    await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome, key });
    await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome, key: null });
    const after = (await lookAt(outbox, lease)).keys;

    assert.deepEqual(before, []);
    assert.deepEqual(after, [key]);
  });
}
