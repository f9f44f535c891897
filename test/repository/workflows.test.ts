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
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
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

it("every workflow is checked", () => {
  assert.deepEqual(readdirSync(folder).toSorted(), ["ci.yaml", "release.yaml"]);
});
