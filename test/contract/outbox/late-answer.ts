// What an answer may still change when its attempt was given up or answered before.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { MessageOutcome } from "../../../src/outbox/store.ts";
import {
  beginFirst,
  type CreateStorage,
  firstMessage,
  leaseOf,
  lookAt,
  messagesOf,
  muchLater,
  openDesk,
  planned,
} from "./storage.ts";

export function lateAnswerContract(create: CreateStorage): void {
  describe("a late answer", () => {
    it("`sent`, late, still settles a message that waits, and moves its slot to the answer", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await planned(outbox);
      const begun = await beginFirst(outbox, lease);
      await outbox.discover(lease, 5_000);

      const settled = await outbox.settle(lease, { ...begun, answeredAt: 6_000, outcome: { kind: "sent" } });

      const { messages, attempts } = await lookAt(outbox, lease);
      assert.equal(settled?.notifications, 1);
      assert.deepEqual(messages, []);
      assert.deepEqual(attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: 6_000 }]);
    });

    const others: readonly MessageOutcome[] = [
      { kind: "again", notBeforeAt: 90_000, reason: "busy", inDoubt: false },
      { kind: "dead", reason: "badContent" },
      { kind: "replaced", bodies: ["x", "y"], reason: "tooLong" },
    ];
    for (const outcome of others) {
      it(`\`${outcome.kind}\`, late, leaves the message in doubt and its slot at the later instant`, async (t) => {
        const { outbox } = await openDesk(t, create);
        const lease = await planned(outbox);
        const begun = await beginFirst(outbox, lease);
        await outbox.discover(lease, 5_000);
        const before = await messagesOf(outbox, lease);

        const settled = await outbox.settle(lease, { ...begun, answeredAt: 4_000, outcome });

        const { messages, attempts } = await lookAt(outbox, lease);
        assert.equal(settled, null);
        assert.deepEqual(messages, before);
        assert.equal(attempts[0]?.answeredAt, 5_000);
      });
    }

    it("a late answer does not disturb the attempt that runs, whose own answer counts", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await planned(outbox);
      const old = await beginFirst(outbox, lease, 3_000);
      await outbox.discover(lease, 5_000);
      const running = await beginFirst(outbox, lease, 6_000);

      const late = await outbox.settle(lease, { ...old, answeredAt: 6_050, outcome: { kind: "sent" } });
      const stillSending = (await firstMessage(outbox, lease)).state;
      const own = await outbox.settle(lease, { ...running, outcome: { kind: "sent" } });

      assert.equal(late, null);
      assert.equal(stillSending, "sending");
      assert.equal(own?.notifications, 1);
    });

    it("settling twice is the same as settling once", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await planned(outbox, ["one", "two"]);
      const settlement = { ...(await beginFirst(outbox, lease)), outcome: { kind: "sent" } } as const;

      await outbox.settle(lease, settlement);
      const before = await lookAt(outbox, lease);
      await outbox.settle(lease, settlement);

      assert.deepEqual(await lookAt(outbox, lease), before);
    });

    it("a late answer to a delivery that was settled or taken back changes nothing but its slot", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await planned(outbox);
      const begun = await beginFirst(outbox, lease);
      await outbox.settle(lease, {
        ...begun,
        outcome: { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false },
      });
      await outbox.retract(lease, (await firstMessage(outbox, lease)).deliveryId);

      const late = await outbox.settle(lease, { ...begun, answeredAt: 7_000, outcome: { kind: "sent" } });

      const { pending, attempts } = await lookAt(outbox, lease);
      assert.equal(late, null);
      assert.equal(pending.length, 1);
      assert.equal(attempts[0]?.answeredAt, 7_000);
    });
  });

  describe("an answer to a holder that lost the lease", () => {
    const off = { keyId: "key", holdUntilAt: 1, offReason: "keyInvalid", probeAt: 1, failures: 1 } as const;

    for (const found of [false, true]) {
      it(`\`sent\` is recorded, the key's state is not; the attempt was ${found ? "" : "not "}found before`, async (t) => {
        const { outbox } = await openDesk(t, create);
        const lost = await planned(outbox);
        const begun = await beginFirst(outbox, lost);
        const next = await leaseOf(outbox, "ops", "next", muchLater);
        if (found) await outbox.discover(next, muchLater);

        const settled = await outbox.settle(lost, { ...begun, answeredAt: 6_000, outcome: { kind: "sent" }, key: off });

        const { messages, attempts, keys } = await lookAt(outbox, next);
        assert.equal(settled?.notifications, 1);
        assert.deepEqual([messages, keys], [[], []]);
        assert.equal(attempts[0]?.answeredAt, found ? muchLater : 6_000);
        assert.equal(await outbox.discover(next, muchLater), 0);
      });
    }

    it("after any other answer the next holder finds the message in doubt, with its slot at the answer", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lost = await planned(outbox);
      const begun = await beginFirst(outbox, lost);
      const next = await leaseOf(outbox, "ops", "next", muchLater);

      const outcome = { kind: "dead", reason: "badContent" } as const;
      const settled = await outbox.settle(lost, { ...begun, answeredAt: 6_000, outcome });

      assert.equal(settled, null);
      assert.equal(await outbox.discover(next, muchLater), 1);
      const { messages, attempts } = await lookAt(outbox, next);
      assert.deepEqual(
        messages.map(({ state, inDoubt }) => ({ state, inDoubt })),
        [{ state: "ready", inDoubt: true }],
      );
      assert.equal(attempts[0]?.answeredAt, 6_000);
    });
  });
}
