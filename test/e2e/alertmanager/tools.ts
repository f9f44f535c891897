// Finds the programs that these tests need on PATH, or fails with the command that installs them.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian's command is named prometheus-alertmanager. */
const names = {
  prometheus: ["prometheus"],
  alertmanager: ["prometheus-alertmanager", "alertmanager"],
  promtool: ["promtool"],
  amtool: ["amtool"],
} as const;

export type Tools = Readonly<Record<keyof typeof names, string>>;

/** Throws if one is missing: a test that did not run has not passed. */
export function findTools(path = process.env.PATH ?? ""): Tools {
  const entries = Object.entries(names).map(([tool, known]) => [
    tool,
    known.map((name) => find(name, path)).find(isFound),
  ]);
  const missing = entries.filter(([, found]) => found === undefined).map(([tool]) => tool);
  if (missing.length > 0) throw new Error(`not on PATH: ${missing.join(", ")}; run scripts/install-e2e-tools.sh`);
  return Object.fromEntries(entries) as Tools;
}

function find(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isFound(found: string | undefined): found is string {
  return found !== undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
