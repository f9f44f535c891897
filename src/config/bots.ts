import * as z from "zod";
import type { Bot, Config } from "./config.ts";
import { type ConfigPath, mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { bad, exactlyOneOf, type Parsed, parsedText, section, withCheck } from "./fields.ts";
import { didYouMean, inQuotes } from "./in-quotes.ts";
import { Secret } from "./secret.ts";
import { fileField, type SecretSources, variableField } from "./secret-fields.ts";

interface RobotKey {
  readonly secret: Secret;
  /** Of the webhook URL that it was written as, like `https://qyapi.weixin.qq.com`; null for any other form. */
  readonly origin: string | null;
}

/** A private deployment or a simulator may hand out keys that are no UUIDs. */
const keyPattern = /^[A-Za-z0-9_-]{1,128}$/;

const sendPath = "/cgi-bin/webhook/send";

const otherRobots: readonly (readonly [address: RegExp, whose: string])[] = [
  [/\.feishu\.cn\//u, "a Feishu (飞书) robot"],
  [/\.larksuite\.com\//u, "a Lark robot"],
  [/\.dingtalk\.com\//u, "a DingTalk (钉钉) robot"],
  [/\.slack\.com\//u, "a Slack app"],
  [/\/cgi-bin\/message\/send$/u, "a WeCom app"],
];

/**
 * A robot's key in any form that users paste: bare, as `wecombot://<key>` (apprise) or `wecom://<key>` (shoutrrr), or as the whole
 * webhook URL. The messages never repeat the text.
 */
export function readRobotKey(text: string): Parsed<RobotKey> {
  const trimmed = text.trim();
  if (trimmed === "") return badKey("the key is empty");
  if (/^https?:\/\//i.test(trimmed)) return readWebhookURL(trimmed);
  return readBareKey(trimmed.replace(/^wecom(?:bot)?:\/\/([^/?]*)\/?$/i, "$1"), null);
}

function readBareKey(text: string, origin: string | null): Parsed<RobotKey> {
  if (keyPattern.test(text)) return { value: { secret: new Secret(text), origin } };
  if (/^\$\{?\w+\}?$/.test(text)) return badKey("a placeholder, not a key");
  const form = "give the bare key or the whole webhook URL";
  if (/\s/.test(text)) return badKey(`the key has white space in it; ${form}`);
  return badKey(`the key has characters that no key has, or is too long; ${form}`);
}

function readWebhookURL(text: string): Parsed<RobotKey> {
  if (!URL.canParse(text)) return badKey("not a valid URL; give the whole webhook URL or the bare key");
  const url = new URL(text);
  const other = otherRobots.find(([pattern]) => pattern.test(url.host + url.pathname));
  if (other !== undefined) {
    return badKey(
      `this is the address of ${other[1]}, not of WeCom's group robot; copy the webhook URL from the robot`,
    );
  }
  if (!url.pathname.endsWith(sendPath)) {
    return badKey(`the path of the webhook URL does not end in ${sendPath}; copy it from the robot again`);
  }
  if (url.searchParams.has("debug")) {
    return badKey("the webhook URL has a debug parameter, for which WeCom allows only 5 calls a minute; remove it");
  }
  const keys = url.searchParams.getAll("key");
  if (keys.length !== 1) return badKey("the webhook URL must have key= exactly once");
  if (keys[0] === "") return badKey("the webhook URL ends before its key; copy it from the robot again");
  return readBareKey(keys[0] ?? "", url.origin);
}

function badKey(message: string) {
  return bad(message, "bad_key");
}

/** A path segment of `/webhook/bot/<name>` and a metric label. */
const botNamePattern = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

export const wecomURL = "https://qyapi.weixin.qq.com";

/** As documentation writes them, with letters that are no hex digits. */
const uuidShape = /^[\da-z]{8}(?:-[\da-z]{4}){3}-[\da-z]{12}$/iu;

const robotKeyPattern = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;

const keyFields = ["key", "key_env", "key_file", "keys", "keys_file"] as const;

export function botsSection(sources: SecretSources) {
  const one = { sources, parse: readRobotKey };
  const bot = section({
    key: parsedText(z.string(), readRobotKey)
      .optional()
      .describe("The robot's key, or its whole webhook URL. Better kept out of this file."),
    key_env: variableField(one).optional().describe("Environment variable that holds the key or webhook URL."),
    key_file: fileField(one).optional().describe("File that holds the key or webhook URL."),
    keys: z
      .array(parsedText(z.string(), readRobotKey))
      .min(1, "expected at least one key")
      .optional()
      .describe("Several robots of the same group: their limits add up. Better kept out of this file."),
    keys_file: fileField({ sources, parse: readKeyLines })
      .optional()
      .describe("File that holds several keys or webhook URLs, one a line."),
    fallback: z.string().optional().describe("Bot that takes over while no key of this one works."),
  });
  const bots = z.record(
    z.string(),
    withCheck(bot, exactlyOneOf(keyFields)).meta({ oneOf: keyFields.map((name) => ({ required: [name] })) }),
  );
  return withCheck(bots, (value) => [...nameIssues(value), ...sameKeyIssues(value), ...fallbackIssues(value)])
    .describe("One entry for each WeCom group, under a name of your choice.")
    .meta({ minProperties: 1, propertyNames: { type: "string", pattern: botNamePattern.source } });
}

type BotSections = z.output<ReturnType<typeof botsSection>>;

/** Blank lines and comments are skipped. */
function readKeyLines(text: string): Parsed<readonly RobotKey[]> {
  const keys: RobotKey[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const read = readRobotKey(line);
    if ("message" in read) return read;
    keys.push(read.value);
  }
  return keys.length > 0 ? { value: keys } : bad("the file holds no key", "secret_unreadable");
}

function nameIssues(bots: unknown): readonly PlacedMessage[] {
  const names = Object.keys(mappingOf(bots) ?? {});
  if (mappingOf(bots) !== null && names.length === 0) {
    return [{ code: "missing_key", path: [], of: "key", message: "bots must name at least one bot" }];
  }
  return names.flatMap((name): readonly PlacedMessage[] => {
    const message = nameDefect(name);
    return message === null ? [] : [{ code: "bad_value", path: [name], of: "key", message }];
  });
}

/** Names are printed: in logs, in metrics, in addresses. */
function nameDefect(name: string): string | null {
  if (!botNamePattern.test(name)) {
    return "a bot name is 1 to 64 letters (Chinese too), digits, _, . or - without blanks; it starts with a letter or digit";
  }
  return robotKeyPattern.test(name) ? "this is a robot's key; choose a name for the bot, which will be printed" : null;
}

interface WrittenKey {
  readonly key: RobotKey;
  readonly path: ConfigPath;
}

/** The keys that could be read; the lines of `keys_file` have its place. */
function keysIn(bot: unknown): readonly WrittenKey[] {
  return keyFields.flatMap((name) => {
    const value = valueAtPath(bot, [name]);
    const keys: readonly unknown[] = Array.isArray(value) ? value : [value];
    return keys.flatMap((key, index) =>
      isRobotKey(key) ? [{ key, path: name === "keys" ? [name, index] : [name] }] : [],
    );
  });
}

function isRobotKey(value: unknown): value is RobotKey {
  return valueAtPath(value, ["secret"]) instanceof Secret;
}

/** WeCom counts messages by robot: two bots with the same robot would exceed its limit. */
function sameKeyIssues(bots: unknown): readonly PlacedMessage[] {
  const issues: PlacedMessage[] = [];
  const owners = new Map<string, string>();
  for (const [name, bot] of Object.entries(mappingOf(bots) ?? {})) {
    for (const { key, path } of keysIn(bot)) {
      const owner = owners.get(key.secret.id);
      if (owner === undefined) owners.set(key.secret.id, name);
      else issues.push({ code: "duplicate_key", path: [name, ...path], of: "value", message: sameKey(owner, name) });
    }
  }
  return issues;
}

function sameKey(owner: string, name: string): string {
  return owner === name
    ? "the same key twice; remove one of them"
    : `the same key as bot ${inQuotes(owner)}; one robot is one bot: use its name in several routes`;
}

/** Webhook URLs of another WeCom than `wecom.base_url` names. */
export function originIssues(bots: unknown, baseURL: unknown): readonly PlacedMessage[] {
  if (typeof baseURL !== "string") return [];
  const { origin } = new URL(baseURL);
  return Object.entries(mappingOf(bots) ?? {}).flatMap(([name, bot]) => {
    const others = keysIn(bot).filter(({ key }) => key.origin !== null && key.origin !== origin);
    return others.map(({ key, path }): PlacedMessage => {
      const message =
        `the webhook URL belongs to ${key.origin}, but wecom.base_url is ${baseURL}; ` +
        "set wecom.base_url to the address of your WeCom";
      return { code: "bad_key", path: ["bots", name, ...path], of: "value", message };
    });
  });
}

/** A fallback is another bot, and no chain of fallbacks leads back to its start. */
function fallbackIssues(bots: unknown): readonly PlacedMessage[] {
  const entries = Object.entries(mappingOf(bots) ?? {});
  const next = new Map(entries.map(([name, bot]) => [name, fallbackOf(bot)]));
  return entries.flatMap(([name, bot]): readonly PlacedMessage[] => {
    const fallback = fallbackOf(bot);
    if (fallback === null) return [];
    const path = [name, "fallback"];
    if (!next.has(fallback)) return [unknownBotIssue(fallback, path, [...next.keys()])];
    const message = "the fallbacks lead back to this bot; name one that does not";
    return leadsBack(name, next) ? [{ code: "bad_value", path, of: "value", message }] : [];
  });
}

function fallbackOf(bot: unknown): string | null {
  const fallback = valueAtPath(bot, ["fallback"]);
  return typeof fallback === "string" ? fallback : null;
}

function leadsBack(name: string, next: ReadonlyMap<string, string | null>): boolean {
  const seen = new Set<string>();
  for (let at = next.get(name) ?? null; at !== null && !seen.has(at); at = next.get(at) ?? null) seen.add(at);
  return seen.has(name);
}

export function unknownBotIssue(name: string, path: ConfigPath, known: readonly string[]): PlacedMessage {
  return { code: "unknown_bot", path, of: "value", message: `unknown bot ${inQuotes(name)}${didYouMean(name, known)}` };
}

/** Warnings about keys that WeCom itself never hands out. */
export function oddKeys({ bots, wecom }: Config): readonly PlacedMessage[] {
  if (wecom.baseURL !== wecomURL) return [];
  const odd = [...bots.values()].filter(({ keys }) => keys.some((key) => !key.matches(uuidShape)));
  const message =
    "its key does not look like one of WeCom's, 8-4-4-4-12 letters and digits; copy it from the robot again";
  return odd.map(({ name }) => ({ code: "bad_key", path: ["bots", name], of: "key", message }));
}

/** Only for a config without issues. */
export function buildBots(sections: BotSections): ReadonlyMap<string, Bot> {
  const bots = Object.entries(sections).map(([name, written]): readonly [string, Bot] => {
    const keys = keysIn(written).map(({ key }) => key.secret);
    return [name, { name, keys, fallback: written.fallback ?? null }];
  });
  return new Map(bots);
}

interface BotLookupOptions {
  readonly bots: ReadonlyMap<string, Bot>;
  readonly allowInlineKeys: boolean;
}

/**
 * Finds the name of a bot by its name or, where inline keys are allowed, by its key in any form; null for all others. A key
 * of no bot cannot be used: the outbox holds no keys.
 */
export function botLookup({ bots, allowInlineKeys }: BotLookupOptions): (nameOrKey: string) => string | null {
  const byKey = new Map([...bots.values()].flatMap(({ name, keys }) => keys.map((key) => [key.id, name] as const)));
  return (nameOrKey) => {
    if (bots.has(nameOrKey)) return nameOrKey;
    if (!allowInlineKeys) return null;
    const read = readRobotKey(nameOrKey);
    return "value" in read ? (byKey.get(read.value.secret.id) ?? null) : null;
  };
}
