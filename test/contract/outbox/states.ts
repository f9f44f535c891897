// What the outbox remembers of alerts: the last state that was delivered. And notifications that need no message.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DeliveredState } from "../../../src/domain/instance.ts";
import { OutboxConflict } from "../../../src/outbox/errors.ts";
import type { HeldLane } from "../../../src/outbox/lane.ts";
import { listOfStates } from "../../support/delivered-states.ts";
import {
  answerFirst,
  type CreateStorage,
  endedOf,
  laneOf,
  lookAt,
  muchLater,
  noNews,
  notification,
  openDesk,
  roomy,
} from "./storage.ts";

const firing: DeliveredState = {
  destination: "d",
  identity: "a",
  origin: "http://one",
  status: "firing",
  startsAt: 500,
  deliveredAt: 2_000,
};

/** Plans all that waits, as a delivery that tells this. */
async function planStates(lane: HeldLane, states: readonly DeliveredState[], bodies = ["body"]): Promise<void> {
  await lane.plan({
    mode: "full",
    urgent: false,
    notificationIds: lookAt(lane).pending.map(({ id }) => id),
    ...noNews,
    states: JSON.stringify(states),
    alerts: 1,
    parts: bodies.map((body) => ({ body, media: null })),
    plannedAt: states[0]?.deliveredAt ?? 0,
  });
}

export function stateContract(create: CreateStorage): void {
  describe("delivered states", () => {
    delivered(create);
    suppressed(create);
  });
}

function delivered(create: CreateStorage): void {
  it("are known when the last part was sent, here and to the next process", async (t) => {
    const desk = await openDesk(t, create);
    await desk.outbox.accept([notification()], roomy);
    const lane = await laneOf(desk.outbox);
    await planStates(lane, [firing], ["one", "two"]);
    await answerFirst(lane, { kind: "sent" });
    const before = listOfStates(lane.delivered());

    await answerFirst(lane, { kind: "sent" });

    assert.deepEqual(before, []);
    assert.deepEqual(listOfStates(lane.delivered()), [firing]);
    assert.deepEqual(listOfStates((await laneOf(await desk.reopen())).delivered()), [firing]);
  });

  it("are kept once when a digest tells of one alert twice, the last state", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);
    await planStates(lane, [firing, { ...firing, status: "resolved" }]);

    await answerFirst(lane, { kind: "sent" });

    assert.deepEqual(listOfStates(lane.delivered()), [{ ...firing, status: "resolved" }]);
    assert.deepEqual(listOfStates((await laneOf(outbox)).delivered()), listOfStates(lane.delivered()));
  });

  it("are those of a delivery that another process began", async (t) => {
    const desk = await openDesk(t, create);
    await desk.outbox.accept([notification()], roomy);
    await planStates(await laneOf(desk.outbox), [firing]);

    const lane = await laneOf(await desk.reopen());
    await answerFirst(lane, { kind: "sent" });

    assert.deepEqual(listOfStates(lane.delivered()), [firing]);
  });

  it("are not those of a dead delivery: its alerts are still new", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);
    await planStates(lane, [firing], ["one", "two"]);

    await answerFirst(lane, { kind: "dead", reason: "badContent" });
    await answerFirst(lane, { kind: "sent" });

    assert.deepEqual(listOfStates(lane.delivered()), []);
    assert.deepEqual(listOfStates((await laneOf(outbox)).delivered()), []);
  });

  const next: readonly (readonly [string, Partial<DeliveredState>, number])[] = [
    ["of the same sender replaces it", { status: "resolved", startsAt: 900 }, 1],
    ["of an HA peer, with the same start, replaces it", { origin: "http://peer", status: "resolved" }, 1],
    ["of another cluster stands beside it", { origin: "http://other", startsAt: 900 }, 2],
    ["at another destination stands beside it", { destination: "e" }, 2],
    ["of another alert stands beside it", { identity: "b" }, 2],
    ["without an origin is one of its own", { origin: null, startsAt: null }, 2],
  ];
  for (const [rule, change, expected] of next) {
    it(`a later state ${rule}`, async (t) => {
      const { outbox } = await openDesk(t, create);
      const lane = await laneOf(outbox);
      for (const state of [firing, { ...firing, ...change, deliveredAt: 3_000 }]) {
        await outbox.accept([notification()], roomy);
        await planStates(lane, [state]);
        await answerFirst(lane, { kind: "sent" });
      }

      const states = listOfStates(lane.delivered());
      assert.equal(states.length, expected);
      assert.equal(
        states.some(({ deliveredAt }) => deliveredAt === 3_000),
        true,
      );
      const stored = listOfStates((await laneOf(outbox)).delivered());
      assert.deepEqual(stored.toSorted(byInstant), states.toSorted(byInstant));
    });
  }

  it("are forgotten when the alert was not delivered for long", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], roomy);
    const lane = await laneOf(outbox);
    await planStates(lane, [firing]);
    await answerFirst(lane, { kind: "sent" });

    await outbox.prune({ settledBefore: muchLater, attemptsBefore: 0 });

    assert.deepEqual(listOfStates(lane.delivered()), []);
    assert.deepEqual(listOfStates((await laneOf(outbox)).delivered()), []);
  });
}

function byInstant(one: DeliveredState, other: DeliveredState): number {
  return one.deliveredAt - other.deliveredAt || one.identity.localeCompare(other.identity);
}

function suppressed(create: CreateStorage): void {
  it("a notification that needs no message is settled, and in the history; the others of its plan are delivered", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification(), notification()], roomy);
    const lane = await laneOf(outbox);
    const [first = 0, second = 0] = lookAt(lane).pending.map(({ id }) => id);

    const plan = { ...noNews, mode: "full", urgent: false, alerts: 1, plannedAt: 2_000 } as const;
    await lane.plan({ ...plan, notificationIds: [], suppressedIds: [first], parts: [] });
    const between = (await outbox.backlog())[0]?.notifications;
    await lane.plan({ ...plan, notificationIds: [second], parts: [{ body: "b", media: null }] });

    const history = await endedOf(outbox);
    assert.equal(between, 1);
    assert.deepEqual(
      history.map(({ outcome, flags, endedAt, mode, deliveryId }) => ({ outcome, flags, endedAt, mode, deliveryId })),
      [{ outcome: "not_sent", flags: ["reminder"], endedAt: 2_000, mode: null, deliveryId: null }],
    );
    assert.deepEqual(lookAt(lane).pending, []);
    assert.equal(lookAt(await laneOf(outbox)).messages.length, 1);
    await assert.rejects(
      lane.plan({ ...plan, notificationIds: [], suppressedIds: [first], parts: [] }),
      OutboxConflict,
    );
  });
}
