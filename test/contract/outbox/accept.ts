// Accept: durable, all or nothing, duplicates counted; and how it is read.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commonPairs } from "../../../src/domain/alert.ts";
import { parseRoutedGroup } from "../../../src/domain/notification.ts";
import { type CreateStorage, endedOf, groupsOf, laneOf, lookAt, notification, openDesk, roomy } from "./storage.ts";

export function acceptContract(create: CreateStorage): void {
  describe("accept", () => {
    storing(create);
    duplicates(create);
    signatures(create);
  });
}

function storing(create: CreateStorage): void {
  it("what was accepted is found by the next process", async (t) => {
    const desk = await openDesk(t, create);
    const given = notification({ alerts: 3 });
    const result = await desk.outbox.accept([given], roomy);

    const outbox = await desk.reopen();

    const lane = await laneOf(outbox, "ops", { now: 1e9 });
    const [head] = lookAt(lane).pending;
    assert.deepEqual(result, { kind: "stored", stored: 1, duplicates: 0 });
    assert.equal(head?.alerts, 3);
    assert.equal(head?.groupId, given.groupId);
    assert.equal(head?.acceptedAt, roomy.acceptedAt);
  });

  it("a group is read exactly as it was given, from memory and from disk, whatever the names of its labels", async (t) => {
    const desk = await openDesk(t, create);
    const given = notification({ text: 'line\n"quote" \u0000 \ud800 💥 $1 ?' });
    const strange = JSON.parse('{"__proto__":"a","constructor":"b","":"c","toString":"d"}') as Record<string, string>;
    const { group } = given.routed;
    const alerts = group.alerts.map((alert) => ({ ...alert, labels: { ...strange, ...alert.labels } }));
    const commonLabels = commonPairs(alerts.map(({ labels }) => labels));
    const routed = { ...given.routed, group: { ...group, alerts, groupLabels: strange, commonLabels } };
    await desk.outbox.accept([{ ...given, routed }], roomy);

    for (const open of [async () => desk.outbox, desk.reopen]) {
      const lane = await laneOf(await open());
      const [head] = lookAt(lane).pending;
      const groups = await groupsOf(lane, [head?.id ?? 0]);

      const read = groups.map(({ body, ...rest }) => ({ ...rest, routed: parseRoutedGroup(body) }));
      const stored = { ...routed, sender: roomy.sender };
      assert.deepEqual(read, [{ id: head?.id, acceptedAt: roomy.acceptedAt, routed: stored }]);
      assert.deepEqual(Object.keys(read[0]?.routed.group.groupLabels ?? {}), Object.keys(strange));
    }
  });

  it("a notification without a dedup key is never a duplicate", async (t) => {
    const { outbox } = await openDesk(t, create);
    const keyless = { ...notification({ text: "no start" }), dedupKey: null };

    const first = await outbox.accept([keyless], roomy);
    const second = await outbox.accept([keyless], roomy);

    assert.deepEqual([first, second], Array(2).fill({ kind: "stored", stored: 1, duplicates: 0 }));
  });

  it("a body of 10 MB is accepted", async (t) => {
    const { outbox, reopen } = await openDesk(t, create);
    const given = notification({ text: "大".repeat(3_500_000) });
    await outbox.accept([given], roomy);

    const lane = await laneOf(await reopen());
    const [head] = lookAt(lane).pending;
    const [group] = await groupsOf(lane, [head?.id ?? 0]);

    assert.deepEqual(parseRoutedGroup(group?.body ?? ""), { ...given.routed, sender: roomy.sender });
  });

  it("an empty call stores nothing", async (t) => {
    const { outbox } = await openDesk(t, create);

    const result = await outbox.accept([], { ...roomy, maxNotifications: 0 });

    assert.deepEqual(result, { kind: "stored", stored: 0, duplicates: 0 });
  });

  it("five hundred calls at once get a result each, and all is stored once", async (t) => {
    const { outbox } = await openDesk(t, create);
    const calls = Array.from({ length: 500 }, (_, n) => [
      notification({ dedup: `common ${n % 100}` }),
      notification({ bot: `bot ${n % 7}` }),
    ]);

    const results = await Promise.all(calls.map((call) => outbox.accept(call, roomy)));

    const sum = (of: "stored" | "duplicates") =>
      results.reduce((total, result) => total + (result.kind === "stored" ? result[of] : 0), 0);
    assert.equal(sum("stored"), 600);
    assert.equal(sum("duplicates"), 400);
    const backlog = await outbox.backlog();
    assert.equal(
      backlog.reduce((total, lane) => total + lane.notifications, 0),
      600,
    );
  });

  it("one call of five thousand notifications is stored in their order", async (t) => {
    const { outbox } = await openDesk(t, create);
    const given = Array.from({ length: 5_000 }, (_, n) => notification({ group: `g${n}` }));
    await outbox.accept(given, roomy);

    const lane = await laneOf(outbox);
    const { pending } = lookAt(lane);

    assert.deepEqual(
      pending.map(({ groupId }) => groupId),
      given.map(({ groupId }) => groupId),
    );
  });
}

function duplicates(create: CreateStorage): void {
  const copy = () => notification({ dedup: "same" });
  const at = (acceptedAt: number) => ({ ...roomy, acceptedAt, dedupWindowMs: 5_000 });

  const cases = [
    { rule: "the same instant is a duplicate", laterMs: 0, stored: 0 },
    { rule: "just inside the window is a duplicate", laterMs: 4_999, stored: 0 },
    { rule: "as long ago as the window is not", laterMs: 5_000, stored: 1 },
    { rule: "a clock that stepped back makes a duplicate", laterMs: -1_000, stored: 0 },
  ];
  for (const { rule, laterMs, stored } of cases) {
    it(`the same dedup key: ${rule}`, async (t) => {
      const { outbox } = await openDesk(t, create);
      await outbox.accept([copy()], at(10_000));

      const again = await outbox.accept([copy()], at(10_000 + laterMs));

      assert.deepEqual(again, { kind: "stored", stored, duplicates: 1 - stored });
    });
  }

  it("copies within one call, and in calls that arrive together, are stored once", async (t) => {
    const { outbox } = await openDesk(t, create);

    const results = await Promise.all([outbox.accept([copy(), copy()], roomy), outbox.accept([copy()], roomy)]);

    assert.deepEqual(results, [
      { kind: "stored", stored: 1, duplicates: 1 },
      { kind: "stored", stored: 0, duplicates: 1 },
    ]);
  });

  it("copies that arrive together are in the history, one entry each", async (t) => {
    const { outbox } = await openDesk(t, create);
    await Promise.all([outbox.accept([copy(), copy()], roomy), outbox.accept([copy()], roomy)]);

    const found = await endedOf(outbox);

    assert.deepEqual(
      found.map(({ outcome, duplicateOfAt }) => [outcome, duplicateOfAt]),
      [
        ["duplicate", roomy.acceptedAt],
        ["duplicate", roomy.acceptedAt],
      ],
    );
  });

  it("a copy is known across a restart, and after it was delivered", async (t) => {
    const desk = await openDesk(t, create);
    await desk.outbox.accept([copy()], roomy);
    await desk.outbox.accept([notification({ dedup: "other" })], roomy);

    const outbox = await desk.reopen();
    const again = await outbox.accept([copy(), notification({ dedup: "other" }), notification()], roomy);

    assert.deepEqual(again, { kind: "stored", stored: 1, duplicates: 2 });
  });

  it("a copy of what a full outbox refused is not a duplicate", async (t) => {
    const { outbox } = await openDesk(t, create);

    const [refused, stored] = await Promise.all([
      outbox.accept([copy()], { ...roomy, maxNotifications: 0 }),
      outbox.accept([copy()], roomy),
    ]);

    assert.deepEqual(refused, { kind: "full", bots: ["ops"], stored: 0, duplicates: 0 });
    assert.deepEqual(stored, { kind: "stored", stored: 1, duplicates: 0 });
  });
}

function signatures(create: CreateStorage): void {
  const signed = { ...roomy, signature: { id: "signature", expiresAt: 301_000 } };
  const keyless = () => ({ ...notification(), dedupKey: null });

  it("all of a signed request is stored; a second request with its signature is replayed, also after a restart", async (t) => {
    const { outbox, reopen } = await openDesk(t, create);

    const first = await outbox.accept([keyless(), keyless()], signed);
    const second = await outbox.accept([keyless()], signed);
    const third = await (await reopen()).accept([keyless()], signed);

    assert.deepEqual(first, { kind: "stored", stored: 2, duplicates: 0 });
    assert.deepEqual([second, third], [{ kind: "replayed" }, { kind: "replayed" }]);
  });

  it("of two requests with one signature that arrive together, the first is stored", async (t) => {
    const { outbox } = await openDesk(t, create);

    const results = await Promise.all([outbox.accept([keyless()], signed), outbox.accept([keyless()], signed)]);

    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["stored", "replayed"],
    );
    assert.equal((await outbox.backlog())[0]?.notifications, 1);
  });

  it("the signature of a request whose copy arrives with it is used", async (t) => {
    const { outbox } = await openDesk(t, create);
    const copy = () => notification({ dedup: "same" });
    await Promise.all([outbox.accept([copy()], roomy), outbox.accept([copy()], signed)]);

    const replayed = await outbox.accept([keyless()], signed);

    assert.deepEqual(replayed, { kind: "replayed" });
  });

  it("a replayed request takes nothing from a copy that arrives with it", async (t) => {
    const { outbox } = await openDesk(t, create);
    const copy = () => notification({ dedup: "same" });
    await outbox.accept([keyless()], signed);

    const results = await Promise.all([outbox.accept([copy()], signed), outbox.accept([copy()], roomy)]);

    assert.deepEqual(results, [{ kind: "replayed" }, { kind: "stored", stored: 1, duplicates: 0 }]);
  });

  it("a request that is refused or replayed frees no signature but its own", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([keyless()], signed);
    const refused = await outbox.accept([keyless()], { ...signed, maxNotifications: 0 });
    const replayed = await outbox.accept([keyless()], signed);

    const again = await outbox.accept([keyless()], signed);

    assert.deepEqual([refused.kind, replayed.kind, again.kind], ["full", "replayed", "replayed"]);
  });

  it("a request that was replayed leaves no mark: what it brought is no duplicate later", async (t) => {
    const { outbox } = await openDesk(t, create);
    await outbox.accept([notification()], signed);
    await outbox.accept([notification({ dedup: "only replayed" })], signed);

    const later = await outbox.accept([notification({ dedup: "only replayed" })], roomy);

    assert.deepEqual(later, { kind: "stored", stored: 1, duplicates: 0 });
  });

  it("the signature of a request that has only duplicates is used; that of one that a full outbox refused is not", async (t) => {
    const { outbox } = await openDesk(t, create);
    const copy = () => notification({ dedup: "same" });
    const other = { ...roomy, signature: { id: "other", expiresAt: 301_000 } };
    await outbox.accept([copy()], roomy);
    await outbox.accept([copy()], signed);
    await outbox.accept([notification()], { ...other, maxNotifications: 0 });

    const results = [await outbox.accept([notification()], signed), await outbox.accept([notification()], other)];

    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["replayed", "stored"],
    );
  });

  it("a signature is forgotten once it has expired, and not before", async (t) => {
    const { outbox } = await openDesk(t, create);
    const until = (expiresAt: number) => ({ ...roomy, signature: { id: `until ${expiresAt}`, expiresAt } });
    const [past, future] = [until(outbox.now() - 1), until(outbox.now() + 60_000)];
    await outbox.accept([keyless()], past);
    await outbox.accept([keyless()], future);

    await outbox.prune({ settledBefore: 0, attemptsBefore: 0 });

    const results = [await outbox.accept([keyless()], past), await outbox.accept([keyless()], future)];
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ["stored", "replayed"],
    );
  });
}
