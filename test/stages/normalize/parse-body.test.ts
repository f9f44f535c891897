import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { holdsMoreValuesThan, parseBody } from "../../../src/normalize/parse-body.ts";
import { bodyLimits } from "../../../src/normalize/rejection.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

const parsedBytes = (bytes: Uint8Array, charset: string | null = null) => {
  const result = parseBody(bytes, charset);
  assert.ok(result.kind === "parsed", JSON.stringify(result));
  return result;
};

const parsed = (text: string) => parsedBytes(utf8(text)).body;

test("a byte order mark is skipped", () => {
  assert.deepEqual(parsed('\uFEFF{"a":"中"}\n'), { a: "中" });
});

test("an invalid UTF-8 byte damages its character, not the alert", () => {
  const bytes = Uint8Array.from([...utf8('{"a":"x'), 0xff, 0xc3, ...utf8('y"}')]);

  const { kind, body } = parsedBytes(bytes);

  assert.deepEqual({ kind, body }, { kind: "parsed", body: { a: "x\uFFFD\uFFFDy" } });
});

test("a body of white space is empty", () => {
  for (const text of ["", " \r\n\t", "\uFEFF"]) {
    const result = parseBody(utf8(text));
    assert.ok(result.kind === "rejected" && result.code === "empty_body", JSON.stringify(text));
  }
});

const received = [
  { text: '{"alerts":[{"labels":{"alertname":"Hello",}}]}', what: "JSON with a syntax error" },
  { text: "[1}", what: "JSON with a syntax error" },
  { text: '{"alerts":[{"labels":{"alertname":', what: "JSON that is cut off or followed by other text" },
  { text: "{}{}x", what: "JSON that is cut off or followed by other text" },
  { text: "\n<!DOCTYPE html><title>502</title>", what: "HTML or XML" },
  { text: "payload=%7B%22status%22%3A%22firing%22%7D", what: "a form" },
  { text: "Hello = 1", what: "text of another format" },
  { text: "nul", what: "text of another format" },
];

for (const { text, what } of received) {
  test(`the rejection of ${JSON.stringify(text)} says that it is ${what}`, () => {
    const result = parseBody(utf8(text));

    assert.ok(result.kind === "rejected");
    assert.equal(result.code, "not_json");
    assert.match(result.message, /^the body is not valid JSON; .*Check the sender's payload template/);
    assert.ok(result.message.endsWith(`; received ${what} (${utf8(text).length} bytes)`), result.message);
  });
}

test("a text that JSON.parse rejects, and no other, is rejected as not JSON", () => {
  const pieces = ["{", "}", "[", "]", ":", ",", '"a"', '"\\u00e9\\n"', '"', "1", "-0.5e+3", "true", "nul", "\n", "\\"];
  const text = fc.oneof(
    fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((all) => all.join("")),
    fc.json(),
  );

  fc.assert(
    fc.property(text, (candidate) => {
      const result = parseBody(utf8(`[${candidate}]`));

      assert.equal(
        result.kind === "rejected" ? result.code : "parsed",
        isJson(`[${candidate}]`) ? "parsed" : "not_json",
      );
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

test("the rejection of a broken body never quotes it", () => {
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

test("deep nesting does not make it fail", () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);

  assert.equal(parseBody(utf8(deep)).kind, "parsed");
  assert.equal(parseBody(utf8(`{"groupKey":9007199254740993,"x":${deep}}`)).kind, "parsed");
  assert.equal(parseBody(utf8("[".repeat(200_000))).kind, "rejected");
});

/** The values in a value and the value itself; an empty list or object counts twice. */
function valuesIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  const entries: readonly unknown[] = Object.values(value);
  return entries.length === 0 ? 2 : entries.reduce<number>((sum, entry) => sum + valuesIn(entry), 1);
}

test("every JSON value is counted, and nothing inside a string is", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      // The string makes the body long enough to be scanned, whatever the number of values.
      const body = { value, text: '",",[{\\'.repeat(200) };
      const text = JSON.stringify(body);
      const values = valuesIn(body);

      assert.equal(holdsMoreValuesThan(values - 1, text), true);
      assert.equal(holdsMoreValuesThan(values, text), false);
    }),
  );
});

test("as many values as allowed are parsed, one more is rejected before parsing", () => {
  const listOf = (values: number) => utf8(`[${"1,".repeat(values - 1)}1]`);

  assert.equal(parseBody(listOf(bodyLimits.values - 1)).kind, "parsed");
  const rejected = parseBody(listOf(bodyLimits.values));
  assert.ok(rejected.kind === "rejected" && rejected.code === "too_many_values");
});

test("nested lists count as values", () => {
  const rejected = parseBody(utf8("[".repeat(bodyLimits.values) + "]".repeat(bodyLimits.values)));

  assert.ok(rejected.kind === "rejected" && rejected.code === "too_many_values");
});

test("a text of ten million commas is one value", () => {
  assert.equal(parseBody(utf8(`{"alerts":"${",".repeat(10_000_000)}"}`)).kind, "parsed");
});
