import type { Issue } from "../domain/issue.ts";
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
    routes.flatMap((route, index): readonly PlacedMessage[] => {
      const later = route.continue ? [] : routes.slice(index + 1).filter((other) => isNarrower(other, route));
      if (later.length === 0) return [];
      const paths = later.map(({ path }) => path).join(", ");
      const message = `takes every alert of ${paths}; move it behind, or set continue: true`;
      return [{ code: "unreachable_route", path: routeSteps(route), of: "value", message }];
    }),
  );
}

/** Whether it has every matcher of the other that some alert does not pass. */
function isNarrower({ matchers }: RouteNode, other: RouteNode): boolean {
  const texts = matchers.map(({ name, op, value }) => JSON.stringify([name, op, value]));
  return other.matchers.every(({ name, op, value }) => {
    const takesAll = op === "=~" && value === ".*";
    return takesAll || texts.includes(JSON.stringify([name, op, value]));
  });
}
