// Shell: reads all that serve, check-config and render start from, and finds every fault before anything is opened.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Config } from "../config/config.ts";
import type { ConfigIssue } from "../config/issue.ts";
import { loadConfig } from "../config/load.ts";
import { loadTemplates } from "../render/load.ts";
import { clipFault } from "../render/siren.ts";
import { missingTemplate, type TemplateSet } from "../render/template-set.ts";
import type { RouteNode } from "../route/tree.ts";

export interface Setup {
  readonly config: Config;
  readonly templates: TemplateSet;
  /** PEM text of `wecom.ca_file`; null when none is configured. */
  readonly ca: string | null;
  /** The clip of `siren_file`; null when none is configured. */
  readonly siren: Uint8Array | null;
  /** True when neither a config file nor a key was given: the simulator takes the robot's place. */
  readonly simulated: boolean;
  /** Hexadecimal; the same for the same config file. */
  readonly hash: string;
  readonly warnings: readonly string[];
}

export type LoadedSetup =
  | { readonly kind: "setup"; readonly setup: Setup }
  /** One line a fault, with its place. */
  | { readonly kind: "faulty"; readonly faults: readonly string[] };

/** @param configFile null for the built-in defaults */
export function loadSetup(configFile: string | null, env: Readonly<Record<string, string | undefined>>): LoadedSetup {
  const checked = loadConfig(configFile, env);
  const place = (issue: ConfigIssue) => `${configFile ?? "(defaults)"}:${issue.line}:${issue.column}: ${issue.message}`;
  if (checked.kind === "faulty") return { kind: "faulty", faults: checked.issues.map(place) };

  const { config, simulated } = checked;
  const loaded = loadTemplates({ language: config.language, globs: config.templates, baseDir: process.cwd() });
  if (loaded.kind === "faulty") {
    return {
      kind: "faulty",
      faults: loaded.issues.map((issue) => `${issue.path}:${issue.line}:${issue.column}: ${issue.message}`),
    };
  }

  const siren = readSiren(config.sirenFile);
  const faults = [...routeFaults(config.route, loaded.set), ...(siren.kind === "faulty" ? [siren.fault] : [])];
  if (faults.length > 0)
    return { kind: "faulty", faults: faults.map((fault) => `${configFile ?? "(defaults)"}: ${fault}`) };
  return {
    kind: "setup",
    setup: {
      config,
      templates: loaded.set,
      ca: config.wecom.caFile === null ? null : readFileSync(config.wecom.caFile, "utf8"),
      siren: siren.kind === "clip" ? siren.bytes : null,
      simulated,
      hash: createHash("sha256")
        .update(configFile === null ? "" : readFileSync(configFile))
        .digest("hex"),
      warnings: checked.warnings.map(place),
    },
  };
}

type Siren =
  | { readonly kind: "none" }
  | { readonly kind: "clip"; readonly bytes: Uint8Array }
  | { readonly kind: "faulty"; readonly fault: string };

function readSiren(path: string | null): Siren {
  if (path === null) return { kind: "none" };
  try {
    const bytes = readFileSync(path);
    const fault = clipFault(bytes);
    return fault === null ? { kind: "clip", bytes } : { kind: "faulty", fault: `siren_file: ${path} ${fault}` };
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    return { kind: "faulty", fault: `siren_file: ${path} cannot be read: ${reason}` };
  }
}

/** Templates that a route names but nobody wrote, and mentions that are no templates. */
function routeFaults(route: RouteNode, templates: TemplateSet): readonly string[] {
  const { template, messages, mention } = route.settings;
  const missing = messages.flatMap((kind) => missingTemplate(templates, template, kind) ?? []);
  const entries = (["users", "mobiles"] as const).flatMap((way) => mention[way].map((text) => ({ way, text })));
  const mentions = entries.flatMap(({ way, text }) => {
    const compiled = templates.inline(text);
    return compiled.kind === "compiled" ? [] : [`${route.path}.mention.${way}: ${compiled.issue.message}`];
  });
  const own = missing.map((fault) => `${route.path}.template: ${fault}`);
  return [...new Set([...own, ...mentions, ...route.routes.flatMap((child) => routeFaults(child, templates))])];
}
