// Reads everything that serve, check-config and render start from, and finds every issue before anything is opened.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { type LoadedConfig, loadConfig } from "../config/load.ts";
import type { Loading, Watched } from "../config/reload.ts";
import { type Issue, issueLine } from "../domain/issue.ts";
import { loadTemplates } from "../render/load-templates.ts";
import type { TemplateSet } from "../render/template/template-set.ts";
import type { ServiceSetup } from "../service-parts.ts";
import {
  emptyPatterns,
  type IssueAt,
  mentionIssues,
  missingTemplates,
  proxyIssues,
  readSetupFiles,
} from "./setup-issues.ts";

export interface Setup extends ServiceSetup {
  /** See `CheckedConfig`. */
  readonly keyless: boolean;
  readonly warnings: readonly string[];
}

export type LoadedSetup = Loading<Setup>;

/** @param configFile null for the built-in defaults */
export function loadSetup(configFile: string | null, env: NodeJS.ProcessEnv): LoadedSetup {
  const checked = loadConfig(configFile, env);
  const watched = watchedOf(checked);
  const name = configFile ?? "(defaults)";
  const lines = (issues: readonly Issue[]) => [...new Set(issues.map((issue) => issueLine(name, issue)))];
  if (checked.kind === "invalid") return { kind: "invalid", issues: lines(checked.issues), watched };

  const { config, keyless, issueAt } = checked;
  const loaded = loadOwnTemplates(config, issueAt);
  const read = readSetupFiles(config, issueAt);
  const issues = [...read.issues, ...proxyIssues(config, env, issueAt), ...loaded.routeIssues];
  const all = [...loaded.fileIssues.map((issue) => issueLine(issue.path, issue)), ...lines(issues)];
  if (all.length > 0 || loaded.set === null) return { kind: "invalid", issues: all, watched };

  const hash = createHash("sha256").update(configFile === null ? "" : readFileSync(configFile));
  const setup: Setup = {
    config,
    templates: loaded.set,
    ca: read.ca,
    voiceClip: read.voiceClip,
    keyless,
    configHash: hash.digest("hex"),
    warnings: lines([...checked.warnings, ...emptyPatterns(config, issueAt)]),
  };
  return { kind: "setup", setup, watched };
}

interface OwnTemplates {
  /** Null when one of them has an issue. */
  readonly set: TemplateSet | null;
  /** In template files. */
  readonly fileIssues: readonly Issue[];
  /** In the routes that use templates. */
  readonly routeIssues: readonly Issue[];
}

/** With invalid templates, mentions are checked with the built-in ones, so that one issue does not hide another. */
function loadOwnTemplates({ language, templates, route, people }: Config, issueAt: IssueAt): OwnTemplates {
  const load = (globs: readonly string[]) => loadTemplates({ language, globs, baseDir: process.cwd() });
  const own = load(templates);
  const usable = own.kind === "faulty" ? load([]) : own;
  const set = own.kind === "faulty" ? null : own.set;
  const mentions = usable.kind === "faulty" ? [] : mentionIssues(route, { templates: usable.set, people, issueAt });
  return {
    set,
    fileIssues: own.kind === "faulty" ? own.issues : [],
    routeIssues: [...(set === null ? [] : missingTemplates(route, set, issueAt)), ...mentions],
  };
}

/** The clip and the picture are read here, the rest when the config is loaded. */
function watchedOf(checked: LoadedConfig): Watched {
  if (checked.kind === "invalid") return { files: checked.files, globs: [] };
  const { voiceFile, pictures, templates } = checked.config;
  return { files: [...checked.files, ...[voiceFile, pictures.file].filter((file) => file !== null)], globs: templates };
}
