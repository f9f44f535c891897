// Death between any two steps: what the next holder finds. Nothing is lost, and nothing is delivered twice without a mark.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Lease, Outbox } from "../../../src/outbox/store.ts";
import {
  beginFirst,
  type CreateStorage,
  leaseOf,
  lookAt,
  muchLater,
  notification,
  openDesk,
  planAll,
  roomy,
} from "./storage.ts";

type Step = (outbox: Outbox, lease: Lease) => Promise<unknown>;

const accept: Step = (outbox) => outbox.accept([notification()], roomy);
const plan: Step = (outbox, lease) => planAll(outbox, lease, ["one", "two"]);
const begin: Step = (outbox, lease) => beginFirst(outbox, lease);
const send: Step = async (outbox, lease) =>
  outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome: { kind: "sent" } });

interface Found {
  readonly pending: number;
  /** Body and doubt of what waits to be sent. */
  readonly messages: readonly string[];
  readonly discovered: number;
}

const cases: readonly { readonly after: string; readonly steps: readonly Step[]; readonly found: Found }[] = [
  { after: "accept", steps: [accept], found: { pending: 1, messages: [], discovered: 0 } },
  { after: "plan", steps: [accept, plan], found: { pending: 0, messages: ["one", "two"], discovered: 0 } },
  { after: "begin", steps: [accept, plan, begin], found: { pending: 0, messages: ["one?", "two"], discovered: 1 } },
  { after: "settle", steps: [accept, plan, send], found: { pending: 0, messages: ["two"], discovered: 0 } },
  {
    after: "the second begin",
    steps: [accept, plan, send, begin],
    found: { pending: 0, messages: ["two?"], discovered: 1 },
  },
  { after: "the last settle", steps: [accept, plan, send, send], found: { pending: 0, messages: [], discovered: 0 } },
];

export function crashContract(create: CreateStorage): void {
  describe("a crash", () => {
    for (const { after, steps, found } of cases) {
      it(`after ${after} the next holder finds what it needs`, async (t) => {
        const desk = await openDesk(t, create);
        const dead = await leaseOf(desk.outbox);
        for (const step of steps) await step(desk.outbox, dead);

        const outbox = await desk.reopen();
        const lease = await leaseOf(outbox, "ops", "next", muchLater);
        const discovered = await outbox.discover(lease, muchLater);

        const { pending, messages } = await lookAt(outbox, lease);
        assert.deepEqual(
          {
            pending: pending.length,
            messages: messages.map(({ body, inDoubt }) => (inDoubt ? `${body}?` : body)),
            discovered,
          },
          found,
        );
        assert.equal(await outbox.discover(lease, muchLater), 0, "discovered once");
      });
    }

    it("an attempt without an answer counts from its discovery, and its delivery cannot be taken back", async (t) => {
      const desk = await openDesk(t, create);
      const dead = await leaseOf(desk.outbox);
      for (const step of [accept, plan, begin]) await step(desk.outbox, dead);

      const outbox = await desk.reopen();
      const lease = await leaseOf(outbox, "ops", "next", muchLater);
      const open = (await lookAt(outbox, lease)).attempts;
      await outbox.discover(lease, muchLater);

      const { attempts, messages } = await lookAt(outbox, lease);
      assert.deepEqual(open, [{ keyId: "key", startedAt: 3_000, answeredAt: null }]);
      assert.deepEqual(attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: muchLater }]);
      assert.deepEqual(
        messages.map(({ retractable, lastReason, state }) => ({ retractable, lastReason, state })),
        [
          { retractable: false, lastReason: "answerNeverSeen", state: "ready" },
          { retractable: false, lastReason: null, state: "ready" },
        ],
      );
    });

    it("only the lane's own messages are discovered", async (t) => {
      const { outbox } = await openDesk(t, create);
      const other = await leaseOf(outbox, "elsewhere");
      await outbox.accept([notification({ bot: "elsewhere" })], roomy);
      await planAll(outbox, other);
      await beginFirst(outbox, other);

      const discovered = await outbox.discover(await leaseOf(outbox), 5_000);

      assert.equal(discovered, 0);
      assert.equal((await lookAt(outbox, other)).messages[0]?.state, "sending");
      assert.equal((await lookAt(outbox, other)).attempts[0]?.answeredAt, null);
    });

    it("closing finishes earlier calls; later calls reject", async (t) => {
      const desk = await openDesk(t, create);
      const { outbox } = desk;

      const before = outbox.accept([notification()], roomy);
      await outbox.close();
      const result = await before;
      await assert.rejects(outbox.accept([notification()], roomy));

      assert.equal(result.kind, "stored");
      assert.equal((await (await desk.reopen()).backlog())[0]?.notifications, 1);
    });
  });
}
