// After a failure, what waits is tried at once when somebody asks for it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HeldLane, KeyState } from "../../../src/outbox/lane.ts";
import { beginFirst, type CreateStorage, laneOf, lookAt, openDesk, planned } from "./storage.ts";

const muchLater = Date.now() + 3_600_000;

const failed: KeyState = { keyId: "key", holdUntilAt: muchLater, offReason: null, probeAt: 0, failures: 3, sentAt: 0 };
const off: KeyState = {
  keyId: "key",
  holdUntilAt: 0,
  offReason: "keyInvalid",
  probeAt: muchLater,
  failures: 8,
  sentAt: 0,
};
const limited: KeyState = { keyId: "key", holdUntilAt: muchLater, offReason: null, probeAt: 0, failures: 0, sentAt: 0 };

const again = { kind: "again", reason: "connectionError", inDoubt: false } as const;

async function waits(lane: HeldLane, key: KeyState, notBeforeAt: number): Promise<void> {
  const { messageId, attemptId } = await beginFirst(lane);
  const outcome = { ...again, notBeforeAt };
  await lane.settle({ attemptId, messageId, answeredAt: 3_100, outcome, errcode: null, key });
}

const ops = [{ bot: "ops", keyIds: ["key"] }];

export function tryNowContract(create: CreateStorage): void {
  describe("trying again at once", () => {
    for (const [what, key] of [
      ["a key on hold after failures", failed],
      ["a key that is off", off],
    ] as const) {
      it(`${what} may be used, keeps its reason and its failures, and the lane is read again`, async (t) => {
        const { outbox } = await openDesk(t, create);
        const lane = await planned(outbox);
        await waits(lane, key, 0);
        const woken: string[] = [];
        outbox.onWork((bots, origin) => woken.push(`${bots} ${origin}`));

        const tried = await outbox.tryNow(ops);

        assert.deepEqual(tried, ["ops"]);
        assert.ok(woken.includes("ops retry"));
        assert.ok(lane.isOutOfDate());
        const { keys } = lookAt(await laneOf(outbox));
        assert.deepEqual(keys, [{ ...key, holdUntilAt: 0, probeAt: 0 }]);
      });
    }

    it("a message that waits for its retry may be sent", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox);
      await waits(lane, { ...failed, holdUntilAt: 0 }, muchLater);

      assert.deepEqual(await outbox.tryNow(ops), ["ops"]);

      assert.equal(lookAt(await laneOf(outbox)).messages[0]?.notBeforeAt, 0);
    });

    it("a rate limit stays, and so does a lane that waits for nothing", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox);
      await waits(lane, limited, 0);

      assert.deepEqual(await outbox.tryNow(ops), []);

      assert.equal(lane.isOutOfDate(), false);
      assert.deepEqual(lookAt(lane).keys, [limited]);
    });

    it("other bots and other keys stay as they are", async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await planned(outbox);
      await waits(lane, off, muchLater);

      assert.deepEqual(await outbox.tryNow([{ bot: "dba", keyIds: ["other"] }]), []);

      assert.deepEqual(lookAt(lane).keys, [off]);
    });
  });
}
