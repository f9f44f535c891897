// The whole outbox, out of one storage and into another.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { Lease, Outbox } from "../../../src/outbox/store.ts";
import {
  beginFirst,
  type CreateStorage,
  leaseOf,
  lookAt,
  messagesOf,
  muchLater,
  notification,
  openDesk,
  planAll,
  roomy,
} from "./storage.ts";
import { exported, importing, rowsIn, windowMs } from "./transfers.ts";

const file = { type: "file", name: "告警.csv", content: Buffer.from([0, 255, 10, 34]) } as const;

/** Of everything an outbox can hold something: sent, dead, being sent, ready with a file, waiting, and a key that rests. */
async function fill(outbox: Outbox): Promise<Lease> {
  const lease = await leaseOf(outbox);
  await outbox.accept([notification({ dedup: "told" })], roomy);
  await planAll(outbox, lease, ["first", "second"]);
  await outbox.settle(lease, { ...(await beginFirst(outbox, lease)), outcome: { kind: "sent" } });
  const key = { keyId: "key", holdUntilAt: 9_000, offReason: "keyInvalid", probeAt: 8_000, failures: 2 } as const;
  const refused = { kind: "dead", reason: "badContent" } as const;
  await outbox.settle(lease, { ...(await beginFirst(outbox, lease, 4_000)), outcome: refused, key });
  await outbox.accept([notification({ text: 'NUL \0, half \ud800, quote " and \u2028' })], roomy);
  const [head] = (await lookAt(outbox, lease)).pending;
  await outbox.plan(lease, {
    ...{ form: "digest", groupId: "", urgent: true, notificationIds: [head?.id ?? 0], alerts: 1, plannedAt: 5_000 },
    parts: [
      { body: "in flight", media: null },
      { body: "with a file", media: file },
    ],
  });
  await beginFirst(outbox, lease, 6_000);
  await outbox.accept([notification({ dedup: "waits", mergeWaitMs: 500 }), notification({ bot: "dba" })], roomy);
  return lease;
}

export function transferContract(create: CreateStorage): void {
  describe("export and import", () => {
    moving(create);
    windows(create);
    refusals(create);
  });
}

async function movedFull(t: TestContext, create: CreateStorage) {
  const from = (await openDesk(t, create)).outbox;
  await fill(from);
  const lines = await exported(from);
  const to = (await openDesk(t, create)).outbox;
  return { from, to, lines, counts: await importing(to, lines) };
}

function moving(create: CreateStorage): void {
  it("every row comes over as it was", async (t) => {
    const { from, to, lines, counts } = await movedFull(t, create);

    const again = await exported(to);

    assert.deepEqual(rowsIn(again), rowsIn(lines));
    assert.deepEqual(rowsIn(await exported(from)), rowsIn(lines), "the export changed something");
    const expected = { keys: 1, media: 1, media_ids: 0, notifications: 4, tellings: 2, messages: 4, attempts: 3 };
    assert.deepEqual(counts, expected);
  });

  it("what was being sent is in doubt, the rest goes on where it stood", async (t) => {
    const { to } = await movedFull(t, create);
    const lease = await leaseOf(to, "ops", "another", muchLater);

    const discovered = await to.discover(lease, muchLater);

    assert.equal(discovered, 1);
    const messages = (await messagesOf(to, lease)).map(({ body, state, inDoubt }) => ({ body, state, inDoubt }));
    assert.deepEqual(messages, [
      { body: "in flight", state: "ready", inDoubt: true },
      { body: "with a file", state: "ready", inDoubt: false },
    ]);
    const mediaHash = (await messagesOf(to, lease))[1]?.mediaHash;
    assert.deepEqual(await to.media(lease, mediaHash ?? ""), file);
    assert.deepEqual(
      (await lookAt(to, lease)).pending.map(({ readyAt }) => readyAt),
      [roomy.acceptedAt + 500],
    );
    assert.equal((await to.dead({ maxTellings: 9 }))[0]?.parts[0]?.body, "second");
  });

  it("copies of what was accepted before are duplicates, new ids follow the old ones, and what waits is counted", async (t) => {
    const { to } = await movedFull(t, create);
    const lease = await leaseOf(to, "ops", "another", muchLater);
    const before = (await lookAt(to, lease)).pending.map(({ id }) => id);
    const copies = ["told", "waits"].map((dedup) => notification({ dedup }));

    const again = await to.accept(copies, roomy);
    const fresh = await to.accept([notification()], { ...roomy, maxNotifications: 4 });
    const full = await to.accept([notification()], { ...roomy, maxNotifications: 4 });

    assert.deepEqual(again, { kind: "stored", stored: 0, duplicates: 2 });
    assert.deepEqual([fresh.kind, full.kind], ["stored", "full"]);
    const after = (await lookAt(to, lease)).pending.map(({ id }) => id);
    assert.deepEqual(after.slice(0, -1), before);
    assert.ok((after.at(-1) ?? 0) > 4);
    await to.discover(lease, muchLater);
    assert.ok((await beginFirst(to, lease)).attemptId > 3);
  });

  it("an empty outbox is moved too", async (t) => {
    const lines = await exported((await openDesk(t, create)).outbox);
    const to = (await openDesk(t, create)).outbox;

    await importing(to, lines);

    assert.equal(lines.length, 2);
    assert.equal((await to.accept([notification()], roomy)).kind, "stored");
  });
}

function windows(create: CreateStorage): void {
  it("a slot that was taken at the export is taken for a whole window from the import on; older ones are free", async (t) => {
    const from = (await openDesk(t, create)).outbox;
    const lease = await leaseOf(from);
    const exportedAt = from.now();
    for (const agoMs of [windowMs + 1_000, windowMs - 5_000]) {
      await from.accept([notification()], roomy);
      await planAll(from, lease);
      const begun = await beginFirst(from, lease, exportedAt - agoMs);
      await from.settle(lease, { ...begun, outcome: { kind: "sent" } });
    }
    const to = (await openDesk(t, create)).outbox;

    await importing(to, await exported(from));

    const query = { keyIds: ["key"], windowStartAt: 0, maxHeads: 1 };
    const { attempts } = await to.read(await leaseOf(to), query);
    assert.equal(attempts[0]?.answeredAt, exportedAt - windowMs - 900);
    assert.ok((attempts[1]?.answeredAt ?? 0) >= exportedAt, `${attempts[1]?.answeredAt} ${exportedAt}`);
  });

  it("instants are read by the clock of their storage: what lay an hour back lies an hour back", async (t) => {
    const hourMs = 3_600_000;
    const from = (await openDesk(t, create)).outbox;
    await from.accept([notification()], { ...roomy, acceptedAt: from.now() - hourMs });
    // One storage's clock is three hours ahead of the machine's, the other's is not.
    const lines = await exported(from, () => from.now() - 3 * hourMs);
    const to = (await openDesk(t, create)).outbox;

    await importing(to, lines, () => to.now());

    const [head] = (await lookAt(to, await leaseOf(to))).pending;
    const agoMs = to.now() - (head?.acceptedAt ?? 0);
    assert.ok(Math.abs(agoMs - 4 * hourMs) < 60_000, `${agoMs}`);
  });

  it("nothing lies ahead after an export on a machine whose clock was ahead", async (t) => {
    const from = (await openDesk(t, create)).outbox;
    await from.accept([notification()], { ...roomy, acceptedAt: from.now() + 500_000 });
    const to = (await openDesk(t, create)).outbox;

    await importing(to, await exported(from));

    const [head] = (await lookAt(to, await leaseOf(to))).pending;
    assert.ok((head?.acceptedAt ?? Number.POSITIVE_INFINITY) <= to.now());
  });
}

function refusals(create: CreateStorage): void {
  it("of an export whose end is missing nothing is stored, and the whole one can still be imported", async (t) => {
    const from = (await openDesk(t, create)).outbox;
    await fill(from);
    const lines = await exported(from);
    const to = (await openDesk(t, create)).outbox;

    const refused = importing(to, lines.slice(0, -1));

    await assert.rejects(refused, { code: "outbox_export_faulty", message: /its last line is missing/ });
    assert.equal((await exported(to)).length, 2);
    await importing(to, lines);
    assert.deepEqual(rowsIn(await exported(to)), rowsIn(lines));
  });

  it("refuses to import into an outbox that holds anything, and leaves it as it was", async (t) => {
    const { to, lines } = await movedFull(t, create);
    const before = await exported(to);

    const refused = importing(to, lines);

    await assert.rejects(refused, { code: "outbox_not_empty", message: /keys, media, notifications/ });
    assert.deepEqual(rowsIn(await exported(to)), rowsIn(before));
  });

  it("an export that can not be written ends with that failure, and the outbox goes on", async (t) => {
    const { outbox } = await openDesk(t, create);
    await fill(outbox);
    let written = 0;
    const fails = async () => {
      written += 1;
      if (written === 3) throw new Error("no space left");
    };

    const failed = outbox.exportTo(fails, Date.now);

    await assert.rejects(failed, /no space left/);
    assert.equal(written, 3);
    assert.equal((await outbox.accept([notification()], roomy)).kind, "stored");
  });
}
