import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maxValues } from "../../../src/normalize/limits.ts";
import { parseBody } from "../../../src/normalize/parse-body.ts";
import { holdsMoreValuesThan } from "../../../src/normalize/value-count.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** All values in a value, and itself; an empty list or object twice. */
function valuesIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  const entries: readonly unknown[] = Object.values(value);
  return entries.length === 0 ? 2 : entries.reduce<number>((sum, entry) => sum + valuesIn(entry), 1);
}

test("no value of any JSON is missed, and nothing in a text is taken for one", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      // The text: long enough to be looked through, however many values there are.
      const body = { value, text: '",",[{\\'.repeat(200) };
      const bytes = utf8(JSON.stringify(body));
      const values = valuesIn(body);

      assert.equal(holdsMoreValuesThan(values - 1, bytes), true);
      assert.equal(holdsMoreValuesThan(values, bytes), false);
    }),
  );
});

test("as many values as allowed are parsed, one more is refused before it is", () => {
  const listOf = (values: number) => utf8(`[${"1,".repeat(values - 1)}1]`);

  assert.equal(parseBody(listOf(maxValues - 1)).kind, "parsed");
  const refused = parseBody(listOf(maxValues));
  assert.ok(refused.kind === "refused" && refused.code === "too_many_values");
});

test("so are lists within lists", () => {
  const refused = parseBody(utf8("[".repeat(maxValues) + "]".repeat(maxValues)));

  assert.ok(refused.kind === "refused" && refused.code === "too_many_values");
});

test("a text of ten million commas is one value", () => {
  assert.equal(parseBody(utf8(`{"alerts":"${",".repeat(10_000_000)}"}`)).kind, "parsed");
});
