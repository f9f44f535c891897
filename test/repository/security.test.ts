// SECURITY.md says what senders can and cannot do: each item of its list names tests that exist.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exists, read } from "./pages.ts";

const section = /^## What a sender can and cannot do\n([\s\S]*?)^## /mu.exec(read("SECURITY.md"))?.[1] ?? "";
const items = section
  .split(/^- /mu)
  .slice(1)
  .map((item) => item.replace(/\s+/gu, " "));

/** Titles of a test file; what a title computes is "…". */
function titlesIn(path: string): readonly string[] {
  const calls = exists(path) ? read(path).matchAll(/\b(?:it|test)\(\s*(["`])((?:\\.|(?!\1).)*)\1/gsu) : [];
  return [...calls].map(([, , title = ""]) => title.replace(/\$\{[^}]*\}/gu, "…"));
}

describe("what senders can and cannot do", () => {
  for (const item of items) {
    const [, attempt, outsider = "", sender = "", tests = ""] =
      /^\*\*(.+)\.\*\* Outsider: (.+?)\. Sender: (.+)\. Tests: (.+)$/u.exec(item) ?? [];

    it(`is said and tested: ${attempt ?? item}`, () => {
      const named = [...tests.matchAll(/\[([^\]]+)\]\(([^)]+)\)/gu)].map(([, title = "", path = ""]) => ({
        title,
        path,
      }));
      const missing = named.filter(({ title, path }) => !titlesIn(path).includes(title));

      assert.match(outsider, /^(?:can|cannot)\b/u);
      assert.match(sender, /^(?:can|cannot|the same)\b/u);
      assert.notEqual(named.length, 0);
      assert.deepEqual(missing, []);
    });
  }
});
