// Source files are small and say what they are for; no test is switched off.

import assert from "node:assert/strict";
import { matchesGlob } from "node:path";
import { describe, it } from "node:test";
import { files, read, sources } from "./pages.ts";

const usualLines = 200;
const maxLines = 300;
const headMaxLines = 4;

/** The comment that opens a file, after a shebang. */
function headOf(text: string): readonly string[] {
  const lines = text.replace(/^#!.*\n/u, "").split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  return lines.slice(0, end === -1 ? lines.length : end);
}

function lineCount(text: string): number {
  return text.trimEnd().split("\n").length;
}

describe("source files", () => {
  it(`open with one to ${headMaxLines} lines of comment`, () => {
    const wrong = sources.filter((path) => {
      const head = headOf(read(path));
      return head.length === 0 || head.length > headMaxLines;
    });

    assert.deepEqual(wrong, []);
  });

  it(`have at most ${maxLines} lines, and above ${usualLines} say "long because" in their head`, () => {
    const wrong = sources.filter((path) => {
      const text = read(path);
      const said = headOf(text).join(" ").includes("long because");
      return lineCount(text) > (said ? maxLines : usualLines);
    });

    assert.deepEqual(wrong, []);
  });

  it("name nothing outside the repository", () => {
    const code = files.filter((path) => /^(?:src|scripts|bench|test)\/.*\.ts$/u.test(path) && !isOurs(path));

    const wrong = code.filter((path) => /["'`\s]\/work\/|\bDESIGN\b|STYLE\.md/u.test(read(path)));

    assert.deepEqual(wrong, []);
  });
});

describe("tests", () => {
  it("are never switched off, and none is run alone", () => {
    const off =
      /\b(?:it|test|describe|suite|before|after)\.(?:only|skip|todo)\b|\b(?:only|todo):|\bskip: (?:true|["'`])/u;
    const tests = files.filter((path) => path.endsWith(".test.ts") && !isOurs(path));

    const wrong = tests.filter((path) => off.test(read(path)));

    assert.deepEqual(wrong, []);
  });

  it("are each run by npm test or npm run test:e2e, and by one of them only", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };
    const tests = files.filter((path) => path.endsWith(".test.ts"));

    const runs = (path: string) => [scripts.test, scripts["test:e2e"]].filter((script) => names(script ?? "", path));

    assert.deepEqual(
      tests.filter((path) => runs(path).length !== 1),
      [],
    );
  });
});

/** Whether a call of the test runner names the file, or a pattern that it fits. */
function names(script: string, path: string): boolean {
  return script.split(/[ "]+/u).some((word) => word.startsWith("test/") && matchesGlob(path, word));
}

/** These tests name what they look for. */
function isOurs(path: string): boolean {
  return path.startsWith("test/repository/");
}
