// No page leads nowhere, and none is out of reach.

import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import { anchorOf, exists, headings, inlineCode, links, pages, read } from "./pages.ts";

interface Target {
  readonly path: string;
  readonly anchor: string;
}

function targetsOf(page: string): readonly Target[] {
  const inside = links(read(page)).filter((target) => !/^[a-z]+:/u.test(target));
  return inside.map((target) => {
    const [path = "", anchor = ""] = target.split("#");
    return { path: path === "" ? page : normalize(join(dirname(page), path)), anchor };
  });
}

/** Whole paths in code, like `src/intake.ts`; not patterns, and not what is only made when something runs. */
const pathLike = /^(?:src|test|docs|scripts|templates|bench)(?:\/[\w.-]+)+\/?$/u;

describe("pages", () => {
  for (const page of pages) {
    it(`${page} links only to files and headings that exist`, () => {
      const broken = targetsOf(page).filter(({ path, anchor }) => {
        if (!exists(path)) return true;
        return anchor !== "" && !headings(read(path)).some(({ text }) => anchorOf(text) === anchor);
      });

      assert.deepEqual(broken, []);
    });

    it(`${page} names only paths that exist`, () => {
      const missing = inlineCode(read(page)).filter((code) => pathLike.test(code) && !exists(code));

      assert.deepEqual(missing, []);
    });
  }

  it("of docs can all be reached from the README", () => {
    const reached = new Set(["README.md"]);
    for (const page of reached) {
      for (const { path } of targetsOf(page)) if (pages.includes(path)) reached.add(path);
    }

    const lost = pages.filter((page) => page.startsWith("docs/") && !reached.has(page));

    assert.deepEqual(lost, []);
  });

  it("name nothing outside the repository", () => {
    const wrong = pages.filter((page) => /\.\.\/shared|\/work\/|\bDESIGN\b|STYLE\.md/u.test(read(page)));

    assert.deepEqual(wrong, []);
  });
});
