// When a delivery may be taken back, and what is left then.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NotRetractable } from "../../../src/outbox/errors.ts";
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

export function retractContract(create: CreateStorage): void {
  describe("retract", () => {
    it("after a retract the notifications wait as before", async (t) => {
      const { outbox } = await openDesk(t, create);
      await outbox.accept([notification(), notification({ urgent: true, alerts: 2 })], roomy);
      const lease = await leaseOf(outbox);
      const before = await lookAt(outbox, lease);
      await planAll(outbox, lease, ["one", "two"]);

      await outbox.retract(lease, (await firstMessage(outbox, lease)).deliveryId);

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
      it(`after ${after} a delivery ${retractable ? "may" : "may not"} be taken back`, async (t) => {
        const { outbox } = await openDesk(t, create);
        const lease = await planned(outbox, ["one", "two"]);
        const { deliveryId } = await firstMessage(outbox, lease);
        const begun = await beginFirst(outbox, lease);

        const whileSending = outbox.retract(lease, deliveryId);
        await assert.rejects(whileSending, NotRetractable);
        assert.deepEqual(
          (await messagesOf(outbox, lease)).map((message) => message.retractable),
          [false, false],
        );
        await outbox.settle(lease, { ...begun, outcome });

        assert.ok((await messagesOf(outbox, lease)).every((message) => message.retractable === retractable));
        if (retractable) await outbox.retract(lease, deliveryId);
        else await assert.rejects(outbox.retract(lease, deliveryId), NotRetractable);
      });
    }

    it("a delivery that is settled, unknown or of another lane cannot be taken back", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lease = await planned(outbox);
      const { deliveryId } = await firstMessage(outbox, lease);
      const other = await leaseOf(outbox, "elsewhere");

      await assert.rejects(outbox.retract(other, deliveryId), NotRetractable);
      await assert.rejects(outbox.retract(lease, 99_999), NotRetractable);
      await outbox.settle(lease, {
        ...(await beginFirst(outbox, lease)),
        outcome: { kind: "dead", reason: "tooLong" },
      });
      await assert.rejects(outbox.retract(lease, deliveryId), NotRetractable);
    });
  });
}
