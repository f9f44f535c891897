// `links`: messages lead to the phone page of their alerts. `silence`: what may be silenced there.

import ipaddr from "ipaddr.js";
import * as z from "zod";
import { type SilenceScope, silenceScopes } from "../domain/silence.ts";
import type { Matcher } from "../route/matcher.ts";
import { mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { bad, duration, exactlyOneOf, type Parsed, parsedText, section, withCheck } from "./fields.ts";
import { matcherField } from "./matchers.ts";
import { Secret } from "./secret.ts";
import { fileField, type SecretSources, variableField } from "./secret-fields.ts";

export interface LinkSettings {
  /** The first signs. Links that were signed with another of them are still valid. */
  readonly secrets: readonly Secret[];
  readonly validMs: number;
  /** A header in which a proxy says who asks; null for none. */
  readonly userHeader: string | null;
  /** Addresses and ranges (CIDR) of the proxies whose header counts. */
  readonly trustedProxies: readonly string[];
}

export interface SilenceSettings {
  readonly durationsMs: readonly number[];
  /** No silence is longer, not even one until the alert recovers. */
  readonly maxMs: number;
  readonly scopes: readonly SilenceScope[];
  /** An alert that matches all matchers of an entry cannot be silenced, and wider silences exclude it. */
  readonly never: readonly (readonly Matcher[])[];
}

/** The keys that sign and check tokens, in the order of the secrets. */
export function linkKeys({ secrets }: LinkSettings): readonly Uint8Array[] {
  return secrets.map((secret) => Secret.derive([secret], "links to the phone page"));
}

/** 16 characters of base64 hold 96 bits: too many to try, for somebody who has a link. */
const secretMinChars = 16;

/** Two while links that were signed with the old one are still in use. */
const mostSecrets = 2;

const secretNames = ["secret", "secret_env", "secret_file"] as const;

export function linksSection(sources: SecretSources) {
  const field = { sources, parse: readSecrets };
  const links = section({
    secret: parsedText(z.string(), readSecrets)
      .optional()
      .describe("Signs the links: at least 16 random characters. Better kept out of this file."),
    secret_env: variableField(field).optional().describe("Environment variable that holds it."),
    secret_file: fileField(field)
      .optional()
      .describe("File that holds it. A second line may hold the old one, whose links stay valid."),
    valid: duration({ min: "10m", max: "30d" }).prefault("24h").describe("How long a link is valid."),
    user_header: z
      .string()
      .regex(/^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+)?$/u, "not a name that HTTP allows; use letters, digits and -")
      .default("")
      .describe("Header in which a proxy says who asks, like X-Forwarded-User. Empty: readers choose their name."),
    trusted_proxies: z
      .array(parsedText(z.string(), readRange))
      .default([])
      .describe("Addresses of proxies that set user_header, also as ranges: 10.0.0.0/8."),
  });
  return withCheck(links, (value) => [...exactlyOneOf(secretNames)(value), ...proxyIssues(value)]);
}

/** The messages never repeat the text. */
function readSecrets(text: string): Parsed<readonly Secret[]> {
  const lines = text.split("\n").map((line) => line.trim());
  const secrets = lines.filter((line) => line !== "");
  if (secrets.some((secret) => /^\$\{?\w+\}?$/u.test(secret))) return bad("a placeholder, not a secret");
  if (secrets.length === 0) return bad("the secret is empty; give one");
  if (secrets.length > mostSecrets) return bad("has more than two lines; keep the new secret and one old one");
  if (secrets.some(({ length }) => length < secretMinChars)) {
    return bad("a secret needs at least 16 characters; `openssl rand -base64 32` prints one");
  }
  return { value: secrets.map((secret) => new Secret(secret)) };
}

function readRange(text: string): Parsed<string> {
  if (ipaddr.isValid(text) || ipaddr.isValidCIDR(text)) return { value: text };
  return bad("expected an IP address or a range like 10.0.0.0/8");
}

function proxyIssues(links: unknown): readonly PlacedMessage[] {
  const header = valueAtPath(links, ["user_header"]);
  const proxies = valueAtPath(links, ["trusted_proxies"]);
  if (typeof header !== "string" || !Array.isArray(proxies)) return [];
  if (header !== "" && proxies.length === 0) {
    const message = "has no effect without trusted_proxies, because anyone could send this header; set it";
    return [{ code: "bad_value", path: ["user_header"], of: "key", message }];
  }
  if (header !== "" || proxies.length === 0) return [];
  return [{ code: "bad_value", path: ["trusted_proxies"], of: "key", message: "has no effect without user_header" }];
}

/** Readers follow a link to `external_url`. */
export function linkIssues(links: unknown, externalURL: unknown): readonly PlacedMessage[] {
  if (mappingOf(links) === null || externalURL !== null) return [];
  const message = "needs external_url: the address at which phones reach this service";
  return [{ code: "missing_key", path: ["links"], of: "key", message }];
}

type LinksSection = z.output<ReturnType<typeof linksSection>>;

/** Only for a config without issues. */
export function buildLinks(links: LinksSection | undefined): LinkSettings | null {
  if (links === undefined) return null;
  return {
    secrets: links.secret ?? links.secret_env ?? links.secret_file ?? [],
    validMs: links.valid,
    userHeader: links.user_header === "" ? null : links.user_header,
    trustedProxies: links.trusted_proxies,
  };
}

const spans = { min: "1m", max: "1y" };
const span = duration(spans);

export const silenceSection = withCheck(
  section({
    durations: z
      .array(span)
      .min(1, "expected at least one duration")
      .prefault(["1h", "4h", "1d", "3d"])
      .describe("How long readers can silence."),
    max: duration(spans)
      .prefault("3d")
      .describe("No silence is longer, not even one that ends when the alert recovers."),
    scopes: z
      .array(z.enum(silenceScopes))
      .default(["alert"])
      .describe(
        "What readers can silence: this alert, every alert of its instance, every alert of its rule. For a rule they need the credentials of auth.admin. Empty: nothing.",
      ),
    never: z
      .array(matcherField)
      .default([])
      .describe("Alerts that the page never silences. All matchers of an entry must match."),
  }),
  tooLong,
);

function tooLong(silence: unknown): readonly PlacedMessage[] {
  const durations = valueAtPath(silence, ["durations"]);
  const max = valueAtPath(silence, ["max"]);
  if (!Array.isArray(durations) || typeof max !== "number") return [];
  return durations.flatMap((ms: unknown, index): readonly PlacedMessage[] => {
    if (typeof ms !== "number" || ms <= max) return [];
    return [{ code: "bad_value", path: ["durations", index], of: "value", message: "longer than max; raise max" }];
  });
}

export function buildSilence({ durations, max, scopes, never }: z.output<typeof silenceSection>): SilenceSettings {
  return { durationsMs: durations, maxMs: max, scopes, never };
}
