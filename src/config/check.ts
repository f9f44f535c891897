// The text of a config file and the secrets it may name in, a Config or all of its faults out. Pure.

import type { Config } from "./config.ts";
import type { ConfigIssue } from "./issue.ts";

export type CheckedConfig =
  | {
      readonly kind: "config";
      readonly config: Config;
      /** True when no config file and no key were given: the caller attaches the simulator with `withSimulator`. */
      readonly simulated: boolean;
      readonly warnings: readonly ConfigIssue[];
    }
  | { readonly kind: "faulty"; readonly issues: readonly ConfigIssue[] };

export type SecretText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unreadable"; readonly message: string };

/** Where a secret may come from besides the file itself. Lookups only: check does no I/O of its own. */
export interface SecretSources {
  env(name: string): string | undefined;
  file(path: string): SecretText;
}

export function checkConfig(_text: string, _sources: SecretSources): CheckedConfig {
  throw new Error("not here yet");
}
