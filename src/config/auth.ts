import * as z from "zod";
import { unknownBotIssue } from "./bots.ts";
import type { Auth, Credential } from "./config.ts";
import { type ConfigPath, mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { bad, duration, exactlyOneOf, filledText, type Parsed, section, userName, withCheck } from "./fields.ts";
import { Secret } from "./secret.ts";
import { onlyOne, type SecretField, type SecretSources, withSecret } from "./secret-fields.ts";

/** RFC 9110, 5.6.2: what a header or a scheme may be called. */
const token = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "not a name that HTTP allows; use letters, digits and -");

/** One comparison at cost 10 takes about 0.1 s, and twice as long with every step: 14 is already one and a half seconds. */
const maxCost = 14;

/** bcrypt. The messages never repeat the text. */
export function readPasswordHash(text: string): Parsed<Secret> {
  const cost = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text)?.[1];
  if (cost === undefined) return bad("expected a bcrypt hash ($2a$…, $2b$… or $2y$…), as `hash-password` prints it");
  if (Number(cost) < 4 || Number(cost) > maxCost) return bad(`the cost of a bcrypt hash must be from 4 to ${maxCost}`);
  return { value: new Secret(text) };
}

function readToken(text: string): Parsed<Secret> {
  // As a secret it would be one that anybody can guess.
  if (/^\$\{\w+\}$/.test(text)) return bad("a placeholder, not a secret");
  return text.trim() === "" ? bad("an empty secret accepts every request; give one") : { value: new Secret(text) };
}

export function authSection(sources: SecretSources) {
  const entries = z.array(entrySection(sources));
  return section({
    webhook: entries
      .prefault([])
      .describe("Credentials to post; one of the entries must match. Empty: anyone may post."),
    bots: z
      .record(z.string(), entries.min(1, "expected at least one entry").describe("Credentials to post to this bot."))
      .prefault({})
      .describe("By bot, for /webhook/bot/<name>, in place of `webhook`."),
    admin: entries
      .prefault([])
      .describe(
        "Credentials to read metrics and pages, and to reload. Empty: metrics are open, the rest answers only this machine.",
      ),
    viewer: entries.prefault([]).describe("Credentials to see the pages without what changes anything."),
  });
}

function entrySection(sources: SecretSources) {
  const field = { sources, parse: readToken };
  const hash = { sources, parse: readPasswordHash };
  const scheme = token.describe("The word before the credentials.");
  const username = userName.describe("User name.");
  const headerName = token.describe("Name of the header.");
  const parameterName = filledText().describe("Name of the parameter.");
  const kinds = {
    bearer: withSecret(field, { name: "token", what: "The token", others: {} })
      .transform(({ secret }): Credential => ({ kind: "authorization", scheme: "Bearer", credentials: secret }))
      .optional()
      .describe("`Authorization: Bearer <token>`."),
    authorization: withSecret(field, { name: "credentials", what: "What follows the scheme", others: { scheme } })
      .transform((given): Credential => ({ kind: "authorization", scheme: given.scheme, credentials: given.secret }))
      .optional()
      .describe("`Authorization: <scheme> <credentials>`."),
    basic: withSecret(hash, { name: "password_hash", what: "bcrypt hash of the password", others: { username } })
      .transform((given): Credential => ({ kind: "basic", username: given.username, passwordHash: given.secret }))
      .optional()
      .describe("`Authorization: Basic …`."),
    hmac: signatureKind(field).optional().describe("Grafana's signature of the body."),
    header: withSecret(field, { name: "value", what: "The token", others: { name: headerName } })
      .transform(({ name, secret }): Credential => ({ kind: "header", name, value: secret }))
      .optional()
      .describe("A token in a header of your choice."),
    query: withSecret(field, { name: "value", what: "The token", others: { name: parameterName } })
      .transform(({ name, secret }): Credential => ({ kind: "query", name, value: secret }))
      .optional()
      .describe("A token in the address. Discouraged: addresses are logged."),
  };
  return withCheck(section(kinds), exactlyOneOf(Object.keys(kinds)))
    .transform((given): Credential => onlyOne(Object.values(given).filter((one) => one !== undefined)))
    .meta({ id: "credential" });
}

function signatureKind(field: SecretField<Secret>) {
  const others = {
    header: token.default("X-Grafana-Alerting-Signature").describe("Header that holds the signature."),
    timestamp_header: z
      .union([token, z.literal("")], "not a name that HTTP allows; use letters, digits and -")
      .default("")
      .describe("Header that holds the signed time; the same name as in Grafana. Empty: the time is not signed."),
    max_age: duration({ min: "1s", max: "1d" })
      .prefault("5m")
      .describe("How far the signed time may differ from this machine's."),
  };
  return withSecret(field, { name: "secret", what: "The secret shared with Grafana", others }).transform(
    ({ secret, header, timestamp_header: timestampHeader, max_age: maxAgeMs }): Credential => ({
      kind: "hmac",
      secret,
      header,
      timestampHeader: timestampHeader === "" ? null : timestampHeader,
      maxAgeMs,
    }),
  );
}

/** @param bots null: unknown, nothing is compared */
export function unknownAuthBots(auth: unknown, bots: readonly string[] | null): readonly PlacedMessage[] {
  if (bots === null) return [];
  const named = Object.keys(mappingOf(valueAtPath(auth, ["bots"])) ?? {});
  return named
    .filter((name) => !bots.includes(name))
    .map((name) => ({ ...unknownBotIssue(name, ["auth", "bots", name], bots), of: "key" }));
}

/** Warnings about credentials that protect less than they seem to. */
export function weakAuth({ webhook, bots, admin, viewer }: Auth): readonly PlacedMessage[] {
  const lists: readonly (readonly [ConfigPath, readonly Credential[]])[] = [
    [["auth", "webhook"], webhook],
    [["auth", "admin"], admin],
    [["auth", "viewer"], viewer],
    ...[...bots].map(([name, list]) => [["auth", "bots", name], list] as const),
  ];
  const weak = lists.flatMap(([path, list]) =>
    list.flatMap((credential, index): readonly PlacedMessage[] => {
      const message = weaknessOf(credential);
      return message === null
        ? []
        : [{ code: "weak_auth", path: [...path, index, credential.kind], of: "key", message }];
    }),
  );
  if (bots.size === 0 || webhook.length > 0) return weak;
  const message = "auth.bots protects its bots only: anyone may post to /webhook until auth.webhook has an entry";
  return [...weak, { code: "weak_auth", path: ["auth", "bots"], of: "key", message }];
}

function weaknessOf(credential: Credential): string | null {
  if (credential.kind === "query") return "senders and proxies log a token in the address; use bearer or header";
  if (credential.kind !== "hmac" || credential.timestampHeader !== null) return null;
  return "without timestamp_header a captured request can be sent again at any time; set it here and in Grafana";
}
