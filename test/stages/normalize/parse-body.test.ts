import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseBody } from "../../../src/normalize/parse-body.ts";
import { readBytes } from "./fixture.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

const parsed = (text: string) => {
  const result = parseBody(utf8(text));
  assert.ok(result.kind === "parsed", JSON.stringify(result));
  return result.body;
};

test("a byte order mark is skipped", () => {
  assert.deepEqual(parsed('\uFEFF{"a":"中"}\n'), { a: "中" });
});

test("a byte that is not UTF-8 costs its character, not the alert", () => {
  const bytes = Uint8Array.from([...utf8('{"a":"x'), 0xff, 0xc3, ...utf8('y"}')]);

  assert.deepEqual(parseBody(bytes), { kind: "parsed", body: { a: "x\uFFFD\uFFFDy" } });
});

test("white space is an empty body", () => {
  for (const text of ["", " \r\n\t", "\uFEFF"]) {
    const result = parseBody(utf8(text));
    assert.ok(result.kind === "refused" && result.code === "empty_body", JSON.stringify(text));
  }
});

test("what is not JSON is refused with its place and without its words", () => {
  const result = parseBody(readBytes("own/refused-not-json.txt"));

  assert.ok(result.kind === "refused");
  assert.equal(result.code, "not_json");
  assert.match(result.message, /line 4, column 41$/);
  assert.doesNotMatch(result.message, /Hello|alertname/);
});

test("a body that was cut off is refused as such", () => {
  const result = parseBody(utf8('{"alerts":[{"labels":{"alertname":'));

  assert.ok(result.kind === "refused");
  assert.match(result.message, /ends too early/);
});

test("the refusal of a broken body never quotes it", () => {
  const secret = "5ecret-5ecret";

  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const result = parseBody(utf8(`{${before}${secret}${after}`));

      assert.ok(result.kind === "parsed" || !result.message.includes(secret));
    }),
  );
});

const keys = [
  { text: '{"groupKey":17349872349087123457}', groupKey: "17349872349087123457" },
  { text: '{"groupKey":9007199254740993}', groupKey: "9007199254740993" },
  { text: '{"groupKey":42}', groupKey: 42 },
  { text: '{"x":{"groupKey":1},"groupKey":9007199254740993,"y":{"groupKey":2}}', groupKey: "9007199254740993" },
  { text: '{"groupKey":1,"groupKey":9007199254740993}', groupKey: "9007199254740993" },
  { text: '{"groupKey":"{}:{}"}', groupKey: "{}:{}" },
];

for (const { text, groupKey } of keys) {
  test(`${text} has the groupKey ${groupKey}`, () => {
    const body = parsed(text) as { readonly groupKey: unknown };

    assert.equal(body.groupKey, groupKey);
  });
}

test("an exact groupKey changes nothing else of the body", () => {
  const body = parsed('{"groupKey":9007199254740993,"__proto__":{"a":1},"x":{"groupKey":5}}') as object;

  assert.deepEqual(Object.entries(body), [
    ["groupKey", "9007199254740993"],
    ["__proto__", { a: 1 }],
    ["x", { groupKey: 5 }],
  ]);
});

test("no depth of nesting makes it fail", () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);

  assert.equal(parseBody(utf8(deep)).kind, "parsed");
  assert.equal(parseBody(utf8(`{"groupKey":9007199254740993,"x":${deep}}`)).kind, "parsed");
  assert.equal(parseBody(utf8("[".repeat(200_000))).kind, "refused");
});
