// Bots share the limits of the backlog: a full one refuses what is for it, and nothing else. The sender tries again, and nothing is
// stored twice.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { routedGroupText, storedGroupText } from "../../../src/domain/notification.ts";
import type { Outbox } from "../../../src/outbox/store.ts";
import { answerFirst, type CreateStorage, laneOf, notification, openDesk, planAll, roomy } from "./storage.ts";

const minute = 60_000;
const four = { ...roomy, severalBots: true, maxNotifications: 4, dedupWindowMs: 5_000 };

/** With a bot that has as much as it may have. */
async function withFullBot(outbox: Outbox): Promise<void> {
  await outbox.accept([notification({ bot: "full" }), notification({ bot: "full" })], four);
}

/** Of a full bot and another one, from this sender. */
function toBoth(externalURL = "http://a:9093") {
  const one = (bot: string) => notification({ bot, dedup: `for ${bot}`, externalURL });
  return [one("full"), one("other")];
}

const at = (acceptedAt: number) => ({ ...four, acceptedAt });

const withRoomAt = (acceptedAt: number) => ({ ...at(acceptedAt), maxNotifications: 100 });

async function deliverAll(outbox: Outbox, bot: string): Promise<void> {
  const lane = await laneOf(outbox, bot);
  await planAll(lane);
  await answerFirst(lane, { kind: "sent" });
}

async function waiting(outbox: Outbox): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries((await outbox.backlog()).map(({ bot, notifications }) => [bot, notifications]));
}

const partly = (stored: number) => ({ kind: "full", bots: ["full"], stored, duplicates: 1 - stored });
const wholly = (stored: number) => ({ kind: "stored", stored, duplicates: 2 - stored });

export function shareContract(create: CreateStorage): void {
  describe("bots that share the limits", () => {
    shares(create);
    retries(create);
    counts(create);
  });
}

function shares(create: CreateStorage): void {
  it("a full bot refuses its own alerts, and no other bot's", async (t) => {
    const { outbox } = await openDesk(t, create);
    await withFullBot(outbox);

    const results = [
      await outbox.accept([notification({ bot: "full" })], four),
      await outbox.accept([notification({ bot: "other" })], four),
      await outbox.accept([notification({ bot: "other" })], four),
    ];

    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["full", "stored", "full"],
    );
  });

  it("bytes are shared as well", async (t) => {
    const { outbox } = await openDesk(t, create);
    const { sender } = roomy;
    const size = Buffer.byteLength(storedGroupText(routedGroupText(notification({ bot: "full" }).routed), sender)) + 20;
    const limits = { ...four, maxNotifications: 1e6, maxBytes: 4 * size };
    const accept = async (bot: string) => (await outbox.accept([notification({ bot })], limits)).kind;

    const kinds = [await accept("full"), await accept("full"), await accept("full"), await accept("other")];

    assert.deepEqual(kinds, ["stored", "stored", "full", "stored"]);
  });
}

function retries(create: CreateStorage): void {
  it("of a call for a full bot and another one the other's is stored, once however often it is tried, and the rest when there is room", async (t) => {
    const { outbox } = await openDesk(t, create);
    await withFullBot(outbox);

    const results = [
      await outbox.accept(toBoth(), at(0)),
      await outbox.accept(toBoth(), at(minute)),
      await outbox.accept(toBoth(), at(30 * minute)),
    ];
    await deliverAll(outbox, "full");
    const retried = await outbox.accept(toBoth(), at(59 * minute));

    assert.deepEqual(results, [partly(1), partly(0), partly(0)]);
    assert.deepEqual(retried, wholly(1));
    assert.deepEqual(await waiting(outbox), { full: 1, other: 1 });
  });

  it("is answered as any other once it was stored, or after an hour", async (t) => {
    for (const isRetried of [true, false]) {
      const { outbox } = await openDesk(t, create);
      await withFullBot(outbox);
      await outbox.accept(toBoth(), at(0));
      await deliverAll(outbox, "full");
      if (isRetried) await outbox.accept(toBoth(), at(minute));

      const repeated = await outbox.accept(toBoth(), withRoomAt(isRetried ? 2 * minute : 60 * minute));

      assert.deepEqual(repeated, wholly(2));
    }
  });

  it("another sender of the same that was answered with success ends nothing for the first one", async (t) => {
    const { outbox } = await openDesk(t, create);
    await withFullBot(outbox);
    await outbox.accept(toBoth("http://a:9093"), at(0));
    await deliverAll(outbox, "full");

    const other = await outbox.accept(toBoth("http://b:9093"), at(1_000));
    const first = await outbox.accept(toBoth("http://a:9093"), at(10 * minute));

    assert.deepEqual(other, wholly(1));
    assert.deepEqual(first, wholly(0));
  });

  it("what was accepted long before the first try is not what is tried again", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept(toBoth(), at(0));
    await outbox.accept([notification({ bot: "full" })], at(0));

    const reminder = await outbox.accept(toBoth(), at(10 * minute));
    const retried = await outbox.accept(toBoth(), withRoomAt(11 * minute));

    assert.deepEqual(reminder, { kind: "full", bots: ["full", "other"], stored: 0, duplicates: 0 });
    assert.deepEqual(retried, wholly(2));
  });

  it("a notification without a dedup key is stored once, too", async (t) => {
    const { outbox } = await openDesk(t, create);
    await withFullBot(outbox);
    const keyless = toBoth().map((one) => ({ ...one, dedupKey: null }));

    const results = [await outbox.accept(keyless, at(0)), await outbox.accept(keyless, at(minute))];
    await deliverAll(outbox, "full");
    const retried = await outbox.accept(keyless, at(2 * minute));
    const again = await outbox.accept(keyless.slice(1), withRoomAt(2 * minute));

    assert.deepEqual(results, [partly(1), partly(0)]);
    assert.deepEqual(retried, wholly(1));
    assert.deepEqual(again, { kind: "stored", stored: 1, duplicates: 0 });
  });

  it("the signature of a request is used once all of it was stored, and not before", async (t) => {
    const { outbox } = await openDesk(t, create);
    await withFullBot(outbox);
    const signed = { ...four, signature: { id: "s", expiresAt: 1e15 } };

    const results = [await outbox.accept(toBoth(), signed), await outbox.accept(toBoth(), signed)];
    await deliverAll(outbox, "full");
    results.push(await outbox.accept(toBoth(), signed), await outbox.accept(toBoth(), signed));

    assert.deepEqual(results, [partly(1), partly(0), wholly(1), { kind: "replayed" }]);
  });
}

function counts(create: CreateStorage): void {
  it("what moved to another bot counts for that one", async (t) => {
    const { outbox } = await openDesk(t, create);
    await withFullBot(outbox);
    await (await laneOf(outbox, "full")).move("other");

    const results = [
      await outbox.accept([notification({ bot: "other" })], four),
      await outbox.accept([notification({ bot: "full" })], four),
    ];

    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["full", "stored"],
    );
  });

  it("what is dead does not count, and what is replayed does", async (t) => {
    const { outbox } = await openDesk(t, create);
    const one = { ...roomy, maxNotifications: 1 };
    await outbox.accept([notification()], one);
    const lane = await laneOf(outbox);
    await planAll(lane);
    await answerFirst(lane, { kind: "dead", reason: "badContent" });
    await outbox.accept([notification({ bot: "other" })], one);
    await deliverAll(outbox, "other");
    await outbox.replay((await outbox.dead({ maxDeliveries: 1 })).map(({ id }) => id));

    const result = await outbox.accept([notification({ bot: "other" })], one);

    assert.equal(result.kind, "full");
  });
}
