// Checks the Dockerfile without a container engine; verify:image builds and runs it.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

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
