import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { read, root, tableAfter } from "./pages.ts";

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

interface Component {
  readonly name: string;
  readonly version: string;
  readonly hashes?: readonly { readonly alg: string }[];
}

const own = JSON.parse(read("package.json")) as Package;
const lock = JSON.parse(read("package-lock.json")) as { readonly packages: Readonly<Record<string, Locked>> };
const page = read("docs/dependencies.md");
const sections = [
  { section: "## At run time", wanted: own.dependencies },
  { section: "## For development", wanted: own.devDependencies },
];

describe("dependencies", () => {
  it("are pinned to one exact version, the one in the lock file", () => {
    for (const [name, version] of Object.entries({ ...own.dependencies, ...own.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/u, name);
      assert.equal(lock.packages[`node_modules/${name}`]?.version, version, name);
    }
  });

  for (const { section, wanted } of sections) {
    it(`are exactly the rows under "${section}"`, () => {
      const rows = tableAfter(page, section).map(([name]) => name?.replaceAll("`", ""));

      assert.deepEqual(rows, Object.keys(wanted).sort());
    });

    it(`have their purpose and licence under "${section}"`, () => {
      for (const [name = "", purpose, , licence] of tableAfter(page, section)) {
        assert.notEqual(purpose, "");
        assert.equal(licence, lock.packages[`node_modules/${name.replaceAll("`", "")}`]?.license, name);
      }
    });
  }

  it("run an install script only if package.json allows it, and no run-time package has one", () => {
    const withScript = Object.entries(lock.packages).filter(([, locked]) => locked.hasInstallScript);

    const allowed = Object.keys(own.allowScripts).map((name) => `node_modules/${name}`);
    assert.deepEqual(
      withScript.map(([path]) => path),
      allowed,
    );
    assert.ok(withScript.every(([, locked]) => locked.dev));
  });
});

describe("the SBOM", () => {
  it("lists the run-time packages with version and hash, and no others", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "sbom-"));
    t.after(() => rmSync(folder, { recursive: true }));

    execFileSync("bash", [join(root, "scripts", "write-sbom.sh"), folder]);

    const text = readFileSync(join(folder, "sbom.cyclonedx.json"), "utf8");
    const { components } = JSON.parse(text) as { readonly components: readonly Component[] };

    const wanted = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && dev !== true);
    assert.deepEqual(
      components.map(({ name, version }) => `${name}@${version}`).sort(),
      wanted.map(([path, { version }]) => `${path.replace(/^.*node_modules\//u, "")}@${version}`).sort(),
    );
    assert.ok(components.every(({ hashes }) => hashes?.some(({ alg }) => alg === "SHA-512")));
  });
});

describe("the changelog", () => {
  it("begins with the version of package.json", () => {
    const first = /^## (\S+)/mu.exec(read("CHANGELOG.md"))?.[1];

    assert.equal(first, own.version);
  });

  it("marks every entry with its kind of change", () => {
    const entries = read("CHANGELOG.md")
      .split("\n")
      .filter((line) => /^[*-] /u.test(line));

    assert.ok(entries.length > 0);
    for (const entry of entries) assert.match(entry, /^\* \[(?:CHANGE|FEATURE|ENHANCEMENT|BUGFIX)\] /u);
  });
});
