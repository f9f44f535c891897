// Shell: reads the config file, and the environment variables and files its secrets live in. Decides nothing.

import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type CheckedConfig, checkConfig } from "./check.ts";
import type { Config } from "./config.ts";
import { defaultConfig } from "./defaults.ts";
import type { SecretSources, SecretText } from "./secret-source.ts";

export type LoadedConfig = CheckedConfig & {
  /** Absolute paths of all files that were looked at, the config file first. */
  readonly files: readonly string[];
};

type Environment = Readonly<Record<string, string | undefined>>;

/** `path` null: the built-in defaults. Relative paths in a config file are relative to its folder; the SQLite file's is not. */
export function loadConfig(path: string | null, env: Environment): LoadedConfig {
  const files = new Set(path === null ? [] : [resolve(path)]);
  const checked = checkAt(path, env, files);
  return { ...checked, files: [...files] };
}

function checkAt(path: string | null, env: Environment, files: Set<string>): CheckedConfig {
  const folder = path === null ? "." : dirname(resolve(path));
  const sources: SecretSources = {
    env: (name) => env[name],
    file(file) {
      files.add(resolve(folder, file));
      return readText(resolve(folder, file));
    },
  };
  if (path === null) return defaultConfig(sources);
  const text = readText(path);
  if (text.kind === "unreadable") {
    const message = `the config file cannot be read: ${text.message}`;
    return { kind: "faulty", issues: [{ code: "file_unreadable", path: "", line: 1, column: 1, message }] };
  }
  const checked = checkConfig(text.text, sources);
  return checked.kind === "faulty" ? checked : { ...checked, config: inFolder(checked.config, folder) };
}

function inFolder(config: Config, folder: string): Config {
  const { wecom, templates, sirenFile, pictures } = config;
  const caFile = wecom.caFile === null ? null : resolve(folder, wecom.caFile);
  const siren = sirenFile === null ? null : resolve(folder, sirenFile);
  return {
    ...config,
    sirenFile: siren,
    pictures: { ...pictures, file: pictures.file === null ? null : resolve(folder, pictures.file) },
    wecom: { ...wecom, caFile },
    templates: templates.map((glob) => resolve(folder, glob)),
  };
}

/** The system's own message would repeat the path; its code is enough. */
function readText(path: string): SecretText {
  try {
    return { kind: "text", text: readFileSync(path, "utf8") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    return { kind: "unreadable", message: code };
  }
}
