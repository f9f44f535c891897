import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type AcceptCall, admit, backlogOf, newRow } from "../../../src/outbox/admission.ts";
import { emptyBacklog } from "../../../src/outbox/backlog.ts";
import type { AcceptOptions } from "../../../src/outbox/store.ts";
import { notification } from "../../contract/outbox/storage.ts";

const stored = { text: "0123456789", body: new Uint8Array() };

function call(dedupKeys: readonly string[], options: Partial<AcceptOptions> = {}): AcceptCall {
  const roomy = { acceptedAt: 1_000, dedupWindowMs: 500, maxNotifications: 100, maxBytes: 1_000, signature: null };
  const own = { ...roomy, ...options };
  return { rows: dedupKeys.map((dedup) => newRow(notification({ dedup }), own, stored)), options: own };
}

const signed = (id: string) => ({ signature: { id, expiresAt: 9_000 } });

const placedKeys = ({ placed }: ReturnType<typeof admit>) =>
  placed.map(({ call, fresh }) => [call, fresh.row.dedup_key]);

describe("admit", () => {
  it("counts what an earlier call of the batch offers, for duplicates and for the limits", () => {
    const two = { maxNotifications: 2 };

    const admission = admit(
      [call(["a", "a"], two), call(["a", "b"], two), call(["c"], two), call(["b"], two)],
      emptyBacklog,
      new Map(),
    );

    assert.deepEqual(admission.kinds, ["stored", "stored", "full", "stored"]);
    assert.deepEqual(placedKeys(admission), [
      [0, "a"],
      [1, "b"],
    ]);
  });

  const looked = new Map([
    ["just inside", 501],
    ["a window ago", 500],
    ["just ahead", 1_499],
    ["set back since", 3_601_000],
  ]);
  const cases = [
    { rule: "what was accepted inside the window adds nothing", key: "just inside", kind: "stored" },
    { rule: "what was accepted a window ago is new", key: "a window ago", kind: "full" },
    { rule: "what was accepted a moment ahead adds nothing", key: "just ahead", kind: "stored" },
    { rule: "what was accepted further ahead is new: the clock was set back", key: "set back since", kind: "full" },
    { rule: "what never was accepted is new", key: "unknown", kind: "full" },
  ];
  for (const { rule, key, kind } of cases) {
    it(`in a full outbox, ${rule}`, () => {
      const { kinds } = admit([call([key], { maxNotifications: 0 })], emptyBacklog, looked);

      assert.deepEqual(kinds, [kind]);
    });
  }

  it("a call with a signature of an earlier one is replayed, unless that one did not fit", () => {
    const admission = admit(
      [
        call(["a", "b", "c"], { ...signed("one"), maxNotifications: 2 }),
        call(["d"], signed("one")),
        call(["e"], signed("one")),
        call(["f"], signed("two")),
      ],
      emptyBacklog,
      new Map(),
    );

    assert.deepEqual(admission.kinds, ["full", "stored", "replayed", "stored"]);
    assert.deepEqual(placedKeys(admission), [
      [1, "d"],
      [3, "f"],
    ]);
  });

  it("never passes a limit, and offers a call whole or not at all", () => {
    const keys = fc.array(fc.constantFrom("", "a", "b", "c", "d", "e", "f", "g"), { maxLength: 5 });
    const limits = fc.record({ maxNotifications: fc.nat(6), maxBytes: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 6 }), limits, fc.nat(3), (batch, limit, before) => {
        const waiting = { notifications: before, bytes: before * 10 };
        const calls = batch.map((dedupKeys) => call(dedupKeys, limit));

        const { kinds, placed } = admit(calls, waiting, new Map());

        const offered = placed.map(({ fresh }) => fresh);
        const added = backlogOf(offered);
        assert.equal(kinds.length, batch.length);
        assert.ok(offered.length === 0 || before + added.notifications <= limit.maxNotifications);
        assert.ok(offered.length === 0 || waiting.bytes + added.bytes <= limit.maxBytes);
        const named = offered.map(({ row }) => row.dedup_key).filter((key) => key !== "");
        assert.equal(new Set(named).size, named.length);
        for (const [n, { rows }] of calls.entries()) {
          const own = placed.filter(({ call: of }) => of === n).map(({ fresh }) => fresh);
          const known = new Set(placed.filter(({ call: of }) => of <= n).map(({ fresh }) => fresh.row.dedup_key));
          if (kinds[n] === "full") assert.deepEqual(own, []);
          else assert.ok(rows.every((one) => own.includes(one) || known.has(one.row.dedup_key)));
        }
      }),
    );
  });
});

describe("the row of a notification", () => {
  const options = { acceptedAt: 1_000, dedupWindowMs: 500, maxNotifications: 9, maxBytes: 9, signature: null };
  const summaryOf = (labels: readonly Record<string, string>[]) => {
    const given = notification({ alerts: labels.length });
    const alerts = given.routed.group.alerts.map((alert, n) => ({ ...alert, labels: labels[n] ?? {} }));
    const routed = { ...given.routed, group: { ...given.routed.group, alerts } };
    return newRow({ ...given, routed }, options, stored).row.summary;
  };

  it("its summary has the receiver, and each pair of a label once", () => {
    assert.equal(
      summaryOf([
        { alertname: "Disk", host: "a" },
        { alertname: "Disk", host: "b" },
      ]),
      "web.hook alertname=Disk host=a host=b",
    );
  });

  it("its summary is short, and text that every database stores", () => {
    const many = Array.from({ length: 1_000 }, (_, n) => ({ host: `${n}` }));
    const emoji = "😀".repeat(300);

    assert.ok(summaryOf(many).length <= 500);
    assert.match(summaryOf(many), /host=0 host=1 /);
    for (const summary of [summaryOf([{ a: "x\0y" }]), summaryOf([{ a: emoji }]), summaryOf([{ ab: emoji }])]) {
      assert.ok(summary.isWellFormed() && !summary.includes("\0"), summary);
    }
  });

  it("counts bytes as UTF-8, and waits from its acceptance", () => {
    const { row } = newRow(notification({ mergeWaitMs: 30_000 }), options, { ...stored, text: "告警" });

    assert.deepEqual([row.bytes, row.accepted_at, row.ready_at], [6, 1_000, 31_000]);
  });
});
