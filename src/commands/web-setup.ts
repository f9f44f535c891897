// The file of --web.config.file for a command: how to listen, or its faults and warnings as lines to print.

import { type LoadedWebConfig, loadWebConfig } from "../config/load-web.ts";

export type WebSetup =
  | (Omit<Extract<LoadedWebConfig, { readonly kind: "web" }>, "warnings"> & { readonly warnings: readonly string[] })
  | { readonly kind: "faulty"; readonly faults: readonly string[] };

/** @param path null for plain HTTP without users */
export function loadWebSetup(path: string | null): WebSetup {
  const loaded = loadWebConfig(path);
  const lines = (issues: (typeof loaded & { readonly kind: "faulty" })["issues"]) =>
    issues.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
  return loaded.kind === "faulty"
    ? { kind: "faulty", faults: lines(loaded.issues) }
    : { ...loaded, warnings: lines(loaded.warnings) };
}
