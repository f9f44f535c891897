// What the generatorURL of an alert says: to which datasource the alert belongs, and the expression of its rule. It is alert text: it
// chooses among what is configured, and is never asked itself.

import type { DatasourceSettings } from "../../config/datasources.ts";

/** Longer ones are not read: an expression of that length was not written by people. */
const maxChars = 64_000;

/** The datasource with the longest address that the URL lies below; null when there is none. */
export function datasourceOf<Source extends Pick<DatasourceSettings, "generatorURLs">>(
  generatorURL: string | null,
  datasources: Iterable<Source>,
): Source | null {
  const url = parsed(generatorURL);
  if (url === null) return null;
  let best: { readonly datasource: Source; readonly length: number } | null = null;
  for (const datasource of datasources) {
    for (const address of datasource.generatorURLs) {
      const { origin, pathname } = new URL(address);
      const prefix = pathname.replace(/\/+$/u, "");
      if (origin !== url.origin || !isBelow(url.pathname, prefix)) continue;
      if (best === null || prefix.length > best.length) best = { datasource, length: prefix.length };
    }
  }
  return best?.datasource ?? null;
}

/** `/prom` has `/prom` and `/prom/graph` below it, not `/prometheus`. */
function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

export interface RuleHint {
  /** PromQL, or MetricsQL of vmalert; null when the URL has none. */
  readonly expression: string | null;
  /** vmalert's id of the rule's group; null from others. */
  readonly groupId: string | null;
}

/**
 * Prometheus, Thanos and Mimir write `/graph?g0.expr=…`; vmalert writes `/vmalert/alert?group_id=…&alert_id=…`, or what its
 * -external.alert.source says: `vmui/#/?g0.expr=…` or Grafana's `explore?left=…`.
 */
export function ruleHintOf(generatorURL: string | null): RuleHint {
  const url = parsed(generatorURL);
  if (url === null) return { expression: null, groupId: null };
  const inHash = new URLSearchParams(/\?(.*)$/su.exec(url.hash)?.[1] ?? "");
  const get = (name: string) => nonBlank(url.searchParams.get(name)) ?? nonBlank(inHash.get(name));
  const explored = expressionIn(get("left")) ?? expressionIn(get("panes"));
  return { expression: get("g0.expr") ?? explored, groupId: get("group_id") };
}

function parsed(generatorURL: string | null): URL | null {
  return generatorURL === null || generatorURL.length > maxChars ? null : URL.parse(generatorURL);
}

function nonBlank(text: string | null): string | null {
  return text === null || text.trim() === "" ? null : text;
}

/** Of the JSON that Grafana's Explore keeps in its address: `{"queries":[{"expr":…}]}`, also as a list or by pane. */
function expressionIn(json: string | null): string | null {
  if (json === null) return null;
  try {
    return firstExpression(JSON.parse(json), 0);
  } catch {
    return null;
  }
}

const maxDepth = 6;

function firstExpression(value: unknown, depth: number): string | null {
  if (typeof value !== "object" || value === null || depth > maxDepth) return null;
  const { expr } = value as { readonly expr?: unknown };
  if (typeof expr === "string") return nonBlank(expr);
  for (const inner of Object.values(value)) {
    const found = firstExpression(inner, depth + 1);
    if (found !== null) return found;
  }
  return null;
}
