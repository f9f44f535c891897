// What an answer may still change when its attempt was given up or answered before, or when its lane was lost.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LaneLost } from "../../../src/outbox/errors.ts";
import type { MessageOutcome } from "../../../src/outbox/lane.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import {
  answerFirst,
  assertStored,
  beginFirst,
  type CreateStorage,
  firstMessage,
  laneOf,
  lookAt,
  muchLater,
  openDesk,
  planned,
} from "./storage.ts";

export function lateAnswerContract(create: CreateStorage): void {
  describe("a late answer", () => lateAnswers(create));
  describe("an answer to a holder that lost the lane", () => lostAnswers(create));
}

const again = { kind: "again", notBeforeAt: 0, reason: "answerNeverSeen", inDoubt: true } as const;

/** An attempt without an answer in time: the message waits, in doubt. */
async function givenUp(outbox: Outbox) {
  const lane = await planned(outbox);
  const begun = await beginFirst(lane);
  await lane.settle({ ...begun, answeredAt: 5_000, outcome: again });
  return { lane, begun };
}

function lateAnswers(create: CreateStorage): void {
  it("`sent`, late, still settles a message that waits, and moves its slot to the answer", async (t) => {
    const { outbox } = await openDesk(t, create);
    const { lane, begun } = await givenUp(outbox);

    const settled = await lane.settle({ ...begun, answeredAt: 6_000, outcome: { kind: "sent" } });

    const { messages, attempts } = lookAt(lane);
    assert.equal(settled?.notifications, 1);
    assert.deepEqual(messages, []);
    assert.deepEqual(attempts, [{ keyId: "key", startedAt: 3_000, answeredAt: 6_000 }]);
    await assertStored(outbox, lane);
    assert.deepEqual(await outbox.backlog(), []);
  });

  const others: readonly MessageOutcome[] = [
    { kind: "again", notBeforeAt: 90_000, reason: "busy", inDoubt: false },
    { kind: "dead", reason: "badContent" },
    { kind: "replaced", bodies: ["x", "y"], reason: "tooLong" },
  ];
  for (const outcome of others) {
    it(`\`${outcome.kind}\`, late, leaves the message in doubt and its slot at the later instant`, async (t) => {
      const { outbox } = await openDesk(t, create);
      const { lane, begun } = await givenUp(outbox);
      const before = lookAt(lane).messages;

      const settled = await lane.settle({ ...begun, answeredAt: 4_000, outcome });

      const { messages, attempts } = lookAt(lane);
      assert.equal(settled, null);
      assert.deepEqual(messages, before);
      assert.equal(attempts[0]?.answeredAt, 5_000);
      await assertStored(outbox, lane);
    });
  }

  for (const outcome of [{ kind: "sent" }, { kind: "dead", reason: "badContent" }] as const) {
    it(`\`${outcome.kind}\`, late, does not disturb the attempt that runs, whose own answer counts`, async (t) => {
      const { outbox } = await openDesk(t, create);
      const { lane, begun: old } = await givenUp(outbox);
      const running = await beginFirst(lane, 6_000);

      const late = await lane.settle({ ...old, answeredAt: 6_050, outcome });
      const stillSending = firstMessage(lane).state;
      const own = await lane.settle({ ...running, outcome: { kind: "sent" } });

      assert.equal(late, null);
      assert.equal(stillSending, "sending");
      assert.equal(own?.notifications, 1);
      await assertStored(outbox, lane);
    });
  }

  it("`sent`, late, does not take a message that died off the list", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox, ["one", "two"]);
    const old = await beginFirst(lane);
    await lane.settle({ ...old, outcome: again });
    await answerFirst(lane, { kind: "dead", reason: "badContent" }, 6_000);

    const late = await lane.settle({ ...old, answeredAt: 7_000, outcome: { kind: "sent" } });
    const settled = await answerFirst(await laneOf(outbox), { kind: "sent" }, 8_000);

    assert.equal(late, null);
    assert.deepEqual(settled?.failures, ["badContent"]);
    const [dead] = await outbox.dead({ maxDeliveries: 1 });
    assert.deepEqual(
      dead?.parts.map(({ body }) => body),
      ["one"],
    );
  });

  it("settling twice is the same as settling once", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox, ["one", "two"]);
    const settlement = { ...(await beginFirst(lane)), outcome: { kind: "sent" } } as const;

    await lane.settle(settlement);
    const before = lookAt(lane);
    await lane.settle(settlement);

    assert.deepEqual(lookAt(lane), before);
    await assertStored(outbox, lane);
  });

  it("a late answer to a delivery that was settled or taken back changes nothing but its slot", async (t) => {
    const { outbox } = await openDesk(t, create);
    const lane = await planned(outbox);
    const begun = await beginFirst(lane);
    await lane.settle({ ...begun, outcome: { kind: "again", notBeforeAt: 0, reason: "busy", inDoubt: false } });
    await lane.retract(firstMessage(lane).deliveryId);

    const late = await lane.settle({ ...begun, answeredAt: 7_000, outcome: { kind: "sent" } });

    const { pending, attempts } = lookAt(lane);
    assert.equal(late, null);
    assert.equal(pending.length, 1);
    assert.equal(attempts[0]?.answeredAt, 7_000);
    await assertStored(outbox, lane);
  });
}

/** A request is in flight when another holder reads the lane: it finds the message in doubt. */
async function lostInFlight(outbox: Outbox) {
  const lost = await planned(outbox);
  const begun = await beginFirst(lost);
  const next = await laneOf(outbox, "ops", { now: 5_000 });
  assert.equal(next.inDoubt, 1);
  return { lost, begun, next };
}

const off = { keyId: "key", holdUntilAt: 1, offReason: "keyInvalid", probeAt: 1, failures: 1, sentAt: 0 } as const;

function lostAnswers(create: CreateStorage): void {
  it("`sent` is recorded, the key's state is not, and the lane knows that it is lost", async (t) => {
    const { outbox } = await openDesk(t, create);
    const { lost, begun } = await lostInFlight(outbox);

    const settled = await lost.settle({ ...begun, answeredAt: 6_000, outcome: { kind: "sent" }, key: off });

    assert.equal(settled, null, "whoever reads the lane next reports the delivery");
    assert.ok(lost.isOutOfDate());
    const reader = await laneOf(outbox, "ops", { now: muchLater });
    assert.deepEqual(
      reader.recovered.map(({ notifications, failures }) => ({ notifications, failures })),
      [{ notifications: 1, failures: [] }],
    );
    assert.deepEqual([lookAt(reader).messages, lookAt(reader).pending, lookAt(reader).keys], [[], [], []]);
    assert.deepEqual(await outbox.backlog(), []);
    assert.deepEqual((await laneOf(outbox)).recovered, [], "reported once");
  });

  it("after `sent` the present holder cannot send the message again", async (t) => {
    const { outbox } = await openDesk(t, create);
    const { lost, begun, next } = await lostInFlight(outbox);
    await lost.settle({ ...begun, answeredAt: 6_000, outcome: { kind: "sent" } });

    await assert.rejects(beginFirst(next, 7_000), LaneLost);

    assert.ok(next.isOutOfDate());
    assert.equal((await laneOf(outbox)).recovered.length, 1);
  });

  it("its slot is at the later of the answer and the instant at which the message was found", async (t) => {
    for (const [answeredAt, expected] of [
      [4_000, 5_000],
      [6_000, 6_000],
    ] as const) {
      const { outbox } = await openDesk(t, create);
      const { lost, begun } = await lostInFlight(outbox);

      await lost.settle({ ...begun, answeredAt, outcome: { kind: "sent" } });

      assert.equal(lookAt(await laneOf(outbox)).attempts[0]?.answeredAt, expected);
    }
  });

  const others: readonly MessageOutcome[] = [
    { kind: "again", notBeforeAt: 90_000, reason: "busy", inDoubt: false },
    { kind: "dead", reason: "badContent" },
    { kind: "replaced", bodies: ["x", "y"], reason: "tooLong" },
  ];
  for (const outcome of others) {
    it(`\`${outcome.kind}\` changes nothing but the slot: the present holder has the message`, async (t) => {
      const { outbox } = await openDesk(t, create);
      const { lost, begun, next } = await lostInFlight(outbox);

      const settled = await lost.settle({ ...begun, answeredAt: 6_000, outcome, key: off });

      assert.equal(settled, null);
      assert.equal(next.isOutOfDate(), false);
      const { messages, attempts, keys } = lookAt(await laneOf(outbox));
      assert.deepEqual(messages, lookAt(next).messages);
      assert.deepEqual(
        messages.map(({ state, inDoubt, body }) => ({ state, inDoubt, body })),
        [{ state: "ready", inDoubt: true, body: "body" }],
      );
      assert.equal(attempts[0]?.answeredAt, 6_000);
      assert.deepEqual(keys, []);
      await beginFirst(next, 7_000);
    });
  }
}
