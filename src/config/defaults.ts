// What holds without a config file, and the way to try everything before a key exists.

import type { Config } from "./config.ts";
import type { Secret } from "./secret.ts";

/** The same config with every bot's keys and WeCom's address replaced by the built-in simulator's. */
export function withSimulator(config: Config, simulator: { readonly origin: string; readonly key: Secret }): Config {
  const bots = new Map([...config.bots].map(([name, bot]) => [name, { ...bot, keys: [simulator.key] }]));
  return { ...config, bots, wecom: { ...config.wecom, baseURL: simulator.origin, proxyURL: null } };
}
