// Shell: reads the config file, and the environment variables and files its secrets live in.

import type { CheckedConfig } from "./check.ts";

/** `path` null: the built-in defaults, with one bot `default` whose key is WECOM_BOT_KEY. */
export function loadConfig(_path: string | null, _env: Readonly<Record<string, string | undefined>>): CheckedConfig {
  throw new Error("not here yet");
}
