import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readSize } from "../../../src/config/fields.ts";

const cases: readonly (readonly [string, number | null])[] = [
  ["0B", 0],
  ["100B", 100],
  ["1KB", 1024],
  ["1KiB", 1024],
  ["10MB", 10 * 1024 ** 2],
  ["10MiB", 10 * 1024 ** 2],
  ["1GB", 1024 ** 3],
  ["2TiB", 2 * 1024 ** 4],
  ["", null],
  ["10", null],
  ["10M", null],
  ["10mb", null],
  ["1.5GB", null],
  ["10 MB", null],
  ["-1MB", null],
  ["iB", null],
];

describe("readSize", () => {
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)} as ${expected ?? "no size"}`, () => {
      assert.equal(readSize(text), expected);
    });
  }
});
