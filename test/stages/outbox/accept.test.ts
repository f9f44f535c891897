import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type AcceptCall, admit } from "../../../src/outbox/accept.ts";
import { emptyBacklog } from "../../../src/outbox/backlog.ts";
import type { AcceptOptions } from "../../../src/outbox/store.ts";

function call(dedupKeys: readonly string[], options: Partial<AcceptOptions> = {}): AcceptCall {
  const { acceptedAt = 1_000 } = options;
  return {
    rows: dedupKeys.map((dedupKey) => ({
      bot: "ops",
      group_id: "g",
      dedup_key: dedupKey,
      urgent: 0,
      alerts: 1,
      bytes: 10,
      accepted_at: acceptedAt,
      ready_at: acceptedAt,
      body: "0123456789",
    })),
    options: { acceptedAt, dedupWindowMs: 500, maxNotifications: 100, maxBytes: 1_000, ...options },
  };
}

describe("admit", () => {
  it("counts what an earlier call of the batch stores, for duplicates and for the limits", () => {
    const two = { maxNotifications: 2 };

    const { results, rows, added } = admit(
      [call(["a", "a"], two), call(["a", "b"], two), call(["c"], two), call(["b"], two)],
      new Map(),
      emptyBacklog,
    );

    assert.deepEqual(results, [
      { kind: "stored", stored: 1, duplicates: 1 },
      { kind: "stored", stored: 1, duplicates: 1 },
      { kind: "full" },
      { kind: "stored", stored: 0, duplicates: 1 },
    ]);
    assert.deepEqual(
      rows.map((row) => row.dedup_key),
      ["a", "b"],
    );
    assert.deepEqual(added, { notifications: 2, bytes: 20 });
  });

  it("measures the window of each call from its own instant", () => {
    const { results } = admit(
      [call(["a"], { acceptedAt: 1_499 }), call(["a"], { acceptedAt: 1_500 }), call(["a"], { acceptedAt: 1_999 })],
      new Map([["a", 1_000]]),
      emptyBacklog,
    );

    assert.deepEqual(
      results.map((result) => result.kind === "stored" && result.stored),
      [0, 1, 0],
    );
  });

  it("is no copy of what was accepted further in the future than the window: the clock was set back since", () => {
    const { results } = admit(
      [call(["a"], { acceptedAt: 1_000 }), call(["b"], { acceptedAt: 1_000 })],
      new Map([
        ["a", 1_499],
        ["b", 3_601_000],
      ]),
      emptyBacklog,
    );

    assert.deepEqual(
      results.map((result) => result.kind === "stored" && result.stored),
      [0, 1],
    );
  });

  it("never passes a limit, and stores a call whole or not at all", () => {
    const keys = fc.array(fc.constantFrom("a", "b", "c", "d", "e", "f", "g"), { maxLength: 5 });
    const limits = fc.record({ maxNotifications: fc.nat(6), maxBytes: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 6 }), limits, fc.nat(3), (batch, limit, before) => {
        const waiting = { notifications: before, bytes: before * 10 };
        const { results, rows, added } = admit(
          batch.map((dedupKeys) => call(dedupKeys, limit)),
          new Map(),
          waiting,
        );

        assert.equal(results.length, batch.length);
        assert.ok(rows.length === 0 || before + rows.length <= limit.maxNotifications);
        assert.ok(rows.length === 0 || waiting.bytes + added.bytes <= limit.maxBytes);
        assert.equal(new Set(rows.map((row) => row.dedup_key)).size, rows.length);
        const answered = results.map((result, n) => {
          return result.kind === "full" || result.stored + result.duplicates === batch[n]?.length;
        });
        assert.ok(answered.every(Boolean));
      }),
    );
  });
});
