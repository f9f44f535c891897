// docs/architecture.md and scripts/check-imports.ts say the same of who may import what and who may touch the world.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { inlineCode, read, sources, tableAfter } from "./pages.ts";

const page = read("docs/architecture.md");
const script = read("scripts/check-imports.ts");

/** The script checks when it is imported, so its tables are read from its text; what they are written in is YAML as well. */
function literal(declaration: RegExp): unknown {
  const text = declaration.exec(script)?.[1];
  assert.ok(text !== undefined, `scripts/check-imports.ts has no ${declaration.source}`);
  return parse(text);
}

const mayImport = literal(/const mayImport[^=]*= (\{[\s\S]*?\n\});/u) as Readonly<Record<string, readonly string[]>>;
const shells = literal(/const shells = new Set\((\[[\s\S]*?\])\);/u) as readonly string[];
const shellFolders = literal(/const shellFolders = (\[[^\]]*\]);/u) as readonly string[];

describe("docs/architecture.md", () => {
  it("lists what may import what as scripts/check-imports.ts checks it", () => {
    const rows = tableAfter(page, "<!-- imports -->").map(([part = "", values = "", types = ""]) => {
      const allowed = [...inlineCode(values), ...inlineCode(types).map((path) => `types:${path}`)];
      return [inlineCode(part)[0], allowed.sort()];
    });

    const checked = Object.entries(mayImport).map(([part, allowed]) => [part, [...allowed].sort()]);
    assert.deepEqual(Object.fromEntries(rows), Object.fromEntries(checked));
  });

  it("lists the shells that scripts/check-imports.ts knows", () => {
    const rows = tableAfter(page, "<!-- shells -->").map(([shell = ""]) => inlineCode(shell)[0] ?? "");

    assert.deepEqual(rows.sort(), [...shells, ...shellFolders].sort());
  });

  it("says of every folder of src what goes in and what comes out", () => {
    const rows = tableAfter(page, "## Folder by folder").map(([folder = ""]) => inlineCode(folder)[0] ?? "");

    const folders = sources.flatMap((path) => /^src\/([^/]+)\//u.exec(path)?.[1] ?? []);
    assert.deepEqual(rows.sort(), [...new Set(folders)].sort());
  });
});
