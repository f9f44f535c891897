// `datasources`: servers that are asked about the expressions of alerts. `graphs`: what is drawn from their answers.

import * as z from "zod";
import { mappingOf, valueAtPath } from "./document.ts";
import { baseURL, duration, optionalPath, section, withCheck } from "./fields.ts";
import type { SecretSources } from "./secret-fields.ts";
import { accessFields, accessIn, accessIssues, type ServerAccess, serverIssues, serverNames } from "./servers.ts";

/** `rules`: only expressions that are in its alerting rules. */
const expressionScopes = ["rules", "any"] as const;

type ExpressionScope = (typeof expressionScopes)[number];

/** A server with Prometheus's HTTP API. An alert decides which one is asked, never where it is. */
export interface DatasourceSettings extends ServerAccess {
  readonly name: string;
  /** Without a trailing slash; the alerts whose generatorURL lies below one of them belong to this datasource. */
  readonly generatorURLs: readonly string[];
  /** Without a trailing slash; `/api/v1/…` follows. */
  readonly url: string;
  readonly expressions: ExpressionScope;
}

export interface GraphSettings {
  readonly enabled: boolean;
  /** For one request to a datasource. */
  readonly timeoutMs: number;
  /** A graph or picture that is not sent within this time after its text is omitted. */
  readonly maxDelayMs: number;
  /** In place of the built-in font; null for none. */
  readonly fontFile: string | null;
}

export function datasourcesField(sources: SecretSources) {
  const datasource = section({
    generator_urls: z
      .array(baseURL)
      .min(1, "expected at least one address")
      .describe("What the generatorURL of its alerts begins with: scheme, host and, if there is one, the path prefix."),
    url: baseURL.describe(
      "Address that is asked; `/api/v1/query` and so on follow. Prometheus, VictoriaMetrics, Thanos or Mimir.",
    ),
    ...accessFields(sources),
    expressions: z
      .enum(expressionScopes)
      .default("rules")
      .describe(
        "Which expressions it is asked for: only those of its alerting rules, or every expression that an alert has.",
      ),
  }).describe("One server, under a name of your choice.");
  const datasources = z.record(z.string(), withCheck(datasource, accessIssues));
  return withCheck(datasources, serverIssues("generator_urls"))
    .prefault({})
    .describe("Servers that are asked for graphs, and for the value at recovery.")
    .meta(serverNames);
}

export const graphsSection = section({
  enabled: z.boolean().default(true).describe("Whether graphs are sent. They need a datasource."),
  timeout: duration({ min: "100ms", max: "1m" }).prefault("5s").describe("For one request to a datasource."),
  max_delay: duration({ min: "1s", max: "10m" })
    .prefault("30s")
    .describe("A graph or picture that is not sent within this time after its text is omitted."),
  font_file: optionalPath
    .prefault("")
    .describe("TTF, OTF or TTC font with more characters than the built-in one. Empty: the built-in font."),
});

type WrittenDatasources = z.output<ReturnType<typeof datasourcesField>>;

/** Only for a config without issues. */
export function buildDatasources(written: WrittenDatasources): ReadonlyMap<string, DatasourceSettings> {
  const built = Object.entries(written).map(([name, one]): readonly [string, DatasourceSettings] => [
    name,
    {
      name,
      generatorURLs: one.generator_urls,
      url: one.url,
      expressions: one.expressions,
      ...accessIn(one),
    },
  ]);
  return new Map(built);
}

/** Also of a config with issues. */
export function hasDatasource(file: unknown): boolean {
  return Object.keys(mappingOf(valueAtPath(file, ["datasources"])) ?? {}).length > 0;
}

export function buildGraphs(written: z.output<typeof graphsSection>): GraphSettings {
  return {
    enabled: written.enabled,
    timeoutMs: written.timeout,
    maxDelayMs: written.max_delay,
    fontFile: written.font_file,
  };
}
