import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { commonPairs, groupStatus, type LabelSet } from "../../../src/domain/alert.ts";

const cases: readonly { readonly rule: string; readonly sets: readonly LabelSet[]; readonly shared: LabelSet }[] = [
  { rule: "no sets share nothing", sets: [], shared: {} },
  { rule: "one set shares all with itself", sets: [{ a: "1", b: "2" }], shared: { a: "1", b: "2" } },
  { rule: "a pair counts, not a name", sets: [{ a: "1" }, { a: "2" }], shared: {} },
  { rule: "a set without labels shares nothing", sets: [{ a: "1" }, {}, { a: "1" }], shared: {} },
  { rule: "names of Object.prototype are shared only when sent", sets: [{ toString: "t" }, {}], shared: {} },
];

for (const { rule, sets, shared } of cases) {
  test(`common pairs: ${rule}`, () => {
    const found = commonPairs(sets);

    assert.deepEqual(found, shared);
  });
}

test("common pairs: a label called __proto__ is a label", () => {
  const set = Object.fromEntries([["__proto__", "x"]]);

  const found = commonPairs([set, set]);

  assert.deepEqual(Object.entries(found), [["__proto__", "x"]]);
});

test("common pairs are exactly the pairs that every set holds", () => {
  const set = fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), fc.constantFrom("1", "2"));

  fc.assert(
    fc.property(fc.array(set, { minLength: 1 }), (sets) => {
      const found = Object.entries(commonPairs(sets)).sort();

      const everywhere = Object.entries(sets[0] ?? {}).filter(([name, value]) =>
        sets.every((other) => Object.entries(other).some(([n, v]) => n === name && v === value)),
      );
      assert.deepEqual(found, everywhere.sort());
    }),
  );
});

test("a group fires while any alert fires", () => {
  const states = [[], ["resolved"], ["resolved", "firing"], ["firing"]] as const;

  const found = states.map((group) => groupStatus(group.map((status) => ({ status }))));

  assert.deepEqual(found, ["resolved", "resolved", "firing", "firing"]);
});
