// The sample bodies that come with the program (templates/samples), read and normalized: what every template is tried with.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AlertGroup } from "../domain/alert.ts";
import { normalize } from "../normalize/normalize.ts";
import { parseBody } from "../normalize/parse-body.ts";

/** src/commands and dist/commands both lie two folders below the package. */
const folder = join(import.meta.dirname, "..", "..", "templates", "samples");

export interface Sample {
  readonly name: string;
  readonly group: AlertGroup;
}

/** Throws when one of them is no webhook body: they are ours. */
export function loadSamples(): readonly Sample[] {
  return readdirSync(folder)
    .sort()
    .map((file) => ({ name: file.replace(/\.json$/u, ""), group: readGroup(file) }));
}

function readGroup(file: string): AlertGroup {
  const parsed = parseBody(readFileSync(join(folder, file)));
  const normalized = parsed.kind === "rejected" ? parsed : normalize(parsed.body);
  if (normalized.kind === "rejected") throw new Error(`the sample ${file} was rejected: ${normalized.message}`);
  return normalized.group;
}
