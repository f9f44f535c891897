// Finds a Node on this machine that is older than the program needs.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "../../support/child.ts";

const oldest = 24;

/** Null when every Node on PATH is new enough. */
export async function findOldNode(): Promise<{ readonly path: string; readonly version: string } | null> {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];
  for (const path of new Set(folders.map((folder) => join(folder, "node")))) {
    if (!isExecutable(path)) continue;
    const version = (await run({ command: path, args: ["--version"] })).stdout.trim();
    if (Number(/^v(\d+)\./u.exec(version)?.[1]) < oldest) return { path, version };
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
