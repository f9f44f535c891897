// The version as package.json says it, for --version, the log and alertmanager_wecom_build_info.

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** src/commands and dist/commands both lie two folders below package.json. */
const packageFile = join(import.meta.dirname, "..", "..", "package.json");

export function version(): string {
  const { version: text } = JSON.parse(readFileSync(packageFile, "utf8")) as { readonly version: string };
  return text;
}

export function versionBlock(): string {
  return `alertmanager-wecom, version ${version()}\n  node version: ${process.version}\n  platform: ${process.platform}/${process.arch}`;
}
