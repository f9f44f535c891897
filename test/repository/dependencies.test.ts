// Every dependency is pinned, harmless to install, and has its row with its licence in docs/dependencies.md.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { read, tableAfter } from "./pages.ts";

interface Package {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

const own = JSON.parse(read("package.json")) as Package;
const lock = JSON.parse(read("package-lock.json")) as { readonly packages: Readonly<Record<string, Locked>> };
const page = read("docs/dependencies.md");
const sections = [
  { section: "## At run time", wanted: own.dependencies },
  { section: "## For development", wanted: own.devDependencies },
];

describe("dependencies", () => {
  it("are pinned to one exact version, the one that is locked", () => {
    for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/u, name);
      assert.equal(lock.packages[`node_modules/${name}`]?.version, version, name);
    }
  });

  for (const { section, wanted } of sections) {
    it(`have a row each under "${section}", and no row is of anything else`, () => {
      const rows = tableAfter(page, section).map(([name]) => name?.replaceAll("`", ""));

      assert.deepEqual(rows, Object.keys(wanted).sort());
    });

    it(`have their licence and a purpose under "${section}"`, () => {
      for (const [name = "", purpose, , licence] of tableAfter(page, section)) {
        assert.notEqual(purpose, "");
        assert.equal(licence, lock.packages[`node_modules/${name.replaceAll("`", "")}`]?.license, name);
      }
    });
  }

  it("run a script when installed only where package.json allows it, and none of those at run time", () => {
    const withScript = Object.entries(lock.packages).filter(([, locked]) => locked.hasInstallScript);

    const allowed = Object.keys(own.allowScripts).map((name) => `node_modules/${name}`);
    assert.deepEqual(
      withScript.map(([path]) => path),
      allowed,
    );
    assert.ok(withScript.every(([, locked]) => locked.dev));
  });
});

describe("the changelog", () => {
  it("begins with the version of package.json", () => {
    const first = /^## (\S+)/mu.exec(read("CHANGELOG.md"))?.[1];

    assert.equal(first, own.version);
  });

  it("marks every entry with what kind of change it is", () => {
    const entries = read("CHANGELOG.md")
      .split("\n")
      .filter((line) => /^[*-] /u.test(line));

    assert.ok(entries.length > 0);
    for (const entry of entries) assert.match(entry, /^\* \[(?:CHANGE|FEATURE|ENHANCEMENT|BUGFIX)\] /u);
  });
});
