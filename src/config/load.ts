// Reads the config file, and the environment variables and files that hold its secrets. Without a file there are defaults.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type FileText, fileText } from "../domain/file-text.ts";
import type { Issue } from "../domain/issue.ts";
import { type CheckedConfig, checkConfig } from "./check.ts";
import type { Config } from "./config.ts";
import type { SecretSources } from "./secret-fields.ts";

export type LoadedConfig = CheckedConfig & {
  /** Absolute paths of all files that were read, the config file first. */
  readonly files: readonly string[];
};

/** `path` null: the built-in defaults. Relative paths in a config file are relative to its folder; the SQLite file's is not. */
export function loadConfig(path: string | null, env: NodeJS.ProcessEnv): LoadedConfig {
  const files = new Set(path === null ? [] : [resolve(path)]);
  const checked = checkAt(path, env, files);
  return { ...checked, files: [...files] };
}

function checkAt(path: string | null, env: NodeJS.ProcessEnv, files: Set<string>): CheckedConfig {
  const folder = path === null ? "." : dirname(resolve(path));
  const sources: SecretSources = {
    env: (name) => env[name],
    file(file) {
      files.add(resolve(folder, file));
      return readFileText(resolve(folder, file));
    },
  };
  if (path === null) return defaultConfig(sources);
  const text = readFileText(path);
  if (text.kind === "unreadable") {
    const message = `the config file cannot be read: ${text.message}`;
    const issues: readonly Issue[] = [{ code: "file_unreadable", path: "", line: 1, column: 1, message }];
    return { kind: "invalid", issues, templates: [] };
  }
  const checked = checkConfig(text.text, sources);
  if (checked.kind === "config") return { ...checked, config: inFolder(checked.config, folder) };
  return { ...checked, templates: checked.templates.map((glob) => resolve(folder, glob)) };
}

function inFolder(config: Config, folder: string): Config {
  const { wecom, templates, voiceFile, pictures, graphs } = config;
  const resolved = (path: string | null) => (path === null ? null : resolve(folder, path));
  return {
    ...config,
    voiceFile: resolved(voiceFile),
    pictures: { ...pictures, file: resolved(pictures.file) },
    graphs: { ...graphs, fontFile: resolved(graphs.fontFile) },
    wecom: { ...wecom, caFile: resolved(wecom.caFile) },
    templates: templates.map((glob) => resolve(folder, glob)),
  };
}

export function readFileText(path: string): FileText {
  return fileText(() => readFileSync(path));
}

const keyVariable = "WECOM_BOT_KEY";

const builtIn = `bots: { default: { key_env: ${keyVariable} } }\nroute: { bot: default }\n`;

/**
 * One bot `default` with the key WECOM_BOT_KEY, everything else by default. Without that variable the bot has no key, and
 * `keyless` is true.
 */
function defaultConfig(sources: SecretSources): CheckedConfig {
  if ((sources.env(keyVariable) ?? "").trim() !== "") return checkConfig(builtIn, sources);
  const checked = checkConfig(builtIn, { ...sources, env: () => "no-key" });
  if (checked.kind === "invalid") return checked;
  const bots = new Map([...checked.config.bots].map(([name, bot]) => [name, { ...bot, keys: [] }]));
  return { ...checked, config: { ...checked.config, bots }, keyless: true };
}
