// Finds misspelt fields, which the API models ignore but their types do not: writes the manifests as typed literals into a file under
// .cache and runs the TypeScript compiler on it.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "./manifest.ts";

const root = join(import.meta.dirname, "..", "..");
const options = [
  "--ignoreConfig",
  "--noEmit",
  "--strict",
  "--skipLibCheck",
  "--module",
  "nodenext",
  "--target",
  "es2024",
];

const modelPackages: Readonly<Record<string, string>> = {
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "gateway.networking.k8s.io": "@kubernetes-models/gateway-api",
};

/** The module that holds the model of a kind. */
export function modelModule({ apiVersion, kind }: Manifest): string {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return [modelPackages[group] ?? "kubernetes-models", group, version, kind].filter((part) => part !== "").join("/");
}

/** The compiler's messages, each with the index of its manifest; none if all fields are known and of their type. */
export function unknownFieldFaults(
  manifests: readonly Manifest[],
): readonly { readonly index: number; readonly fault: string }[] {
  const cache = join(root, ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "manifests-"));
  try {
    const file = join(folder, "manifests.ts");
    writeFileSync(file, manifests.map(asLiteral).join("\n"));
    const compiled = spawnSync(join(root, "node_modules/.bin/tsc"), [...options, file], {
      cwd: root,
      encoding: "utf8",
    });
    if (compiled.error !== undefined) throw compiled.error;
    const found = compiled.stdout.matchAll(/manifests\.ts\((\d+),\d+\): error TS\d+: (.*)/gu);
    const faults = [...found].map(([, line, fault]) => ({ index: Number(line) - 1, fault: fault ?? "" }));
    if (compiled.status !== 0 && faults.length === 0) throw new Error(compiled.stdout + compiled.stderr);
    return faults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One line each, so the line of an error gives the index of the manifest. */
function asLiteral(manifest: Manifest, index: number): string {
  return `export const m${index}: import("${modelModule(manifest)}").I${manifest.kind} = ${JSON.stringify(manifest)};`;
}
