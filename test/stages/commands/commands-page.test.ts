// docs/commands.md against the commands, their flags and fallbacks, both ways.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { allCommands } from "../../../src/commands/command-line.ts";

const page = readFileSync(new URL("../../../docs/commands.md", import.meta.url), "utf8");

const quoted = (cell = "") => /`([^`]+)`/.exec(cell)?.[1] ?? null;

/** The flags in the table of a command's section. */
function flagsUnder(section: string): Readonly<Record<string, string | null>> {
  const rows = section.split("\n").filter((line) => line.startsWith("| `--"));
  return Object.fromEntries(
    rows.map((row) => {
      const [, flag, fallback] = row.split("|");
      return [(quoted(flag) ?? "").slice(2), quoted(fallback)];
    }),
  );
}

test("every command has its section with every flag and its fallback, in the same order, and there is no other", async () => {
  const sections = page.split(/^## /m).slice(1);

  const commands = await allCommands();
  const documented = sections.map((section) => [quoted(section.split("\n")[0]), flagsUnder(section)]);

  assert.deepEqual(
    documented,
    commands.map(({ name, flags }) => [
      name,
      Object.fromEntries(Object.entries(flags).map(([flag, { fallback }]) => [flag, fallback ?? null])),
    ]),
  );
});
