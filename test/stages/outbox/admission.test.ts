import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type AcceptCall, type Admission, admit, newRow } from "../../../src/outbox/admission.ts";
import type { AcceptOptions } from "../../../src/outbox/store.ts";
import { notification, roomy } from "../../contract/outbox/storage.ts";

const form = { text: "0123456789", body: new Uint8Array(), dedupKey: "", sentAs: "" };

/** Of each notification its dedup key, and its bot after a space when that is another one than "ops". */
function call(notifications: readonly string[], options: Partial<AcceptOptions> = {}): AcceptCall {
  const own = { ...roomy, dedupWindowMs: 500, maxNotifications: 100, maxBytes: 1_000, ...options };
  const rows = notifications.map((name) => {
    const [dedupKey = "", bot = "ops"] = name.split(" ");
    return newRow(notification({ bot }), own, { ...form, dedupKey: `${dedupKey} ${bot}` });
  });
  return { rows, unsent: [], options: own };
}

const signed = (id: string) => ({ signature: { id, expiresAt: 9_000 } });

const placedKeys = ({ placed }: Admission) => placed.map(({ call, fresh }) => [call, fresh.row.dedup_key]);

const kindsOf = ({ refusedBots }: Admission) => refusedBots.map((bots) => bots.join(" "));

describe("admit", () => {
  it("counts what an earlier call of the batch offers, for duplicates and for the limits; copies are offered too", () => {
    const two = { maxNotifications: 2 };

    const admission = admit(
      [call(["a", "a"], two), call(["a", "b"], two), call(["c"], two), call(["b"], two)],
      new Map(),
      new Map(),
    );

    assert.deepEqual(kindsOf(admission), ["", "", "ops", ""]);
    assert.deepEqual(placedKeys(admission), [
      [0, "a ops"],
      [0, "a ops"],
      [1, "a ops"],
      [1, "b ops"],
      [3, "b ops"],
    ]);
  });

  const looked = new Map([
    ["inside ops", 501],
    ["ago ops", 500],
    ["ahead ops", 1_499],
    ["back ops", 3_601_000],
  ]);
  const cases = [
    { rule: "what was accepted inside the window adds nothing", key: "inside", refused: "" },
    { rule: "what was accepted a window ago is new", key: "ago", refused: "ops" },
    { rule: "what was accepted a moment ahead adds nothing", key: "ahead", refused: "" },
    { rule: "what was accepted further ahead is new: the clock was set back", key: "back", refused: "ops" },
    { rule: "what never was accepted is new", key: "unknown", refused: "ops" },
  ];
  for (const { rule, key, refused } of cases) {
    it(`in a full outbox, ${rule}`, () => {
      const admission = admit([call([key], { maxNotifications: 0 })], new Map(), looked);

      assert.deepEqual(kindsOf(admission), [refused]);
    });
  }

  it("a call with a signature of an earlier one is replayed, unless that one did not fit", () => {
    const admission = admit(
      [
        call(["a", "b", "c", "x other"], { ...signed("one"), maxNotifications: 2 }),
        call(["d"], signed("one")),
        call(["e"], signed("one")),
        call(["f"], signed("two")),
      ],
      new Map(),
      new Map(),
    );

    assert.deepEqual(kindsOf(admission), ["ops", "", "", ""]);
    assert.deepEqual(
      admission.placed.map(({ fresh: { row } }) => [row.dedup_key, row.signature, row.is_replay]),
      [
        ["x other", "", 0],
        ["d ops", "one", 0],
        ["e ops", "one", 1],
        ["f ops", "two", 0],
      ],
    );
  });

  const shares: readonly (readonly [rule: string, waiting: Readonly<Record<string, number>>, refused: string])[] = [
    ["a bot alone may have half", { ops: 49 }, ""],
    ["and no more", { ops: 50 }, "ops"],
    ["beside one that has half, a bot may have a quarter", { ops: 50, other: 24 }, "ops"],
    ["and no more, too", { ops: 50, other: 25 }, "ops other"],
    [
      "what a bot has beyond its share is left to it, and takes nothing from the others' half of the rest",
      { ops: 90 },
      "ops",
    ],
    ["a bot that has nothing is refused where its half of the rest is less than one", { ops: 99 }, "ops other"],
  ];
  for (const [rule, waiting, refused] of shares) {
    it(`where several bots share the limit of 100, ${rule}`, () => {
      const backlogs = new Map(
        Object.entries(waiting).map(([bot, count]) => [bot, { notifications: count, bytes: 0 }]),
      );
      const shared = { severalBots: true, maxBytes: 1e6 };

      const admission = admit([call(["a"], shared), call(["b other"], shared)], backlogs, new Map());

      assert.deepEqual(
        kindsOf(admission)
          .filter((bots) => bots !== "")
          .join(" "),
        refused,
      );
    });
  }

  it("never passes a limit or a share, and offers all that a call has for a bot, or nothing", () => {
    const names = fc.constantFrom(..."abcdefgh".split(""), "a x", "b x", "c x", "a y", "b y", "c y");
    const limits = fc.record({ maxNotifications: fc.nat(9), maxBytes: fc.nat(90), severalBots: fc.boolean() });
    const batches = fc.array(fc.array(names, { maxLength: 5 }), { maxLength: 6 });
    fc.assert(
      fc.property(batches, limits, fc.nat(3), (batch, limit, before) => {
        const waiting = new Map([["ops", { notifications: before, bytes: before * 10 }]]);
        const calls = batch.map((all) => call(all, limit));

        const admission = admit(calls, waiting, new Map());

        const added = new Map<string, string>();
        for (const { call: n, fresh } of admission.placed) {
          const { bot, dedup_key } = fresh.row;
          const isNew = !added.has(dedup_key);
          added.set(dedup_key, bot);
          const own = [...added.values()].filter((one) => one === bot).length + (bot === "ops" ? before : 0);
          const others = before + added.size - own;
          const parts = limit.severalBots ? 2 : 1;
          assert.ok(!isNew || own <= (limit.maxNotifications - others) / parts, `${n}`);
          assert.ok(!isNew || own * 10 <= (limit.maxBytes - others * 10) / parts, `${n}`);
        }
        for (const [n, { rows }] of calls.entries()) {
          const own = new Set(
            admission.placed.filter(({ call: of }) => of === n).map(({ fresh }) => fresh.row.dedup_key),
          );
          for (const one of rows) {
            const isRefused = admission.refusedBots[n]?.includes(one.row.bot);
            assert.equal(own.has(one.row.dedup_key), !isRefused);
          }
        }
      }),
    );
  });
});

describe("the row of a notification", () => {
  it("counts bytes as UTF-8, and waits from its acceptance", () => {
    const { row } = newRow(notification({ mergeWaitMs: 30_000 }), roomy, { ...form, text: "告警" });

    assert.deepEqual([row.bytes, row.accepted_at, row.ready_at], [6, 1_000, 31_000]);
  });
});
