// Leases: one holder per lane, and a fence before every write of a holder that lost it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LeaseLost } from "../../../src/outbox/errors.ts";
import type { Lease, Outbox } from "../../../src/outbox/store.ts";
import {
  beginFirst,
  type CreateStorage,
  firstMessage,
  leaseOf,
  lookAt,
  notification,
  openDesk,
  planned,
  roomy,
} from "./storage.ts";

export function leaseContract(create: CreateStorage): void {
  describe("leases", () => {
    holders(create);
    fences(create);
  });
}

function holders(create: CreateStorage): void {
  const claim = (owner: string, now: number) => ({ owner, now, untilAt: now + 1_000 });

  it("a lane has one holder until the lease expires; its owner may keep it", async (t) => {
    const { outbox } = await openDesk(t, create);

    const taken = await outbox.lease("ops", claim("a", 0));
    const refused = await outbox.lease("ops", claim("b", 999));
    const kept = await outbox.lease("ops", claim("a", 999));
    const refusedAgain = await outbox.lease("ops", claim("b", 1_998));
    const takenOver = await outbox.lease("ops", claim("b", 1_999));
    const elsewhere = await outbox.lease("dba", claim("c", 0));

    assert.deepEqual([refused, refusedAgain], [null, null]);
    assert.deepEqual(kept, taken);
    assert.equal(takenOver?.owner, "b");
    assert.ok((takenOver?.token ?? 0) > (taken?.token ?? 0));
    assert.equal(elsewhere?.bot, "dba");
  });

  it("an expired lease that no other owner took is kept by its owner", async (t) => {
    const { outbox } = await openDesk(t, create);
    const taken = await outbox.lease("ops", claim("a", 0));

    const kept = await outbox.lease("ops", claim("a", 50_000));

    assert.deepEqual(kept, taken);
  });

  it("of many claims at once one succeeds", async (t) => {
    const { outbox } = await openDesk(t, create);

    const leases = await Promise.all(["a", "b", "c", "d"].map((owner) => outbox.lease("ops", claim(owner, 0))));

    assert.equal(leases.filter((lease) => lease !== null).length, 1);
  });

  it("a released lane is free at once, and the same owner's next lease has a new token", async (t) => {
    const { outbox } = await openDesk(t, create);
    const first = await leaseOf(outbox);

    await outbox.release(first);
    const second = await leaseOf(outbox);
    await outbox.release(first);
    const other = await outbox.lease("ops", claim("other", 0));

    assert.ok(second.token > first.token);
    assert.equal(other, null, "releasing a lost lease does nothing");
  });

  it("tokens grow across restarts", async (t) => {
    const desk = await openDesk(t, create);
    const before = await leaseOf(desk.outbox);

    const outbox = await desk.reopen();
    const after = await leaseOf(outbox, "ops", "second", 1e9);

    assert.ok(after.token > before.token);
  });
}

function fences(create: CreateStorage): void {
  const writes: Record<string, (outbox: Outbox, lost: Lease, ids: Ids) => Promise<unknown>> = {
    plan: (outbox, lost, { pendingId }) =>
      outbox.plan(lost, {
        mode: "full",
        urgent: false,
        notificationIds: [pendingId],
        alerts: 1,
        parts: [{ body: "b", media: null }],
        plannedAt: 1,
      }),
    retract: (outbox, lost, { deliveryId }) => outbox.retract(lost, deliveryId),
    begin: (outbox, lost, { readyId }) =>
      outbox.begin(lost, { messageId: readyId, keyId: "key", startedAt: 1, body: "changed" }),
    discover: (outbox, lost) => outbox.discover(lost, 9),
  };
  for (const [name, write] of Object.entries(writes)) {
    it(`${name} by a holder that lost the lease throws LeaseLost and changes nothing`, async (t) => {
      const { outbox } = await openDesk(t, create);
      const { lost, ids } = await busyLane(outbox);
      const holder = await leaseOf(outbox, "ops", "second", 1e9);
      const before = await lookAt(outbox, holder);

      await assert.rejects(write(outbox, lost, ids), LeaseLost);

      assert.deepEqual(await lookAt(outbox, holder), before);
    });
  }
}

interface Ids {
  readonly pendingId: number;
  readonly deliveryId: number;
  readonly readyId: number;
}

/** One notification waits, one is planned in two parts, the first of them is being sent. */
async function busyLane(outbox: Outbox): Promise<{ readonly lost: Lease; readonly ids: Ids }> {
  const lost = await planned(outbox, ["one", "two"]);
  await outbox.accept([notification()], roomy);
  const { deliveryId } = await firstMessage(outbox, lost);
  await beginFirst(outbox, lost);
  const { pending, messages } = await lookAt(outbox, lost);
  const ids = { pendingId: pending[0]?.id ?? 0, deliveryId, readyId: messages[1]?.id ?? 0 };
  return { lost, ids };
}
