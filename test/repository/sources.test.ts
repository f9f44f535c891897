// The rules for source files that no tool of `npm run check` checks.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { files, read, sources } from "./pages.ts";

const { shells } = (await import(new URL("../../.dependency-cruiser.mjs", import.meta.url).href)) as {
  readonly shells: readonly string[];
};

/** Without comments and blank lines. Tables of data may be longer and are listed here. */
const maxCodeLines = 250;
const tables = new Set<string>([]);

/** Files that pass a secret on as text: to WeCom, datasources and Alertmanagers, to PostgreSQL, to the thread that compares passwords, to OpenSSL, to a running service. */
const revealers = new Set([
  "src/wecom/client.ts",
  "src/outbox/postgres/driver.ts",
  "src/receive/passwords.ts",
  "src/config/load-web.ts",
  "src/commands/service-client.ts",
  "src/config/outgoing-credential.ts",
]);

const clockOrEnvironment =
  /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.(?:env|argv|std|hrtime|on\()|\bperformance\.now\(|\bset(?:Timeout|Interval|Immediate)\(|\brandom(?:UUID|Bytes)\(/u;

function codeOf(path: string): readonly string[] {
  return read(path)
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s*(?:\/\/|\*|\/\*)/u.test(line));
}

function isShell(path: string): boolean {
  return shells.some((shell) => path.startsWith(`src/${shell}`));
}

function namesIn(path: string): readonly { readonly name: string; readonly isExported: boolean }[] {
  const declared = /^(export )?(?:async )?(?:function\*?|const|let|class|abstract class|interface|type) ([\w$]+)/u;
  return codeOf(path).flatMap((line) => {
    const [, exported, name] = declared.exec(line) ?? [];
    return name === undefined ? [] : [{ name, isExported: exported !== undefined }];
  });
}

describe("source files", () => {
  it(`have at most ${maxCodeLines} lines of code`, () => {
    const wrong = sources.filter((path) => !tables.has(path) && codeOf(path).length > maxCodeLines);

    assert.deepEqual(wrong, []);
  });

  it("read clock, randomness, timers and environment only in shells", () => {
    const wrong = sources.filter(
      (path) => !isShell(path) && codeOf(path).some((line) => clockOrEnvironment.test(line)),
    );

    assert.deepEqual(wrong, []);
  });

  it("reveal a secret only in the listed files", () => {
    const wrong = sources.filter(
      (path) => !revealers.has(path) && codeOf(path).some((line) => /\.reveal\(\)/u.test(line)),
    );

    assert.deepEqual(wrong, []);
  });

  it("export nothing from another file", () => {
    const wrong = sources.filter((path) =>
      codeOf(path).some((line) => /^export (?:type )?(?:\*|\{.*\}) from/u.test(line)),
    );

    assert.deepEqual(wrong, []);
  });

  it("export only names that no other file of src declares", () => {
    const all = sources.flatMap((path) => namesIn(path).map((one) => ({ ...one, path })));
    const exported = new Set(all.filter(({ isExported }) => isExported).map(({ name }) => name));
    const declaredIn = Map.groupBy(
      all.filter(({ name }) => exported.has(name)),
      ({ name }) => name,
    );

    const wrong = [...declaredIn].filter(([, places]) => new Set(places.map(({ path }) => path)).size > 1);

    assert.deepEqual(
      wrong.map(([name, places]) => `${name}: ${places.map(({ path }) => path).join(", ")}`),
      [],
    );
  });

  it("name nothing outside the repository", () => {
    const code = files.filter((path) => /^(?:src|scripts|bench|test)\/.*\.ts$/u.test(path) && !isOurs(path));

    const wrong = code.filter((path) => /["'`\s]\/work\/|\bDESIGN\b|STYLE\.md/u.test(read(path)));

    assert.deepEqual(wrong, []);
  });
});

describe("tests", () => {
  it("are never skipped, and none excludes others", () => {
    const off =
      /\b(?:it|test|describe|suite|before|after)\.(?:only|skip|todo)\b|\b(?:only|todo):|\bskip: (?:true|["'`])/u;
    const tests = files.filter((path) => path.endsWith(".test.ts") && !isOurs(path));

    const wrong = tests.filter((path) => off.test(read(path)));

    assert.deepEqual(wrong, []);
  });
});

/** These tests contain what they search for. */
function isOurs(path: string): boolean {
  return path.startsWith("test/repository/");
}
