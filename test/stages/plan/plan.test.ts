import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { PendingHead } from "../../../src/outbox/store.ts";
import { plan } from "../../../src/plan/plan.ts";
import { noon, pendingHead } from "../../support/waiting.ts";

const maxAgeMs = 6 * 3_600_000;

function planOf(heads: readonly PendingHead[], busy: readonly string[] = [], now = noon) {
  return plan({ heads, busyGroups: new Set(busy), now, maxAgeMs });
}

describe("plan", () => {
  it("one telling for each group, with all its notifications, oldest first", () => {
    const tellings = planOf([
      pendingHead({ id: 1, groupId: "a" }),
      pendingHead({ id: 2, groupId: "b" }),
      pendingHead({ id: 3, groupId: "a" }),
    ]);

    assert.deepEqual(
      tellings.map(({ groupId, ids }) => ({ groupId, ids })),
      [
        { groupId: "a", ids: [1, 3] },
        { groupId: "b", ids: [2] },
      ],
    );
  });

  it("urgent groups come first; a group is urgent when any of its notifications is", () => {
    const tellings = planOf([
      pendingHead({ id: 1, groupId: "calm" }),
      pendingHead({ id: 2, groupId: "grown" }),
      pendingHead({ id: 3, groupId: "grown", urgent: true }),
    ]);

    assert.deepEqual(
      tellings.map((telling) => telling.groupId),
      ["grown", "calm"],
    );
  });

  it("a group with a body that is not settled waits, so that its order is kept", () => {
    const tellings = planOf([pendingHead({ groupId: "busy" }), pendingHead({ id: 2, groupId: "idle" })], ["busy"]);

    assert.deepEqual(
      tellings.map((telling) => telling.groupId),
      ["idle"],
    );
  });

  it("late is what has waited longer than max_age, and only that", () => {
    const forms = [maxAgeMs, maxAgeMs + 1].map((age) => planOf([pendingHead({ acceptedAt: noon - age })])[0]?.form);

    assert.deepEqual(forms, ["full", "late"]);
  });

  it("for all heads: every head of an idle group is in exactly one telling, none of a busy group is", () => {
    const head = fc.record({ groupId: fc.constantFrom("a", "b", "c", "d"), urgent: fc.boolean(), ago: fc.nat(1e8) });
    fc.assert(
      fc.property(fc.array(head, { maxLength: 60 }), fc.subarray(["a", "b"]), (raw, busy) => {
        const heads = raw.map(({ ago, ...rest }, i) => pendingHead({ ...rest, id: i + 1, acceptedAt: noon - ago }));

        const ids = planOf(heads, busy).flatMap((telling) => telling.ids);

        const expected = heads.filter((one) => !busy.includes(one.groupId)).map((one) => one.id);
        assert.deepEqual(
          [...ids].sort((a, b) => a - b),
          expected,
        );
      }),
    );
  });
});
