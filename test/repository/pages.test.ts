// The pages of the repository: links, the two languages, and the form of README and decision records.

import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import { anchorOf, codeBlocks, exists, headings, inlineCode, links, pages, prose, read } from "./pages.ts";

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

/** Whole paths in code, like `src/intake.ts`; not patterns, and not files that are only generated. */
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

    it(`${page} has no section twice`, () => {
      const sections = headings(read(page)).flatMap(({ level, text }) => (level === 2 ? [text] : []));

      assert.deepEqual(sections, [...new Set(sections)]);
    });

    it(`${page} names only paths that exist`, () => {
      const missing = inlineCode(read(page)).filter((code) => pathLike.test(code) && !exists(code));

      assert.deepEqual(missing, []);
    });
  }

  it("in docs can all be reached from the README", () => {
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

/** Comments in code may be translated. */
function codeOf(page: string): readonly string[] {
  return codeBlocks(page).map(({ text }) => text.replace(/(?:^|[ \t]+)(?:#|\/\/) .*$/gmu, ""));
}

/** Cells of code, of numbers and of metric types, by row: the same in both languages. */
function untranslatedCells(page: string): readonly (readonly string[])[] {
  const rows = [...page.matchAll(/^\|(.*)\|$/gmu)].map(([, row = ""]) => row.split("|").map((cell) => cell.trim()));
  const cells = rows.map((row) =>
    row.filter((cell) => /^(?:`[^`]+`(?:, |、|–)?)+$|^\d+$|^counter$|^gauge$|^histogram$/u.test(cell)),
  );
  return cells.map((row) => row.map((cell) => cell.replaceAll("、", ", ")));
}

/** The glossary has both languages. */
const forDevelopers = new Set(["docs/architecture.md", "docs/dependencies.md", "docs/glossary.md"]);

describe("a Chinese page and its English page", () => {
  it("exist for all that an operator needs", () => {
    const english = pages.filter((page) => /^(?:docs|helm)\//u.test(page) && !/\.zh-CN\.md$|\/decisions\//u.test(page));

    const alone = english.filter((page) => !pages.includes(page.replace(/\.md$/u, ".zh-CN.md")));

    assert.deepEqual(new Set(alone), forDevelopers);
  });

  for (const chinese of pages.filter((page) => page.endsWith(".zh-CN.md"))) {
    const english = chinese.replace(".zh-CN.md", ".md");

    it(`${english} have the same headings, code and table rows`, () => {
      const [ours, theirs] = [read(chinese), read(english)];
      const levels = (page: string) => headings(page).map(({ level }) => level);

      assert.deepEqual(levels(ours), levels(theirs));
      assert.deepEqual(codeOf(ours), codeOf(theirs));
      assert.deepEqual(untranslatedCells(ours), untranslatedCells(theirs));
    });
  }
});

describe("the form of pages", () => {
  for (const page of ["README.md", "README.zh-CN.md"]) {
    it(`${page} has at most 150 lines`, () => {
      assert.ok(read(page).trimEnd().split("\n").length <= 150);
    });
  }

  it("no line is longer than 120 characters, table rows, code and links of pictures aside", () => {
    const wrong = pages
      .flatMap((page) =>
        prose(read(page))
          .split("\n")
          .map((line) => ({ page, line })),
      )
      .filter(({ line }) => [...line].length > 120 && !/^(?:\||!\[)/u.test(line));

    assert.deepEqual(wrong, []);
  });

  it("no cell of a table is longer than 120 characters, targets of links aside: a list is easier to read", () => {
    const wrong = pages.flatMap((page) => {
      const cells = [...prose(read(page)).matchAll(/^\|(.*)\|$/gmu)].flatMap(([, row = ""]) => row.split(/(?<!\\)\|/u));
      return cells
        .map((cell) => cell.trim().replace(/\[([^\]]*)\]\([^)]*\)/gu, "$1"))
        .filter((cell) => [...cell].length > 120)
        .map((cell) => ({ page, cell }));
    });

    assert.deepEqual(wrong, []);
  });

  it("a decision record has its own number, background, decision and consequences, in at most 40 lines", () => {
    const records = pages.filter((page) => page.startsWith("docs/decisions/"));

    for (const record of records) {
      const [title = "", ...sections] = headings(read(record)).map(({ text }) => text);
      assert.deepEqual(sections, ["Background", "Decision", "Consequences"], record);
      assert.ok(title.startsWith(`${/\d{4}/u.exec(record)?.[0]}: `), record);
      assert.ok(read(record).trimEnd().split("\n").length <= 40, record);
    }
    assert.equal(new Set(records.map((record) => /\d{4}/u.exec(record)?.[0])).size, records.length);
  });
});
