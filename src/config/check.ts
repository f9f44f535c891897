import type { Issue } from "../domain/issue.ts";
import type { Matcher } from "../route/matcher.ts";
import { type RouteNode, routesWithin } from "../route/tree.ts";
import { weakAuth } from "./auth.ts";
import { oddKeys } from "./bots.ts";
import type { Config } from "./config.ts";
import { type ConfigDocument, type PlacedMessage, valueAtPath } from "./document.ts";
import { inQuotes } from "./in-quotes.ts";
import { inOrder, parseConfigText } from "./parse-document.ts";
import { botsOfRoutes, routeSteps } from "./routes.ts";
import { configSchema } from "./schema.ts";
import type { SecretSources } from "./secret-fields.ts";

export type CheckedConfig =
  | {
      readonly kind: "config";
      readonly config: Config;
      /** True when there is neither a config file nor WECOM_BOT_KEY: the only bot has no key, so nothing can be delivered. */
      readonly keyless: boolean;
      readonly warnings: readonly Issue[];
      /** For issues that only the files of a config show. */
      readonly issueAt: ConfigDocument["issueAt"];
    }
  /** The issues in the order of their places; `templates` as far as they can be read. */
  | { readonly kind: "invalid"; readonly issues: readonly Issue[]; readonly templates: readonly string[] };

/** Reads the text of a config. Pure: secrets are looked up in `sources`. */
export function checkConfig(text: string, sources: SecretSources): CheckedConfig {
  const parsed = parseConfigText(text, configSchema(sources));
  if (parsed.kind === "invalid") {
    const globs = valueAtPath(parsed.value, ["templates"]);
    const templates = Array.isArray(globs) ? globs.filter((glob) => typeof glob === "string") : [];
    return { kind: "invalid", issues: parsed.issues, templates };
  }
  const { value: config, issueAt } = parsed;
  const found = [
    ...unusedBots(config),
    ...unreachableRoutes(config.route),
    ...oddKeys(config),
    ...weakAuth(config.auth),
  ];
  const warnings = found.map(issueAt);
  return { kind: "config", config, keyless: false, warnings: inOrder(warnings), issueAt };
}

/** Bots that no route and no other bot names. */
function unusedBots({ bots, route }: Config): readonly PlacedMessage[] {
  const fallbacks = [...bots.values()].map(({ fallback }) => fallback);
  const used = new Set<string | null>([...botsOfRoutes(route), ...fallbacks]);
  const unused = [...bots.keys()].filter((name) => !used.has(name));
  return unused.map((name) => {
    const message = `no route uses bot ${inQuotes(name)}; only /webhook/bot/${name} reaches it`;
    return { code: "unused_bot", path: ["bots", name], of: "key", message };
  });
}

/** Routes that take every alert of a later one. */
function unreachableRoutes(root: RouteNode): readonly PlacedMessage[] {
  return routesWithin(root).flatMap(({ routes }) =>
    [...hiddenRoutes(routes)].map(([route, later]): PlacedMessage => {
      const paths = later.map(({ path }) => path).join(", ");
      const message = `takes every alert of ${paths}; move it behind, or set continue: true`;
      return { code: "unreachable_route", path: routeSteps(route), of: "value", message };
    }),
  );
}

/**
 * Siblings that take every alert of later ones, with these. A later one has all matchers of the first; those that every alert passes do
 * not count. The first is found by one of its matchers, since a config may have thousands of routes.
 */
function hiddenRoutes(routes: readonly RouteNode[]): ReadonlyMap<RouteNode, readonly RouteNode[]> {
  const hidden = new Map<RouteNode, RouteNode[]>();
  const earlier = new Map<string, { readonly route: RouteNode; readonly needed: readonly string[] }[]>();
  for (const route of routes) {
    const own = new Set(route.matchers.map(textOf));
    for (const one of ["", ...own].flatMap((text) => earlier.get(text) ?? [])) {
      if (one.needed.every((text) => own.has(text))) hidden.set(one.route, [...(hidden.get(one.route) ?? []), route]);
    }
    if (route.continue) continue;
    const needed = route.matchers.filter((matcher) => !takesAll(matcher)).map(textOf);
    const [first = ""] = needed;
    earlier.set(first, [...(earlier.get(first) ?? []), { route, needed }]);
  }
  return new Map(routes.flatMap((route) => (hidden.has(route) ? [[route, hidden.get(route) ?? []]] : [])));
}

function textOf({ name, op, value }: Matcher): string {
  return JSON.stringify([name, op, value]);
}

function takesAll({ op, value }: Matcher): boolean {
  return op === "=~" && value === ".*";
}
