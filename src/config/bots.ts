// The bots of a config file with their keys, read and judged. Works on what is there, so that the faults of one bot do not
// hide those of another.

import type { Bot } from "./config.ts";
import type { ConfigPath } from "./document.ts";
import { didYouMean, quote } from "./quote.ts";
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
    const { keys, faults } = readBotKeys(entry, { path: ["bots", name], sources, baseURL });
    findings.push(...faults);
    for (const { key, path } of keys) {
      const owner = owners.get(key.id);
      if (owner !== undefined) findings.push(sameKey(path, owner, name));
      owners.set(key.id, owner ?? name);
    }
    if (keys.length > 0) bots.set(name, { name, keys: keys.map(({ key }) => key), fallback: fallbackOf(entry) });
  }
  if (mapping !== null) findings.push(...nameFindings(entries), ...fallbackFindings(entries));
  return { bots, findings };
}

/** A record's own check of its names passes over `__proto__`, and says nothing of an empty record. */
function nameFindings(entries: readonly (readonly [string, unknown])[]): readonly Finding[] {
  if (entries.length === 0) {
    return [{ code: "missing_key", path: ["bots"], of: "key", message: "bots must name at least one bot" }];
  }
  return entries.flatMap(([name]): readonly Finding[] => {
    const message = nameFault(name);
    return message === null ? [] : [{ code: "bad_value", path: ["bots", name], of: "key", message }];
  });
}

/** Names are printed: in logs, in metrics, in addresses. */
function nameFault(name: string): string | null {
  if (name === "__proto__") return "a bot may not be called so";
  const isKey = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu.test(name);
  return isKey ? "this is a robot's key; the name of a bot is yours to choose, and will be printed" : null;
}

interface KeyPlace {
  readonly path: ConfigPath;
  readonly sources: SecretSources;
  readonly baseURL: string | null;
}

interface ReadKeys {
  readonly keys: readonly KeyAtPlace[];
  readonly faults: readonly Finding[];
}

const ways = ["key", "key_env", "key_file", "keys", "keys_file"];

/** Nothing where the shape is wrong: that is told elsewhere. */
function readBotKeys(bot: unknown, { path, sources, baseURL }: KeyPlace): ReadKeys {
  const mapping = mappingOf(bot);
  if (mapping === null) return { keys: [], faults: [] };
  const given = ways.filter((name) => Object.hasOwn(mapping, name));
  const [name] = given;
  if (name === undefined || given.length > 1) return { keys: [], faults: [notExactlyOne(path, given)] };
  const place = [...path, name];
  const texts = textsOf(mapping[name], { name, path: place, sources });
  if ("message" in texts) return { keys: [], faults: [texts] };
  const read = texts.map(({ text, path }) => ({ read: readRobotKey(text, baseURL), path }));
  return {
    keys: read.flatMap(({ read, path }) => (read.kind === "key" ? [{ key: new Secret(read.key), path }] : [])),
    faults: read.flatMap(({ read, path }) =>
      read.kind === "key" ? [] : [{ code: "bad_key", path, of: "value", message: read.message } as const],
    ),
  };
}

interface WrittenKey {
  readonly text: string;
  readonly path: ConfigPath;
}

interface SecretPlace {
  readonly name: string;
  readonly path: ConfigPath;
  readonly sources: SecretSources;
}

/** Every key with its place; the lines of `keys_file` have the file's, blank ones and comments are passed over. */
function textsOf(written: unknown, { name, path, sources }: SecretPlace): readonly WrittenKey[] | Finding {
  if (name === "keys") return listed(written, path);
  if (typeof written !== "string") return [];
  const text = readSecret(name, written, sources);
  if (text.kind === "unreadable") return { code: "secret_unreadable", path, of: "value", message: text.message };
  if (name !== "keys_file") return [{ text: text.text, path }];
  const lines = text.text.split(/\r?\n/).filter((line) => !/^\s*(?:#|$)/.test(line));
  return lines.map((line) => ({ text: line, path }));
}

function listed(written: unknown, path: ConfigPath): readonly WrittenKey[] {
  if (!Array.isArray(written)) return [];
  return written.flatMap((text: unknown, index) =>
    typeof text === "string" ? [{ text, path: [...path, index] }] : [],
  );
}

function notExactlyOne(path: ConfigPath, given: readonly string[]): Finding {
  const rule = "give exactly one of key, key_env, key_file, keys and keys_file";
  if (given.length === 0) return { code: "missing_key", path, of: "key", message: rule };
  return { code: "bad_value", path, of: "key", message: `${rule}, not ${given.join(" and ")}` };
}

function sameKey(path: ConfigPath, owner: string, name: string): Finding {
  const message =
    owner === name
      ? "the same key twice; each robot counts once"
      : `the same key as bot ${quote(owner)}; one robot is one bot: use its name in several routes`;
  return { code: "duplicate_key", path, of: "value", message };
}

function fallbackOf(bot: unknown): string | null {
  const fallback = valueAt(bot, ["fallback"]);
  return typeof fallback === "string" ? fallback : null;
}

/** A fallback is another bot, and following fallbacks comes to an end. */
function fallbackFindings(entries: readonly (readonly [string, unknown])[]): readonly Finding[] {
  const next = new Map(entries.map(([name, bot]) => [name, fallbackOf(bot)]));
  return entries.flatMap(([name, bot]): readonly Finding[] => {
    const fallback = fallbackOf(bot);
    if (fallback === null) return [];
    const place = { path: ["bots", name, "fallback"], of: "value" } as const;
    if (!next.has(fallback)) {
      const message = `unknown bot ${quote(fallback)}${didYouMean(fallback, [...next.keys()])}`;
      return [{ code: "unknown_bot", ...place, message }];
    }
    if (!leadsBack(name, next)) return [];
    return [{ code: "bad_value", ...place, message: "the fallbacks go in a circle" }];
  });
}

function leadsBack(name: string, next: ReadonlyMap<string, string | null>): boolean {
  const seen = new Set<string>();
  for (let at = next.get(name) ?? null; at !== null && !seen.has(at); at = next.get(at) ?? null) seen.add(at);
  return seen.has(name);
}
