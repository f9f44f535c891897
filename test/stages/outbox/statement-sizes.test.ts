import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { exactLists, filledLists } from "../../../src/outbox/statement-sizes.ts";

const isPowerOfTwo = (n: number) => Number.isInteger(Math.log2(n));

describe("statement sizes", () => {
  it("filled lists have the same entries and no others, in powers of two up to the limit", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { maxLength: 3_000, size: "max" }), (entries) => {
        const lists = filledLists(entries);

        assert.deepEqual(new Set(lists.flat()), new Set(entries));
        assert.ok(lists.every(({ length }) => length <= 512 && isPowerOfTwo(length)));
      }),
    );
  });

  it("exact lists are the entries in their order, in powers of two up to the limit", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 3_000, size: "max" }), (entries) => {
        const lists = exactLists(entries);

        assert.deepEqual(lists.flat(), entries);
        assert.ok(lists.every(({ length }) => length <= 64 && isPowerOfTwo(length)));
      }),
    );
  });
});
