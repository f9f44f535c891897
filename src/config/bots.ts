// The bots of a config file with their keys, read and judged. Works on what is there, so that the faults of one bot do not
// hide those of another.

import type { Bot } from "./config.ts";
import type { ConfigPath } from "./document.ts";
import { quote } from "./quote.ts";
import { readRobotKey } from "./robot-key.ts";
import { Secret } from "./secret.ts";
import { readSecret, type SecretSources } from "./secret-source.ts";
import { type Finding, mappingOf, valueAt } from "./shape-issues.ts";

interface KeyAtPlace {
  readonly key: Secret;
  readonly path: ConfigPath;
}

interface ReadBots {
  readonly bots: ReadonlyMap<string, Bot>;
  readonly findings: readonly Finding[];
}

/** `baseURL` null: it is faulty, so the origins of webhook URLs are not compared. */
export function readBots(value: unknown, sources: SecretSources, baseURL: string | null): ReadBots {
  const mapping = mappingOf(valueAt(value, ["bots"]));
  const entries = Object.entries(mapping ?? {});
  const bots = new Map<string, Bot>();
  const findings: Finding[] = [];
  const owners = new Map<string, string>();
  for (const [name, entry] of entries) {
    const read = readBotKey(entry, { path: ["bots", name], sources, baseURL });
    if (read === null) continue;
    if ("message" in read) {
      findings.push(read);
      continue;
    }
    const owner = owners.get(read.key.id);
    if (owner !== undefined) findings.push(sameKey(read.path, owner));
    owners.set(read.key.id, owner ?? name);
    bots.set(name, { name, keys: [read.key] });
  }
  if (mapping !== null) findings.push(...nameFindings(entries));
  return { bots, findings };
}

/** A record's own check of its names passes over `__proto__`, and says nothing of an empty record. */
function nameFindings(entries: readonly (readonly [string, unknown])[]): readonly Finding[] {
  if (entries.length === 0) {
    return [{ code: "missing_key", path: ["bots"], of: "key", message: "bots must name at least one bot" }];
  }
  const message = "a bot may not be called so";
  const refused = entries.filter(([name]) => name === "__proto__");
  return refused.map(([name]) => ({ code: "bad_value", path: ["bots", name], of: "key", message }));
}

interface KeyPlace {
  readonly path: ConfigPath;
  readonly sources: SecretSources;
  readonly baseURL: string | null;
}

/** Null where the shape is wrong: that is told elsewhere. */
function readBotKey(bot: unknown, { path, sources, baseURL }: KeyPlace): KeyAtPlace | Finding | null {
  const mapping = mappingOf(bot);
  if (mapping === null) return null;
  const given = ["key", "key_env", "key_file"].filter((name) => Object.hasOwn(mapping, name));
  const [name] = given;
  if (name === undefined || given.length > 1) return notExactlyOne(path, given);
  const value = mapping[name];
  if (typeof value !== "string") return null;
  const place = { path: [...path, name], of: "value" } as const;
  const text = readSecret(name, value, sources);
  if (text.kind === "unreadable") return { code: "secret_unreadable", ...place, message: text.message };
  const read = readRobotKey(text.text, baseURL);
  if (read.kind === "faulty") return { code: "bad_key", ...place, message: read.message };
  return { key: new Secret(read.key), path: place.path };
}

function notExactlyOne(path: ConfigPath, given: readonly string[]): Finding {
  const rule = "give exactly one of key, key_env and key_file";
  if (given.length === 0) return { code: "missing_key", path, of: "key", message: rule };
  return { code: "bad_value", path, of: "key", message: `${rule}, not ${given.join(" and ")}` };
}

function sameKey(path: ConfigPath, owner: string): Finding {
  const message = `the same key as bot ${quote(owner)}; one robot is one bot: use its name in several routes`;
  return { code: "duplicate_key", path, of: "value", message };
}
