import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { didYouMean, inQuotes } from "../../../src/config/in-quotes.ts";

const suggestions: readonly (readonly [string, readonly string[], string | null])[] = [
  ["rotes", ["bot", "routes"], "routes"],
  ["Routes", ["routes"], "routes"],
  ["mathcers", ["matchers", "mention"], "matchers"],
  ["rotue", ["route", "bots"], "route"],
  ["kye", ["key", "keys"], "key"],
  ["bto", ["bot", "wait"], "bot"],
  ["langage", ["language", "storage"], "language"],
  ["auth", ["bots", "route"], null],
  ["x", ["ops"], null],
  ["receiver", ["bot", "routes"], "bot"],
  ["reciever", ["receiver"], "receiver"],
  ["match_re", ["matchers"], "matchers"],
  ["constructor", ["bot"], null],
  ["anything", [], null],
];

describe("didYouMean", () => {
  for (const [word, known, expected] of suggestions) {
    it(`suggests ${expected ?? "nothing"} for ${word} among ${known.join(", ") || "nothing"}`, () => {
      assert.equal(didYouMean(word, known), expected === null ? "" : `; did you mean "${expected}"?`);
    });
  }

  it("does not compare a whole file with a word", () => {
    assert.equal(didYouMean("x".repeat(10_000_000), ["routes"]), "");
  });
});

describe("quote", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["ops", '"ops"'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ["x".repeat(100), `"${"x".repeat(60)}…"`],
    ["44444444-aaaa-4bbb-8ccc-000000000001", '"<hidden>"'],
    ["44444444aaaa4bbb8ccc000000000001", '"<hidden>"'],
    ["https://user:password@proxy", '"<hidden>"'],
    ["send?key=x", '"<hidden>"'],
  ];

  for (const [text, expected] of cases) {
    it(`shows ${text.slice(0, 20)} as ${expected.slice(0, 20)}`, () => {
      assert.equal(inQuotes(text), expected);
    });
  }
});
