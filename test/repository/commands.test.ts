// The commands, flags and npm scripts on the pages exist.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runCommand } from "../../src/commands/command-line.ts";
import { codeBlocks, headings, inlineCode, pages, read, tableAfter } from "./pages.ts";

const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };

async function help(...args: readonly string[]): Promise<string> {
  const lines: string[] = [];
  const out = (text: string) => void lines.push(text);
  await runCommand([...args, "--help"], { out, err: out, env: {} });
  return lines.join("\n");
}

/** All code on the pages that a reader may type. */
const typed = pages.flatMap((page) => {
  const text = read(page);
  const blocks = codeBlocks(text).filter(({ language }) => language === "sh");
  return [...inlineCode(text), ...blocks.flatMap((block) => block.text.split("\n"))];
});

describe("commands on the pages", () => {
  it("exist, and so do their flags", async () => {
    const calls = typed.flatMap((line) => /(?:alertmanager-wecom|src\/main\.ts) ([a-z][a-z-]*)(.*)/u.exec(line) ?? []);
    const overview = await help();

    for (let i = 0; i < calls.length; i += 3) {
      const [call = "", command = "", rest = ""] = calls.slice(i, i + 3);
      assert.match(overview, new RegExp(`^ {2}${command} `, "mu"), call);
      const usage = await help(command);
      for (const [flag] of rest.matchAll(/--[a-z.-]+/gu)) assert.ok(usage.includes(`${flag}=`), `${call}: ${flag}`);
    }
    assert.ok(calls.length > 0);
  });

  it("include every flag of serve with its default", async () => {
    const usage = await help("serve");
    const page = pages.find((path) => headings(read(path)).some(({ text }) => text === "Flags")) ?? "";
    const documented = tableAfter(read(page), "## Flags").map(([flag = "", fallback = ""]) => {
      const value = inlineCode(fallback)[0];
      return [inlineCode(flag)[0], value === undefined ? null : value];
    });

    const real = [...usage.matchAll(/^ {2}(--[a-z.-]+)=VALUE.*?(?:\(default (.+)\))?$/gmu)];
    assert.deepEqual(
      documented,
      real.map((match) => [match[1], match[2] ?? null]),
    );
  });

  it("call npm scripts that exist", () => {
    const named = typed.flatMap((line) => [...line.matchAll(/\bnpm (?:run ([a-z0-9:-]+)|(start|test))\b/gu)]);

    assert.ok(named.length > 0);
    for (const [call, run, short] of named) assert.ok((run ?? short ?? "") in scripts, call);
  });
});
