// `datasources`: servers that are asked about the expressions of alerts. `graphs`: what is drawn from their answers.

import * as z from "zod";
import { mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { baseURL, duration, filledText, optionalPath, section, withCheck } from "./fields.ts";
import { inQuotes } from "./in-quotes.ts";
import { credentialFields, credentialIssues, type OutgoingCredential } from "./outgoing-credential.ts";
import { certificatesField, type SecretSources } from "./secret-fields.ts";

/** `rules`: only expressions that are in its alerting rules. */
const expressionScopes = ["rules", "any"] as const;

type ExpressionScope = (typeof expressionScopes)[number];

/** A server with Prometheus's HTTP API. An alert decides which one is asked, never where it is. */
export interface DatasourceSettings {
  readonly name: string;
  /** Without a trailing slash; the alerts whose generatorURL lies below one of them belong to this datasource. */
  readonly generatorURLs: readonly string[];
  /** Without a trailing slash; `/api/v1/…` follows. */
  readonly url: string;
  readonly credential: OutgoingCredential | null;
  /** Sent with each request, like the tenant. */
  readonly headers: ReadonlyMap<string, string>;
  /** PEM text of authorities that are trusted besides those that Node trusts; null for none. */
  readonly ca: string | null;
  readonly expressions: ExpressionScope;
}

export interface GraphSettings {
  readonly enabled: boolean;
  /** For one request to a datasource. */
  readonly timeoutMs: number;
  /** A graph that was not sent so long after its text is omitted. */
  readonly maxDelayMs: number;
  /** In place of the built-in font; null for none. */
  readonly fontFile: string | null;
}

/** A label of metrics. */
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}_.-]{0,63}$/u;

const nameRule = "a name is 1 to 64 letters, digits, _, . or - without blanks; it starts with a letter or digit";

/** The client sets these itself. */
const ownHeaders = new Set([
  ...["connection", "content-length", "content-type", "expect", "host", "keep-alive", "te", "trailer"],
  ...["transfer-encoding", "upgrade", "accept-encoding"],
]);

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u, "not a name that HTTP allows; use letters, digits and -");

const headerValue = filledText()
  .regex(/^[\x20-\x7e]+$/u, "a header has only letters, digits and signs of ASCII")
  .describe("Its value. Not for secrets: the configuration page shows it.");

export function datasourcesField(sources: SecretSources) {
  const datasource = section({
    generator_urls: z
      .array(baseURL)
      .min(1, "expected at least one address")
      .describe("Where the generatorURL of its alerts begins: scheme, host and, if there is one, the path prefix."),
    url: baseURL.describe(
      "Address that is asked; `/api/v1/query` and so on follow. Prometheus, VictoriaMetrics, Thanos or Mimir.",
    ),
    ...credentialFields(sources),
    headers: z
      .record(headerName, headerValue)
      .prefault({})
      .describe("Headers that are sent with each request, like X-Scope-OrgID for a tenant."),
    ca_file: certificatesField(sources)
      .prefault("")
      .describe("PEM file of additional certificate authorities. Empty: none."),
    expressions: z
      .enum(expressionScopes)
      .default("rules")
      .describe("Which expressions it is asked for: only those of its alerting rules, or any that an alert brings."),
  }).describe("One server, under a name of your choice.");
  const datasources = z.record(z.string(), withCheck(datasource, datasourceIssues));
  return withCheck(datasources, (value) => [...badNames(value), ...sharedAddresses(value)])
    .prefault({})
    .describe("Servers that are asked for graphs, and for the value at recovery.")
    .meta({ propertyNames: { type: "string", pattern: namePattern.source } });
}

export const graphsSection = section({
  enabled: z.boolean().default(true).describe("Whether graphs are sent. They need a datasource."),
  timeout: duration({ min: "100ms", max: "1m" }).prefault("5s").describe("For one request to a datasource."),
  max_delay: duration({ min: "1s", max: "10m" })
    .prefault("30s")
    .describe("A graph that was not sent so long after its text is omitted."),
  font_file: optionalPath
    .prefault("")
    .describe("TTF, OTF or WOFF2 font with more characters than the built-in one. Empty: the built-in font."),
});

function datasourceIssues(datasource: unknown): readonly PlacedMessage[] {
  const names = Object.keys(mappingOf(valueAtPath(datasource, ["headers"])) ?? {});
  const wrong = names.flatMap((name): readonly PlacedMessage[] => {
    const message = headerDefect(name.toLowerCase());
    return message === null ? [] : [{ code: "bad_value", path: ["headers", name], of: "key", message }];
  });
  return [...credentialIssues(datasource), ...wrong];
}

function headerDefect(name: string): string | null {
  if (name === "authorization") return "give bearer or basic in place of this header";
  if (/cookie/u.test(name)) return "a cookie is a secret; give bearer or basic in place of this header";
  return ownHeaders.has(name) ? "this header is set by the client; remove it" : null;
}

function badNames(datasources: unknown): readonly PlacedMessage[] {
  const names = Object.keys(mappingOf(datasources) ?? {}).filter((name) => !namePattern.test(name));
  return names.map((name) => ({ code: "bad_value", path: [name], of: "key", message: nameRule }));
}

/** An alert must belong to one datasource. */
function sharedAddresses(datasources: unknown): readonly PlacedMessage[] {
  const written = Object.entries(mappingOf(datasources) ?? {}).flatMap(([name, one]) => {
    const urls = valueAtPath(one, ["generator_urls"]);
    if (!Array.isArray(urls)) return [];
    return urls.flatMap((url: unknown, index) =>
      typeof url === "string" && URL.canParse(url) ? [{ name, url, path: [name, "generator_urls", index] }] : [],
    );
  });
  const byURL = Map.groupBy(written, ({ url }) => new URL(url).href);
  return [...byURL.values()].flatMap(([first, ...others]) =>
    others.map(({ path }): PlacedMessage => {
      const message = `already an address of ${inQuotes(first?.name ?? "")}; remove one of them`;
      return { code: "bad_value", path, of: "value", message };
    }),
  );
}

type Datasources = z.output<ReturnType<typeof datasourcesField>>;

/** Only for a config without issues. */
export function buildDatasources(written: Datasources): ReadonlyMap<string, DatasourceSettings> {
  const built = Object.entries(written).map(([name, one]): readonly [string, DatasourceSettings] => [
    name,
    {
      name,
      generatorURLs: one.generator_urls,
      url: one.url,
      credential: one.bearer ?? one.basic ?? null,
      headers: new Map(Object.entries(one.headers)),
      ca: one.ca_file?.pem ?? null,
      expressions: one.expressions,
    },
  ]);
  return new Map(built);
}

export function buildGraphs(written: z.output<typeof graphsSection>): GraphSettings {
  return {
    enabled: written.enabled,
    timeoutMs: written.timeout,
    maxDelayMs: written.max_delay,
    fontFile: written.font_file,
  };
}
