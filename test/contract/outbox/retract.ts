// When a delivery may be taken back, and what is left then.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NotRetractable } from "../../../src/outbox/errors.ts";
import {
  answerFirst,
  assertStored,
  beginFirst,
  type CreateStorage,
  firstMessage,
  laneOf,
  lookAt,
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
      const lane = await laneOf(outbox);
      const before = lookAt(lane);
      await planAll(lane, ["one", "two"]);

      await lane.retract(firstMessage(lane).deliveryId);

      // The delivery was urgent, and it was planned all the same.
      assert.deepEqual(lookAt(lane), { ...before, lastUrgentAt: 2_000 });
      await assertStored(outbox, lane);
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
        const lane = await planned(outbox, ["one", "two"]);
        const { deliveryId } = firstMessage(lane);
        const begun = await beginFirst(lane);

        const whileSending = lane.retract(deliveryId);
        await assert.rejects(whileSending, NotRetractable);
        assert.deepEqual(
          lookAt(lane).messages.map((message) => message.retractable),
          [false, false],
        );
        await lane.settle({ ...begun, outcome });

        assert.ok(lookAt(lane).messages.every((message) => message.retractable === retractable));
        if (retractable) await lane.retract(deliveryId);
        else await assert.rejects(lane.retract(deliveryId), NotRetractable);
        assert.equal(lookAt(lane).pending.length, retractable ? 1 : 0);
        await assertStored(outbox, lane);
      });
    }

    it("a delivery of which a later part was sent before the first cannot be taken back", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox, ["one", "two"]);
      const [first, last] = lookAt(lane).messages;
      const messageId = last?.id ?? 0;
      const attemptId = await lane.begin({ messageId, keyId: "key", startedAt: 3_000, upload: false });
      await lane.settle({
        attemptId,
        messageId,
        answeredAt: 3_100,
        outcome: { kind: "sent" },
        errcode: null,
        key: null,
      });

      await assert.rejects(lane.retract(first?.deliveryId ?? 0), NotRetractable);

      assert.equal(firstMessage(lane).retractable, false);
      await assertStored(outbox, lane);
    });

    it("a delivery that is settled, unknown or of another lane cannot be taken back", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox);
      const { deliveryId } = firstMessage(lane);
      const other = await laneOf(outbox, "elsewhere");

      await assert.rejects(other.retract(deliveryId), NotRetractable);
      await assert.rejects(lane.retract(99_999), NotRetractable);
      await answerFirst(lane, { kind: "dead", reason: "tooLong" });
      await assert.rejects(lane.retract(deliveryId), NotRetractable);
    });
  });
}
