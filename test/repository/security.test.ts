// SECURITY.md says what senders can and cannot do: each row of its table names tests that exist.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exists, read, tableAfter } from "./pages.ts";

const rows = tableAfter(read("SECURITY.md"), "## What a sender can and cannot do");

/** Titles of a test file; what a title computes is "…". */
function titlesIn(path: string): readonly string[] {
  const calls = exists(path) ? read(path).matchAll(/\b(?:it|test)\(\s*(["`])((?:\\.|(?!\1).)*)\1/gsu) : [];
  return [...calls].map(([, , title = ""]) => title.replace(/\$\{[^}]*\}/gu, "…"));
}

describe("what senders can and cannot do", () => {
  for (const [attempt = "", stranger = "", sender = "", tests = ""] of rows) {
    it(`is said and tested: ${attempt}`, () => {
      const named = [...tests.matchAll(/\[([^\]]+)\]\(([^)]+)\)/gu)].map(([, title = "", path = ""]) => ({
        title,
        path,
      }));
      const missing = named.filter(({ title, path }) => !titlesIn(path).includes(title));

      assert.match(stranger, /^(?:can|cannot)\b/u);
      assert.match(sender, /^(?:can|cannot|the same)\b/u);
      assert.notEqual(named.length, 0);
      assert.deepEqual(missing, []);
    });
  }
});
