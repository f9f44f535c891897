// The running config as text for people: YAML with the names and units of the config file, and all defaults. A secret prints as
// `<secret>` by its type; what a text may hold beside that is masked as in the log.

import { isDeepStrictEqual } from "node:util";

import { stringify } from "yaml";
import type { Config } from "../config/config.ts";
import type { LinkSettings, SilenceSettings } from "../config/links.ts";
import { Secret } from "../config/secret.ts";
import { builtInSeverities } from "../domain/severity.ts";
import { maskSecrets } from "../observe/mask.ts";
import { matcherText } from "../route/matcher.ts";
import type { Rotation } from "../route/on-call.ts";
import type { RouteNode } from "../route/tree.ts";

export function shownConfig(config: Config): string {
  const { route, bots, severities, deliver, rotations, links, silence, ...others } = config;
  const withoutNames = new Map([...bots].map(([name, { keys, fallback }]) => [name, { keys, fallback }]));
  const ownSeverities = new Map(
    [...severities].filter(([word, one]) => !isDeepStrictEqual(one, builtInSeverities.get(word))),
  );
  const sections = {
    bots: withoutNames,
    route: shownRoute(route, null),
    severities: ownSeverities,
    oncall: new Map([...rotations].map(([name, rotation]) => [name, shownRotation(rotation)])),
    ...(links === null ? {} : { links: linksAsWritten(links) }),
    silence: silenceAsWritten(silence),
    ...deliver,
    ...others,
  };
  return maskSecrets(stringify(plainValue(sections), { lineWidth: 0 }).trimEnd());
}

function linksAsWritten({ secrets, ...others }: LinkSettings): object {
  return { secret: secrets.map(String).join("\n"), ...others };
}

function silenceAsWritten({ durationsMs, never, ...others }: SilenceSettings): object {
  return {
    durations: durationsMs.map((ms) => inUnits(ms, durations)),
    never: never.map((entry) => entry.map(matcherText).join(",")),
    ...others,
  };
}

/** Of a route below the root only the settings that it does not inherit. */
function shownRoute(route: RouteNode, parent: RouteNode | null): object {
  const inherited: Readonly<Record<string, unknown>> = { ...parent?.settings };
  const own = Object.entries(route.settings).filter(
    ([name, value]) => JSON.stringify(inherited[name]) !== JSON.stringify(value),
  );
  return {
    ...(route.matchers.length === 0 ? {} : { matchers: route.matchers.map(matcherText) }),
    ...Object.fromEntries(own),
    ...(route.drop ? { drop: true } : {}),
    ...(route.continue ? { continue: true } : {}),
    ...(route.routes.length === 0 ? {} : { routes: route.routes.map((child) => shownRoute(child, route)) }),
  };
}

/** Times as they stand in the file: by the clocks of its time zone. */
function shownRotation({ people, timezone, firstTurnAt, turnMs, overrides }: Rotation): object {
  // Swedish has ISO 8601's order of numbers.
  const clock = (timeZone: string) =>
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  const [start = "", handover = ""] = clock("UTC").format(firstTurnAt).split(" ");
  const local = clock(timezone);
  return {
    people,
    timezone,
    start,
    handover,
    everyMs: turnMs,
    overrides: overrides.map(({ startsAt, endsAt, who }) => {
      return { from: local.format(startsAt), to: local.format(endsAt), who };
    }),
  };
}

/** Keys of objects are settings; keys of maps are names that people chose. */
function plainValue(value: unknown): unknown {
  if (value instanceof Secret) return String(value);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, one]) => [name, plainValue(one)]));
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => written(snakeCase(name), one)));
}

/** Durations and sizes are numbers here and have units in the file. */
function written(name: string, value: unknown): readonly [string, unknown] {
  if (typeof value === "number" && name.endsWith("_ms"))
    return [name.slice(0, -"_ms".length), inUnits(value, durations)];
  if (typeof value === "number" && name.endsWith("_bytes")) {
    return [name.replace("_disk_bytes", "_disk").replace(/_bytes$/u, "_size"), inUnits(value, sizes)];
  }
  return [name, plainValue(value)];
}

const durations = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const sizes = { GB: 2 ** 30, MB: 2 ** 20, KB: 2 ** 10, B: 1 };

/** In the largest unit of which it is a whole number. */
function inUnits(value: number, units: Readonly<Record<string, number>>): string {
  const [unit, one] = Object.entries(units).find(([, size]) => value % size === 0) ?? ["", 1];
  return `${value / one}${unit}`;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => `_${letters.toLowerCase()}`);
}
