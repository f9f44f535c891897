// docs/templates.md names every helper, with the arguments it takes, and none that does not exist.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createHelpers } from "../../../../src/render/template/helpers.ts";
import { compile, source } from "./compiling.ts";

const PAGE = readFileSync(new URL("../../../../docs/templates.md", import.meta.url), "utf8");
const FUNCTIONS = PAGE.slice(PAGE.indexOf("\n### Functions"), PAGE.indexOf("\n### What differs"));

test("the table of functions and the helpers agree", () => {
  const rows = FUNCTIONS.split("\n").filter((line) => line.startsWith("| `"));

  const documented = rows.flatMap((row) =>
    Array.from((row.split(" | ")[0] ?? "").matchAll(/`([^`]+)`/g), ([, usage]) => usage),
  );

  assert.deepEqual(documented.sort(), [...createHelpers(new Map()).values()].map((helper) => helper.usage).sort());
});

test("what the page recommends to write compiles", () => {
  const syntax = PAGE.slice(PAGE.indexOf("\n### Syntax"), PAGE.indexOf("\n### Functions"));
  const cells = syntax.split("\n").map((line) => line.split(/(?<!\\) \| /)[1] ?? "");
  const written = cells.flatMap((cell) =>
    Array.from(cell.matchAll(/`(\{\{.*?\}\}|\(.*?\))`/g), ([, text = ""]) => text.replaceAll("\\|", "|")),
  );

  assert.ok(written.length > 40);
  for (const text of written) {
    const compiled = compile(text.startsWith("(") ? `{{print ${text}}}` : text, [source("", "row")]);
    assert.equal(compiled.kind, "compiled", text);
  }
});
