// How much may wait, and how listeners learn of new work.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { routedGroupText, storedGroupText } from "../../../src/domain/notification.ts";
import { answerFirst, type CreateStorage, notification, openDesk, planned, roomy } from "./storage.ts";

export function limitContract(create: CreateStorage): void {
  describe("limits and listeners", () => {
    limits(create);
    listeners(create);
  });
}

function limits(create: CreateStorage): void {
  it("a call that would exceed the number is refused as a whole; a smaller one still fits", async (t) => {
    const { outbox } = await openDesk(t, create);
    const three = { ...roomy, maxNotifications: 3 };
    await outbox.accept([notification(), notification()], three);

    const tooMany = await outbox.accept([notification(), notification()], three);
    const justFits = await outbox.accept([notification()], three);
    const overflow = await outbox.accept([notification()], three);

    assert.deepEqual([tooMany.kind, justFits.kind, overflow.kind], ["full", "stored", "full"]);
    assert.deepEqual((await outbox.backlog())[0]?.notifications, 3);
  });

  it("bytes are limited as well", async (t) => {
    const { outbox } = await openDesk(t, create);
    const one = notification();
    const maxBytes = 2 * Buffer.byteLength(storedGroupText(routedGroupText(one.routed), roomy.sender)) + 40;

    const results = await Promise.all(
      [one, notification(), notification()].map((n) => outbox.accept([n], { ...roomy, maxBytes })),
    );

    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["stored", "stored", "full"],
    );
  });

  it("a full outbox accepts duplicates", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification({ dedup: "same" })], { ...roomy, maxNotifications: 1 });

    const again = await outbox.accept([notification({ dedup: "same" })], { ...roomy, maxNotifications: 1 });

    assert.deepEqual(again, { kind: "stored", stored: 0, duplicates: 1 });
  });

  it("planned notifications count, settled ones do not", async (t) => {
    const desk = await openDesk(t, create);
    const one = { ...roomy, maxNotifications: 1 };
    const lane = await planned(desk.outbox);

    const whilePlanned = await desk.outbox.accept([notification()], one);
    await answerFirst(lane, { kind: "sent" });
    const afterwards = await desk.outbox.accept([notification()], one);
    const outbox = await desk.reopen();
    const afterRestart = await outbox.accept([notification()], one);

    assert.deepEqual([whilePlanned.kind, afterwards.kind, afterRestart.kind], ["full", "stored", "full"]);
  });
}

function listeners(create: CreateStorage): void {
  it("listeners are called with the bots that got work, once it can be read, and not after they stopped", async (t) => {
    const { outbox } = await openDesk(t, create);
    const notified: string[][] = [];
    const stop = outbox.onWork((bots, origin) => {
      if (origin === "here") notified.push([...bots].sort());
    });

    await outbox.accept([notification({ bot: "b" }), notification({ bot: "a" }), notification({ bot: "a" })], roomy);
    await outbox.accept([notification({ dedup: "x" })], { ...roomy, maxNotifications: 0 });
    stop();
    await outbox.accept([notification()], roomy);

    assert.deepEqual(notified, [["a", "b"]]);
  });

  it("a listener that throws does not affect accept or the next listener", async (t) => {
    const { outbox } = await openDesk(t, create);
    const notified: string[] = [];
    outbox.onWork(() => {
      throw new Error("a listener's own trouble");
    });
    outbox.onWork((bots, origin) => {
      if (origin === "here") notified.push(...bots);
    });

    const result = await outbox.accept([notification()], roomy);

    assert.equal(result.kind, "stored");
    assert.deepEqual(notified, ["ops"]);
  });
}
