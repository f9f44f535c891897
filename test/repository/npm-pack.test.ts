// The files that `npm pack` would publish, built into a temporary folder: everything that runs, and nothing else.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

const root = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "npm-pack-"));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
};
const packed: string[] = [];

before(() => {
  for (const name of ["package.json", "README.md", "LICENSE", ...manifest.files.filter((file) => file !== "dist")]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  run("tsc", ["-p", join(root, "tsconfig.build.json"), "--outDir", join(folder, "dist")]);
  const listed = run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--loglevel=error"]);
  const [listing] = JSON.parse(listed) as readonly { readonly files: readonly { readonly path: string }[] }[];
  packed.push(...(listing?.files ?? []).map(({ path }) => path));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
});

after(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, args: readonly string[]): string {
  const PATH = `${join(root, "node_modules", ".bin")}:${process.env.PATH}`;
  return execFileSync(program, args, { cwd: folder, encoding: "utf8", env: { ...process.env, PATH } });
}

function filesIn(path: string): readonly string[] {
  const entries = readdirSync(join(folder, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

describe("the npm package", () => {
  it("contains only compiled code, templates with samples, views of console and phone page, the font with its licence, example and schema of the config, README, licence and manifest", () => {
    const known =
      /^(dist\/[\w/.-]+\.js|templates\/(shared|zh|en|samples|console|phone)\/[\w.-]+|templates\/pages\.css|fonts\/(NotoSansSC-gb2312\.ttf|OFL\.txt)|config\.(example\.yaml|schema\.json)|README\.md|LICENSE|package\.json)$/u;

    const others = packed.filter((path) => !known.test(path));

    assert.deepEqual(others, []);
  });

  it("contains every compiled file, every built-in template and the font", () => {
    const needed = ["dist", "templates", "fonts"].flatMap(filesIn);

    const missing = needed.filter((path) => !packed.includes(path));

    assert.ok(needed.length > 100);
    assert.deepEqual(missing, []);
  });

  it("has a command that a shell can run", () => {
    const [first] = readFileSync(join(folder, "dist", "main.js"), "utf8").split("\n");

    assert.equal(first, "#!/usr/bin/env node");
  });

  it("imports only packages that npm installs with it", () => {
    const bare = filesIn("dist").flatMap((path) => {
      const code = readFileSync(join(folder, path), "utf8");
      return [...code.matchAll(/^(?:import|export)\b[^;]*?from "([^."][^"]*)"/gmu)].map(([, from]) => from ?? "");
    });

    const packages = [
      ...new Set(bare.filter((from) => !isBuiltin(from)).map((from) => /^(?:@[^/]+\/)?[^/]+/u.exec(from)?.[0] ?? "")),
    ];

    assert.ok(packages.includes("express"));
    assert.deepEqual(
      packages.filter((name) => !Object.hasOwn(manifest.dependencies, name)),
      [],
    );
  });

  it("checks a config as the installed command does", () => {
    writeFileSync(join(folder, "config.yaml"), "bots: { ops: { key: some-robot-key } }\nroute: { bot: ops }\n");

    const output = run("node", [join("dist", "main.js"), "check-config", "config.yaml"]);

    assert.match(output, /^config\.yaml: OK: 1 bot, 1 route$/m);
  });
});
