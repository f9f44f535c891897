// `auth` of a config file with its secrets, read and judged. Works on what is there, so that the faults of one entry do not
// hide those of another.

import { type AuthEntry, authSection } from "./auth-schema.ts";
import type { Auth, Credential } from "./credential.ts";
import type { ConfigPath } from "./document.ts";
import { passwordHashFault } from "./password-hash.ts";
import { didYouMean, quote } from "./quote.ts";
import { Secret } from "./secret.ts";
import { readSecret, type SecretSources } from "./secret-source.ts";
import { type Finding, mappingOf, valueAt } from "./shape-issues.ts";

interface ReadAuth {
  readonly auth: Auth;
  readonly findings: readonly Finding[];
  readonly warnings: readonly Finding[];
}

export function readAuth(value: unknown, sources: SecretSources): ReadAuth {
  const bots = Object.keys(mappingOf(valueAt(value, ["bots"])) ?? {});
  const perBot = Object.keys(mappingOf(valueAt(value, ["auth", "bots"])) ?? {});
  const read = (path: ConfigPath) => readEntries(value, path, sources);
  const [webhook, admin] = [read(["auth", "webhook"]), read(["auth", "admin"])];
  const ofBots = perBot.map((bot) => [bot, read(["auth", "bots", bot])] as const);
  const all = [webhook, admin, ...ofBots.map(([, entries]) => entries)].flat();
  return {
    auth: {
      webhook: credentialsOf(webhook),
      bots: new Map(ofBots.map(([bot, entries]) => [bot, credentialsOf(entries)])),
      admin: credentialsOf(admin),
    },
    findings: [...all.flatMap((entry) => ("finding" in entry ? [entry.finding] : [])), ...unknownBots(perBot, bots)],
    warnings: [...all.flatMap(weakness), ...openHook(perBot, webhook)],
  };
}

type ReadEntry =
  | { readonly credential: Credential; readonly path: ConfigPath }
  | { readonly finding: Finding; readonly path: ConfigPath };

/** Entries whose shape is wrong are left out: that is told elsewhere. */
function readEntries(value: unknown, path: ConfigPath, sources: SecretSources): readonly ReadEntry[] {
  const list = valueAt(value, path);
  if (!Array.isArray(list)) return [];
  return list.flatMap((written: unknown, index) => {
    const read = readEntry(written, [...path, index], sources);
    return read === null ? [] : [read];
  });
}

const kinds = ["bearer", "authorization", "basic", "hmac", "header", "query"] as const;

const secretNames = {
  bearer: "token",
  authorization: "credentials",
  basic: "password_hash",
  hmac: "secret",
  header: "value",
  query: "value",
} as const satisfies Readonly<Record<(typeof kinds)[number], string>>;

function readEntry(written: unknown, path: ConfigPath, sources: SecretSources): ReadEntry | null {
  const mapping = mappingOf(written);
  if (mapping === null) return null;
  const given = kinds.filter((kind) => Object.hasOwn(mapping, kind));
  const [kind] = given;
  if (kind === undefined || given.length > 1) return { path, finding: notExactlyOne(path, kinds, given) };
  const entry = entryShape.safeParse(written);
  if (!entry.success) return null;
  const secret = readEntrySecret(mapping[kind], { path: [...path, kind], name: secretNames[kind], sources });
  if ("message" in secret) return { path, finding: secret };
  return { path: [...path, kind], credential: credentialOf(entry.data, secret) };
}

const entryShape = authSection.shape.admin.unwrap().element;

interface SecretPlace {
  readonly path: ConfigPath;
  readonly name: string;
  readonly sources: SecretSources;
}

/** White space around what a file or a variable holds is dropped, as Alertmanager does with its own. */
function readEntrySecret(written: unknown, { path, name, sources }: SecretPlace): Secret | Finding {
  const mapping = mappingOf(written) ?? {};
  const places = [name, `${name}_env`, `${name}_file`];
  const given = places.filter((place) => Object.hasOwn(mapping, place));
  const [place] = given;
  if (place === undefined || given.length > 1) return notExactlyOne(path, places, given);
  const where = { path: [...path, place], of: "value" } as const;
  const text = readSecret(place, String(mapping[place]), sources);
  if (text.kind === "unreadable") return { code: "secret_unreadable", ...where, message: text.message };
  const secret = place === name ? text.text : text.text.trim();
  if (secret === "") return { code: "bad_value", ...where, message: "an empty secret would let anyone in" };
  const fault = name === "password_hash" ? passwordHashFault(secret) : null;
  return fault === null ? new Secret(secret) : { code: "bad_value", ...where, message: fault };
}

function credentialOf(entry: AuthEntry, secret: Secret): Credential {
  const { authorization, basic, hmac, header, query } = entry;
  if (authorization !== undefined) {
    return { kind: "authorization", scheme: authorization.scheme, credentials: secret };
  }
  if (basic !== undefined) return { kind: "basic", username: basic.username, passwordHash: secret };
  if (header !== undefined) return { kind: "header", name: header.name, value: secret };
  if (query !== undefined) return { kind: "query", name: query.name, value: secret };
  if (hmac === undefined) return { kind: "authorization", scheme: "Bearer", credentials: secret };
  const timestampHeader = hmac.timestamp_header === "" ? null : hmac.timestamp_header;
  return { kind: "hmac", secret, header: hmac.header, timestampHeader, maxAgeMs: hmac.max_age };
}

function notExactlyOne(path: ConfigPath, names: readonly string[], given: readonly string[]): Finding {
  const rule = `give exactly one of ${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  if (given.length === 0) return { code: "missing_key", path, of: "key", message: rule };
  return { code: "bad_value", path, of: "key", message: `${rule}, not ${given.join(" and ")}` };
}

function credentialsOf(entries: readonly ReadEntry[]): readonly Credential[] {
  return entries.flatMap((entry) => ("credential" in entry ? [entry.credential] : []));
}

function unknownBots(named: readonly string[], bots: readonly string[]): readonly Finding[] {
  return named
    .filter((bot) => !bots.includes(bot))
    .map((bot) => ({
      code: "unknown_bot",
      path: ["auth", "bots", bot],
      of: "key",
      message: `unknown bot ${quote(bot)}${didYouMean(bot, bots)}`,
    }));
}

function weakness(entry: ReadEntry): readonly Finding[] {
  if (!("credential" in entry)) return [];
  const { credential, path } = entry;
  const weak = (message: string): readonly Finding[] => [{ code: "weak_auth", path, of: "key", message }];
  if (credential.kind === "query") {
    return weak("a token in the address is seen in the logs of senders and proxies; prefer bearer or header");
  }
  if (credential.kind === "hmac" && credential.timestampHeader === null) {
    return weak(
      "without timestamp_header a captured request can be sent again at any time; set it here and in Grafana",
    );
  }
  return [];
}

function openHook(perBot: readonly string[], webhook: readonly ReadEntry[]): readonly Finding[] {
  if (perBot.length === 0 || webhook.length > 0) return [];
  const message = "auth.bots guards its bots only: /webhook is open to anyone until auth.webhook has an entry";
  return [{ code: "weak_auth", path: ["auth", "bots"], of: "key", message }];
}
