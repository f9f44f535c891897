// What the SBOM of a release tells is what the lock file installs at run time: no more, no less, each with version and hash.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { read } from "./pages.ts";

const root = join(import.meta.dirname, "..", "..");

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly hashes?: readonly { readonly alg: string }[];
}

describe("the SBOM", () => {
  it("names the packages that run, with version and hash, and no others", (t) => {
    const folder = mkdtempSync(join(tmpdir(), "sbom-"));
    t.after(() => rmSync(folder, { recursive: true }));

    execFileSync("bash", [join(root, "scripts", "write-sbom.sh"), folder]);

    const text = readFileSync(join(folder, "sbom.cyclonedx.json"), "utf8");
    const { components } = JSON.parse(text) as { readonly components: readonly Component[] };

    const lock = JSON.parse(read("package-lock.json")) as { readonly packages: Readonly<Record<string, Locked>> };
    const running = Object.entries(lock.packages).filter(([path, { dev }]) => path !== "" && dev !== true);
    assert.deepEqual(
      components.map(({ name, version }) => `${name}@${version}`).sort(),
      running.map(([path, { version }]) => `${path.replace(/^.*node_modules\//u, "")}@${version}`).sort(),
    );
    assert.ok(components.every(({ hashes }) => hashes?.some(({ alg }) => alg === "SHA-512")));
  });
});
