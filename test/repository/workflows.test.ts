// The GitHub workflows: actions are pinned, and permissions are set for each job. actionlint checks the rest in ci.yaml.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";

const folder = join(import.meta.dirname, "../../.github/workflows");
const scripts = (
  JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  }
).scripts;

interface Workflow {
  readonly env?: unknown;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly env?: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
}

for (const name of ["ci.yaml", "release.yaml"]) {
  describe(`.github/workflows/${name}`, () => {
    const text = readFileSync(join(folder, name), "utf8");
    const workflow = parse(text) as Workflow;
    const jobs = Object.values(workflow.jobs);
    const steps = jobs.flatMap((job) => job.steps);

    it("sets permissions and a time limit for each job, and none for all jobs", () => {
      const unlimited = jobs.filter((job) => job.permissions === undefined || job["timeout-minutes"] === undefined);

      assert.deepEqual(workflow.permissions, {});
      assert.deepEqual(unlimited, []);
    });

    it("pins every action to a commit, with its version as a comment", () => {
      const used = text.split("\n").filter((line) => line.includes("uses:"));

      const loose = used.filter((line) => !/uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(line));

      assert.ok(used.length > 0);
      assert.deepEqual(loose, []);
    });

    it("runs no dependency's code in a job that may publish, nor a token beside it", () => {
      const isWriter = ({ permissions = {} }: Job) => Object.values(permissions).includes("write");
      const runsCode = (step: Step) => /\bnpm (?:ci|install|run|test|pack)\b|\.ci\/run/u.test(step.run ?? "");

      assert.deepEqual(
        jobs.filter(isWriter).flatMap(({ steps: own }) => own.filter(runsCode)),
        [],
      );
      assert.deepEqual(
        steps.filter((step) => runsCode(step) && JSON.stringify(step).includes("secrets.")),
        [],
      );
    });

    it("has no token in the environment of a step that builds or packages", () => {
      const isBuild = ({ uses = "", run = "" }: Step) =>
        uses.startsWith("docker/build-push-action@") || /\bpackage\b|\bbuild\b|\bbundle\b|\bpack\b/u.test(run);

      const builds = steps.filter(isBuild);

      assert.deepEqual(
        builds.filter(({ env, with: given }) => /secrets\.|github\.token/u.test(JSON.stringify([env, given]))),
        [],
      );
      assert.ok(workflow.env === undefined && jobs.every((job) => job.env === undefined));
    });

    it("leaves no token in the checkout", () => {
      const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));

      assert.ok(checkouts.length > 0);
      assert.ok(checkouts.every((step) => step.with?.["persist-credentials"] === false));
    });

    it("calls npm scripts that exist", () => {
      const called = steps.flatMap(({ run }) =>
        [...(run ?? "").matchAll(/\bnpm run ([\w:-]+)/gu)].map(([, script]) => script ?? ""),
      );

      assert.deepEqual(
        called.filter((script) => !Object.hasOwn(scripts, script)),
        [],
      );
    });
  });
}

it("a release has provenance and bills of materials: of the image, of the package, and of what is bundled", () => {
  const { jobs } = parse(readFileSync(join(folder, "release.yaml"), "utf8")) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  const images = steps.filter(({ uses }) => uses?.startsWith("docker/build-push-action@"));
  const runs = steps.flatMap(({ run }) => run ?? []).join("\n");

  assert.ok(images.length > 0);
  for (const { with: given } of images) {
    assert.deepEqual([given?.sbom, given?.provenance], [true, "mode=max"]);
  }
  assert.match(runs, /npm@\S+ publish \S+ --provenance/u);
  assert.match(readFileSync(join(folder, "../../scripts/release.sh"), "utf8"), /write-sbom\.sh/u);
});

it("every workflow is checked", () => {
  assert.deepEqual(readdirSync(folder).toSorted(), ["ci.yaml", "release.yaml"]);
});
