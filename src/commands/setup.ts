// Shell: reads all that serve, check-config and render start from, and finds every fault before anything is opened.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Config } from "../config/config.ts";
import type { ConfigIssue } from "../config/issue.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import type { Loading, Watched } from "../config/reload.ts";
import { loadTemplates } from "../render/load.ts";
import type { TemplateSet } from "../render/template-set.ts";
import {
  emptyPatterns,
  mentionFaults,
  proxyFaults,
  readSetupFiles,
  type SetupFault,
  templateFaults,
} from "./setup-faults.ts";

export interface Setup {
  readonly config: Config;
  readonly templates: TemplateSet;
  /** PEM text of `wecom.ca_file`; null when none is configured. */
  readonly ca: string | null;
  /** The clip of `siren_file`; null when none is configured. */
  readonly voiceClip: Uint8Array | null;
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
  const faulty = (faults: readonly string[]) => ({ kind: "faulty", faults, watched }) as const;
  const name = configFile ?? "(defaults)";
  if (checked.kind === "faulty") return faulty(checked.issues.map((issue) => lineOf(name, issue)));

  const { config, simulated, place } = checked;
  const lines = (faults: readonly SetupFault[]) => [
    ...new Set(faults.map(({ path, message }) => lineOf(name, { ...place(path, "value"), message }))),
  ];
  const loaded = loadOwnTemplates(config);
  const read = readSetupFiles(config);
  const faults = [...loaded.issues, ...lines([...read.faults, ...proxyFaults(config, env), ...loaded.faults])];
  if (faults.length > 0 || loaded.set === null || read.kind === "faulty") return faulty(faults);

  const hash = createHash("sha256").update(configFile === null ? "" : readFileSync(configFile));
  const warnings = [...checked.warnings.map((issue) => lineOf(name, issue)), ...lines(emptyPatterns(config))];
  const setup = { config, templates: loaded.set, ...read.files, simulated, hash: hash.digest("hex"), warnings };
  return { kind: "setup", setup, watched };
}

function lineOf(file: string, { line, column, message }: Pick<ConfigIssue, "line" | "column" | "message">): string {
  return `${file}:${line}:${column}: ${message}`;
}

interface OwnTemplates {
  /** Null when they are faulty. */
  readonly set: TemplateSet | null;
  /** Lines: they are in other files. */
  readonly issues: readonly string[];
  /** Of the routes that use them. */
  readonly faults: readonly SetupFault[];
}

/** With faulty templates the built-in ones judge mentions, so that one fault does not hide another. */
function loadOwnTemplates({ language, templates, route, people }: Config): OwnTemplates {
  const load = (globs: readonly string[]) => loadTemplates({ language, globs, baseDir: process.cwd() });
  const own = load(templates);
  const builtIn = own.kind === "faulty" ? load([]) : own;
  const set = own.kind === "faulty" ? null : own.set;
  const mentions = builtIn.kind === "faulty" ? [] : mentionFaults(route, { templates: builtIn.set, people });
  return {
    set,
    issues: own.kind === "faulty" ? own.issues.map((issue) => lineOf(issue.path, issue)) : [],
    faults: [...templateFaults(route, set), ...mentions],
  };
}

/** The clip and the picture are read here, the rest by the config's own loader. */
function watchedOf(checked: LoadedConfig): Watched {
  if (checked.kind === "faulty") return { files: checked.files, globs: [] };
  const { sirenFile, pictures, templates } = checked.config;
  return { files: [...checked.files, ...[sirenFile, pictures.file].filter((file) => file !== null)], globs: templates };
}
