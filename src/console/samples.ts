// The webhook bodies that come with the program (templates/samples): `check-config` and the playground render them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AlertGroup } from "../domain/alert.ts";
import { normalize } from "../normalize/normalize.ts";
import { parseBody } from "../normalize/parse-body.ts";
import { offsetsOf } from "../normalize/read-times.ts";

export interface Sample {
  readonly name: string;
  readonly group: AlertGroup;
}

/** src/console and dist/chunks are both two folders below the package. */
const samplesFolder = join(import.meta.dirname, "..", "..", "templates", "samples");

/** Throws when one of them is not a webhook body: they are part of the program. */
export function loadSamples(): readonly Sample[] {
  return readdirSync(samplesFolder)
    .sort()
    .map((file) => ({ name: file.replace(/\.json$/u, ""), group: sampleGroup(file) }));
}

/** What people try templates with unless they choose another: an alert as most of them are. */
const firstSample = "alertmanager-firing";

export function sampleIn<S extends Sample>(samples: readonly S[], name: string): S {
  const sample = samples.find((one) => one.name === name) ?? samples.find((one) => one.name === firstSample);
  if (sample === undefined) throw new Error("the program has no samples; install it again");
  return sample;
}

function sampleGroup(file: string): AlertGroup {
  const parsed = parseBody(readFileSync(join(samplesFolder, file)));
  // Their times have a zone, and none of them counts as future.
  const receivedAt = Number.POSITIVE_INFINITY;
  const context = { offsetAt: offsetsOf("UTC"), receivedAt, lossyBody: null, alertmanagerOf: () => null };
  const normalized = parsed.kind === "rejected" ? parsed : normalize(parsed.body, context);
  if (normalized.kind === "rejected") throw new Error(`the sample ${file} is rejected: ${normalized.message}`);
  return normalized.group;
}
