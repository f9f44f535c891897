// Death between any two steps: what the next holder finds. Nothing is lost, and nothing is delivered twice without a mark.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HeldLane } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  beginFirst,
  type CreateStorage,
  laneOf,
  lookAt,
  notification,
  openDesk,
  planAll,
  planned,
  roomy,
} from "./storage.ts";

/** Sooner than any request must have ended. */
const later = 300_000;

type Step = (outbox: Outbox, lane: HeldLane) => Promise<unknown>;

const accept: Step = (outbox) => outbox.accept([notification()], roomy);
const plan: Step = (_, lane) => planAll(lane, ["one", "two"]);
const begin: Step = (_, lane) => beginFirst(lane);
const send: Step = (_, lane) => answerFirst(lane, { kind: "sent" });

interface Found {
  readonly pending: number;
  /** Body and doubt of what waits to be sent. */
  readonly messages: readonly string[];
  readonly inDoubt: number;
}

const cases: readonly { readonly after: string; readonly steps: readonly Step[]; readonly found: Found }[] = [
  { after: "accept", steps: [accept], found: { pending: 1, messages: [], inDoubt: 0 } },
  { after: "plan", steps: [accept, plan], found: { pending: 0, messages: ["one", "two"], inDoubt: 0 } },
  { after: "begin", steps: [accept, plan, begin], found: { pending: 0, messages: ["one?", "two"], inDoubt: 1 } },
  { after: "settle", steps: [accept, plan, send], found: { pending: 0, messages: ["two"], inDoubt: 0 } },
  {
    after: "the second begin",
    steps: [accept, plan, send, begin],
    found: { pending: 0, messages: ["two?"], inDoubt: 1 },
  },
  { after: "the last settle", steps: [accept, plan, send, send], found: { pending: 0, messages: [], inDoubt: 0 } },
];

export function crashContract(create: CreateStorage): void {
  describe("a crash", () => {
    for (const { after, steps, found } of cases) {
      it(`after ${after} the next holder finds what it needs`, async (t) => {
        const desk = await openDesk(t, create);
        const dead = await laneOf(desk.outbox);
        for (const step of steps) await step(desk.outbox, dead);

        const outbox = await desk.reopen();
        const lane = await laneOf(outbox, "ops", { now: later });

        const { pending, messages } = lookAt(lane);
        assert.deepEqual(
          {
            pending: pending.length,
            messages: messages.map(({ body, inDoubt }) => (inDoubt ? `${body}?` : body)),
            inDoubt: lane.inDoubt,
          },
          found,
        );
        assert.deepEqual(lane.recovered, []);
        const again = await laneOf(outbox, "ops", { now: later });
        assert.equal(again.inDoubt, 0, "found once");
        assert.deepEqual(lookAt(again), lookAt(lane));
      });
    }

    it("an attempt without an answer counts from its discovery, and its delivery cannot be taken back", async (t) => {
      const desk = await openDesk(t, create);
      const dead = await laneOf(desk.outbox);
      for (const step of [accept, plan, begin]) await step(desk.outbox, dead);

      const lane = await laneOf(await desk.reopen(), "ops", { now: later });

      const { attempts, messages } = lookAt(lane);
      assert.deepEqual(attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: later }]);
      assert.deepEqual(
        messages.map(({ retractable, lastReason, state, tries }) => ({ retractable, lastReason, state, tries })),
        [
          { retractable: false, lastReason: "answerNeverSeen", state: "ready", tries: 1 },
          { retractable: false, lastReason: null, state: "ready", tries: 0 },
        ],
      );
    });

    it("an attempt is found whatever its key is called now, and however long ago it was begun", async (t) => {
      const desk = await openDesk(t, create);
      const dead = await laneOf(desk.outbox);
      for (const step of [accept, plan, begin]) await step(desk.outbox, dead);

      const outbox = await desk.reopen();
      const lane = await laneOf(outbox, "ops", { keyIds: ["another"], now: outbox.now() });

      assert.equal(lane.inDoubt, 1);
      assert.equal(lookAt(lane).messages[0]?.state, "ready");
    });

    it("a delivery of several parts goes on with the first that was not sent, with the key of those before", async (t) => {
      const desk = await openDesk(t, create);
      const dead = await planned(desk.outbox, ["one", "two", "three", "four"]);
      await answerFirst(dead, { kind: "sent" });
      await answerFirst(dead, { kind: "sent" });
      const before = lookAt(dead).messages;

      const lane = await laneOf(await desk.reopen());

      const { messages } = lookAt(lane);
      assert.deepEqual(messages, before);
      assert.deepEqual(
        messages.map(({ part, body, keyId, retractable }) => ({ part, body, keyId, retractable })),
        [
          { part: 3, body: "three", keyId: "key", retractable: false },
          { part: 4, body: "four", keyId: "key", retractable: false },
        ],
      );
    });

    it("no id is made twice, whatever was opened before", async (t) => {
      const desk = await openDesk(t, create);
      const ids: number[] = [];
      for (const open of [async () => desk.outbox, desk.reopen, desk.reopen]) {
        const outbox = await open();
        await outbox.accept([notification()], roomy);
        const lane = await laneOf(outbox, "ops", { now: later });
        const known = new Set(ids);
        await planAll(lane, ["one", "two"]);
        const made = lookAt(lane).messages.filter(({ id }) => !known.has(id));
        ids.push(...made.map(({ id }) => id), made[0]?.deliveryId ?? 0);
        ids.push((await beginFirst(lane)).attemptId);
      }

      assert.equal(ids.length, 12);
      assert.equal(new Set(ids).size, 12);
    });

    it("only the lane's own messages are found in doubt", async (t) => {
      const { outbox } = await openDesk(t, create);
      const other = await laneOf(outbox, "elsewhere");
      await outbox.accept([notification({ bot: "elsewhere" })], roomy);
      await planAll(other);
      await beginFirst(other);

      const lane = await laneOf(outbox, "ops", { now: 5_000 });

      assert.equal(lane.inDoubt, 0);
      assert.equal(lookAt(other).messages[0]?.state, "sending");
      assert.deepEqual(lookAt(lane).attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: null }]);
    });

    it("closing finishes earlier calls; later calls reject", async (t) => {
      const desk = await openDesk(t, create);
      const { outbox } = desk;
      const lane = await planned(outbox);

      const before = outbox.accept([notification()], roomy);
      const begun = beginFirst(lane);
      await outbox.close();
      const result = await before;
      await begun;
      await assert.rejects(outbox.accept([notification()], roomy));
      await assert.rejects(laneOf(outbox));
      await outbox.close();

      assert.equal(result.kind, "stored");
      const next = await desk.reopen();
      assert.equal((await next.backlog())[0]?.notifications, 2);
      assert.equal((await laneOf(next)).inDoubt, 1);
    });
  });
}
