import type { Config } from "../config/config.ts";
import type { Page, Visit } from "./page.ts";
import { shownConfig } from "./shown-config.ts";
import type { ServiceFacts } from "./status.ts";

export interface ConfigPageInput {
  readonly config: Config;
  readonly status: ServiceFacts;
  /** Of the last reload, one line each; none when its config is in use. */
  readonly refused: readonly string[];
  /** Just now. */
  readonly reloaded: boolean;
}

export function configPage({ strings }: Visit, { config, status, refused, reloaded }: ConfigPageInput): Page {
  return {
    view: "config",
    title: strings.configuration,
    model: {
      refused,
      refusedTitle: strings.refusedConfig(refused.length),
      reloaded: reloaded && refused.length === 0,
      hash: status.config.hash,
      replicas: status.config.replicas,
      loaded: strings.ago(strings.status.span(status.config.loadedMsAgo)),
      version: status.version,
      storage: status.storage.engine,
      config: shownConfig(config),
    },
  };
}
