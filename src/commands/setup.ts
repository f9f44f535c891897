// Shell: reads all that serve, check-config and render start from, and finds every fault before anything is opened.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Config } from "../config/config.ts";
import type { ConfigIssue } from "../config/issue.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import type { Loading, Watched } from "../config/reload.ts";
import { loadTemplates } from "../render/load.ts";
import { clipFault } from "../render/siren.ts";
import { missingTemplate, type TemplateSet } from "../render/template-set.ts";
import type { RouteNode } from "../route/tree.ts";
import { isPicture } from "../wecom/picture.ts";

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

export type LoadedSetup = Loading<Setup>;

type Environment = Readonly<Record<string, string | undefined>>;

/** @param configFile null for the built-in defaults */
export function loadSetup(configFile: string | null, env: Environment): LoadedSetup {
  const checked = loadConfig(configFile, env);
  const watched = watchedOf(checked);
  const place = (issue: ConfigIssue) => `${configFile ?? "(defaults)"}:${issue.line}:${issue.column}: ${issue.message}`;
  const faulty = (faults: readonly string[]) => ({ kind: "faulty", faults, watched }) as const;
  if (checked.kind === "faulty") return faulty(checked.issues.map(place));

  const { config, simulated } = checked;
  const loaded = loadTemplates({ language: config.language, globs: config.templates, baseDir: process.cwd() });
  if (loaded.kind === "faulty") {
    return faulty(loaded.issues.map((issue) => `${issue.path}:${issue.line}:${issue.column}: ${issue.message}`));
  }

  const siren = readSiren(config.sirenFile);
  const ca = config.wecom.caFile === null ? null : readFileSync(config.wecom.caFile, "utf8");
  const faults = [
    ...routeFaults(config.route, loaded.set),
    ...caFaults(ca),
    ...proxyFaults(config, env),
    ...(siren.kind === "faulty" ? [siren.fault] : []),
    ...pictureFaults(config.pictures),
  ];
  if (faults.length > 0) return faulty(faults.map((fault) => `${configFile ?? "(defaults)"}: ${fault}`));
  const hash = createHash("sha256").update(configFile === null ? "" : readFileSync(configFile));
  const warnings = checked.warnings.map(place);
  return {
    kind: "setup",
    setup: {
      config,
      templates: loaded.set,
      ca,
      siren: siren.kind === "clip" ? siren.bytes : null,
      simulated,
      hash: hash.digest("hex"),
      warnings,
    },
    watched,
  };
}

/** The clip is read here, the rest by the config's own loader. */
function watchedOf(checked: LoadedConfig): Watched {
  if (checked.kind === "faulty") return { files: checked.files, globs: [] };
  const { sirenFile, templates } = checked.config;
  return { files: sirenFile === null ? checked.files : [...checked.files, sirenFile], globs: templates };
}

/** A certificate that can not be read would fail every request to WeCom, and nothing else. */
function caFaults(ca: string | null): readonly string[] {
  try {
    if (ca !== null) createSecureContext({ ca });
    return [];
  } catch (cause) {
    return [`wecom.ca_file: ${cause instanceof Error ? cause.message : String(cause)}`];
  }
}

/** Of the variables that the client obeys; their values may hold a password. */
function proxyFaults({ wecom }: Config, env: Environment): readonly string[] {
  if (wecom.proxyURL !== null) return [];
  const named = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"].filter((name) => env[name]);
  const faulty = named.filter((name) => !URL.canParse(env[name] ?? ""));
  return faulty.map((name) => `${name} in the environment is no URL, like http://proxy:3128`);
}

/** A picture that could not be shown would be missed in the night of its alert, and not before. */
function pictureFaults({ file, maxBytes }: Config["pictures"]): readonly string[] {
  if (file === null) return [];
  try {
    const content = readFileSync(file);
    if (content.length > maxBytes) return [`pictures.file: ${file} has more than pictures.max_size`];
    return isPicture(content) ? [] : [`pictures.file: ${file} is neither PNG nor JPEG`];
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    return [`pictures.file: ${file} cannot be read: ${reason}`];
  }
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
