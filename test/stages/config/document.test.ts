import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ConfigPath, type PlacedMessage, readDocument } from "../../../src/config/document.ts";

const text = `# a comment
a: 1
b:
  c: [x, {d: yes}]
  "e f": |
    text
none:
1: one
shared: &s {k: v}
again: *s
`;

const places: readonly (readonly [ConfigPath, PlacedMessage["of"], string])[] = [
  [[], "value", "1:1"],
  [["a"], "key", "2:1"],
  [["a"], "value", "2:4"],
  [["b"], "key", "3:1"],
  [["b"], "value", "4:3"],
  [["b", "c", 1, "d"], "key", "4:11"],
  [["b", "c", 1, "d"], "value", "4:14"],
  [["b", "e f"], "value", "5:10"],
  [["none"], "value", "7:1"],
  [["none", "deeper"], "value", "7:1"],
  [["b", "missing"], "key", "3:1"],
  [["1"], "value", "8:4"],
  [["again"], "value", "10:8"],
  [["again", "k"], "value", "9:16"],
];

describe("readDocument", () => {
  for (const [path, of, expected] of places) {
    it(`finds the ${of} of ${JSON.stringify(path)}`, () => {
      const { line, column } = readDocument(text).issueAt({ code: "bad_value", path, of, message: "" });

      assert.equal(`${line}:${column}`, expected);
    });
  }

  it("gives the plain value", () => {
    assert.deepEqual(readDocument("a: [1, x]\nb: {c: true}").value, { a: [1, "x"], b: { c: true } });
    assert.deepEqual(readDocument("# nothing").value, {});
  });

  it("keeps the value of a document whose only issue is a key given twice", () => {
    const document = readDocument("a: 1\na: 2");

    assert.deepEqual(document.value, { a: 2 });
    assert.deepEqual(
      document.issues.map(({ code, line, column }) => [code, line, column]),
      [["yaml_syntax", 2, 1]],
    );
  });

  it("rejects the key __proto__, which a plain object cannot hold safely", () => {
    const document = readDocument("a: 1\nb:\n  __proto__: { key: secret }");

    assert.deepEqual(
      document.issues.map(({ code, line, column }) => [code, line, column]),
      [["unknown_key", 3, 3]],
    );
  });

  it("gives no value of what is not YAML, and never quotes it", () => {
    for (const invalid of [
      "a: [secret",
      "secret\n  : }",
      'a: "\\secret"',
      "a: *secret",
      "a: !secret x",
      "a: `secret",
    ]) {
      const document = readDocument(invalid);

      assert.equal(document.value, null, invalid);
      assert.notEqual(document.issues.length, 0);
      assert.doesNotMatch(JSON.stringify(document.issues), /secret/);
    }
  });
});
