import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findJsonError } from "../../../src/normalize/json-error.ts";

const cases = [
  { text: '{"a":x}', line: 1, column: 6 },
  { text: '{"a":1,}', line: 1, column: 8 },
  { text: '{\n "a": 1\n "b": 2\n}', line: 3, column: 2 },
  { text: '{"a" 1}', line: 1, column: 6 },
  { text: "{'a':1}", line: 1, column: 2 },
  { text: "[1,]", line: 1, column: 4 },
  { text: "[1}", line: 1, column: 3 },
  { text: '"a\nb"', line: 1, column: 1 },
  { text: '["\\q"]', line: 1, column: 2 },
  { text: "01", line: 1, column: 2 },
  { text: "1 2", line: 1, column: 3 },
  { text: "{}}", line: 1, column: 3 },
  { text: "<html>", line: 1, column: 1 },
];

for (const { text, line, column } of cases) {
  test(`${JSON.stringify(text)} stops being JSON at ${line}:${column}`, () => {
    assert.deepEqual(findJsonError(text), { line, column, atEnd: false });
  });
}

test("a text that ends too early is reported as such", () => {
  for (const text of ["{", '{"a":', "[1,", "[[]"]) assert.equal(findJsonError(text)?.atEnd, true, text);
});

test("finds an error exactly when JSON.parse rejects the text", () => {
  const pieces = fc.array(
    fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"a"',
      '"\\u00e9\\n"',
      '"',
      "1",
      "-0.5e+3",
      "0",
      "true",
      "null",
      "nul",
      " ",
      "\n",
      "\\",
    ),
    { maxLength: 12 },
  );
  const damaged = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom("", ",", '"', "}", "x"))
    .map(
      ([json, at, piece]) => json.slice(0, at % (json.length + 1)) + piece + json.slice((at % (json.length + 1)) + 1),
    );
  const text = fc.oneof(
    pieces.map((all) => all.join("")),
    fc.json(),
    damaged,
  );

  fc.assert(
    fc.property(text, (candidate) => {
      assert.equal(findJsonError(candidate) === null, isJson(candidate));
    }),
    { numRuns: 2000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
