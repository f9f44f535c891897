// Checks the Dockerfile without a container engine; verify:image builds and runs it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..", "..");
const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
const stages = dockerfile.split(/^(?=FROM )/mu).slice(1);
const final = stages.at(-1) ?? "";

function sourcesOf(stage: string): readonly string[] {
  const copies = stage.matchAll(/^COPY (?!--from)(.+) \S+$/gmu);
  return [...copies].flatMap(([, sources]) => (sources ?? "").split(" "));
}

describe("the image", () => {
  it("needs no emulation to build for another platform: its final stage runs nothing", () => {
    const emulated = stages.filter(
      (stage) => /^RUN /mu.test(stage) && !stage.startsWith("FROM --platform=$BUILDPLATFORM "),
    );

    assert.equal(stages.length, 2);
    assert.deepEqual(emulated, []);
    assert.doesNotMatch(final, /^RUN /mu);
  });

  it("runs as a numeric user other than root, which Kubernetes can verify", () => {
    const [, user] = /^USER (.+)$/mu.exec(final) ?? [];

    assert.match(user ?? "", /^[1-9]\d+:[1-9]\d+$/u);
  });

  it("contains the bundle with the licences of its packages, but not the packages", () => {
    const taken = [...final.matchAll(/^COPY --from=build (?:--chown=\S+ )?(\S+) /gmu)].map(([, from]) => from);

    assert.deepEqual(taken, ["/app/papers/node_modules", "/app/dist", "/data"]);
    assert.match(stages[0] ?? "", /npm run bundle -- --papers=papers$/mu);
  });

  it("gets exactly the files that it copies from the build context", () => {
    const ignore = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
    const letIn = ignore.filter((line) => line.startsWith("!")).map((line) => line.slice(1));

    const copied = [...new Set(stages.flatMap(sourcesOf))];

    assert.ok(ignore.includes("*"));
    assert.deepEqual(copied.toSorted(), letIn.toSorted());
    assert.deepEqual(
      copied.filter((path) => !existsSync(join(root, path))),
      [],
    );
  });
});

describe("the base of the image", () => {
  const releaseFile = ".github/workflows/release.yaml";
  const release = readFileSync(join(root, releaseFile), "utf8");
  const digest = /^docker\.io\/library\/node:\d+-trixie-slim@sha256:[0-9a-f]{64}$/u;

  it("is given by digest, the same in the Dockerfile and for the release that is the latest", () => {
    const { jobs } = parse(release) as {
      readonly jobs: {
        readonly image: {
          readonly strategy: {
            readonly matrix: { readonly include: readonly { readonly latest: boolean; readonly base: string }[] };
          };
        };
      };
    };
    const variants = jobs.image.strategy.matrix.include;

    const [, own = ""] = /^ARG BUILD_IMAGE=(.+)$/mu.exec(dockerfile) ?? [];

    for (const { base } of variants) assert.match(base, digest);
    assert.deepEqual(
      variants.filter(({ latest }) => latest).map(({ base }) => base),
      [own],
    );
  });

  it("is brought up to date by scripts/image/bump-base.sh, in both files", () => {
    const copy = mkdtempSync(join(tmpdir(), "alertmanager-wecom-bump-"));
    for (const file of ["Dockerfile", releaseFile, "scripts/image/bump-base.sh"]) {
      cpSync(join(root, file), join(copy, file));
    }
    mkdirSync(join(copy, "bin"));
    const digests = "case $* in *node:24-*) printf sha256:%064d 24 ;; *node:26-*) printf sha256:%064d 26 ;; esac";
    writeFileSync(join(copy, "bin/docker"), `#!/bin/sh\n${digests}\n`, { mode: 0o755 });

    execFileSync("bash", [join(copy, "scripts/image/bump-base.sh")], {
      env: { PATH: `${join(copy, "bin")}:${process.env.PATH}` },
    });

    const found = ["Dockerfile", releaseFile].map((file) =>
      [...readFileSync(join(copy, file), "utf8").matchAll(/node:(\d+)-trixie-slim@sha256:0+(\d+)$/gmu)].map(
        ([, major, end]) => `${major} ${end}`,
      ),
    );
    rmSync(copy, { recursive: true });
    assert.deepEqual(found, [["24 24"], ["24 24", "26 26"]]);
  });
});
