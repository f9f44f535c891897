// What holds without a config file, and the way to try everything before a key exists.

import { type CheckedConfig, checkConfig } from "./check.ts";
import type { Config } from "./config.ts";
import type { Secret } from "./secret.ts";
import type { SecretSources } from "./secret-source.ts";

const keyVariable = "WECOM_BOT_KEY";

const builtIn = `bots: { default: { key_env: ${keyVariable} } }\nroute: { bot: default }\n`;

/**
 * One bot `default` whose key is WECOM_BOT_KEY, all else by default. Without that variable the bot has no key, and
 * `simulated` is true.
 */
export function defaultConfig(sources: SecretSources): CheckedConfig {
  if ((sources.env(keyVariable) ?? "").trim() !== "") return checkConfig(builtIn, sources);
  const checked = checkConfig(builtIn, { ...sources, env: () => "simulated" });
  if (checked.kind === "faulty") return checked;
  const bots = new Map([...checked.config.bots].map(([name, bot]) => [name, { ...bot, keys: [] }]));
  return { ...checked, config: { ...checked.config, bots }, simulated: true };
}

/** The same config with every bot's keys and WeCom's address replaced by the built-in simulator's. */
export function withSimulator(config: Config, simulator: { readonly origin: string; readonly key: Secret }): Config {
  const bots = new Map([...config.bots].map(([name, bot]) => [name, { ...bot, keys: [simulator.key] }]));
  const wecom = {
    ...config.wecom,
    baseURL: simulator.origin,
    proxyURL: null,
    proxyFromEnvironment: false,
    caFile: null,
  };
  return { ...config, bots, wecom };
}
