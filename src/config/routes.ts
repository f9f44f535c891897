// The routing tree of a config file: its faults first, then the nodes the route stage walks, with inheritance resolved.

import type { Mention } from "../domain/notification.ts";
import { type Matcher, parseMatchers } from "../route/matcher.ts";
import type { RouteNode, RouteSettings } from "../route/tree.ts";
import type { ConfigPath } from "./document.ts";
import { didYouMean, looksSecret, quote } from "./quote.ts";
import type { ChildRoute, RootRoute } from "./schema.ts";
import { type Finding, formatPath, mappingOf, valueAt } from "./shape-issues.ts";

/** Unknown bots and unreadable matchers. Works on what is there, whatever else is wrong. */
export function routeFindings(value: unknown): readonly Finding[] {
  const bots = mappingOf(valueAt(value, ["bots"]));
  const botNames = bots === null ? null : Object.keys(bots);
  const hasVoiceClip = ![undefined, ""].includes(valueAt(value, ["siren_file"]) as string | undefined);
  return routesIn(value, ["route"]).flatMap((path) => [
    ...matcherFindings(value, path),
    ...(hasVoiceClip ? [] : voiceFindings(value, path)),
    ...(botNames === null ? [] : botFindings(value, path, botNames)),
  ]);
}

/** Warnings for bots that no route and no other bot names. */
export function unusedBots(value: unknown, botNames: readonly string[]): readonly Finding[] {
  const named = [
    ...routesIn(value, ["route"]).map((path) => [...path, "bot"]),
    ...botNames.map((name) => ["bots", name, "fallback"]),
  ];
  const used = new Set(named.flatMap((path) => textsAt(value, path).map(({ text }) => text)));
  const unused = botNames.filter((name) => !used.has(name));
  return unused.map((name) => {
    const message = `no route uses bot ${quote(name)}; only /webhook/bot/${name} reaches it`;
    return { code: "unused_bot", path: ["bots", name], of: "key", message };
  });
}

/** The paths of a route and of all routes below it. */
function routesIn(value: unknown, path: ConfigPath): readonly ConfigPath[] {
  if (mappingOf(valueAt(value, path)) === null) return [];
  const children = valueAt(value, [...path, "routes"]);
  if (!Array.isArray(children)) return [path];
  return [path, ...children.flatMap((_, index) => routesIn(value, [...path, "routes", index]))];
}

/** Text, or texts in a list, with their places. */
function textsAt(value: unknown, path: ConfigPath): readonly { readonly text: string; readonly path: ConfigPath }[] {
  const found = valueAt(value, path);
  const entries: readonly unknown[] = Array.isArray(found) ? found : [found];
  return entries.flatMap((text, index) => {
    if (typeof text !== "string") return [];
    return [{ text, path: Array.isArray(found) ? [...path, index] : path }];
  });
}

function matcherFindings(value: unknown, path: ConfigPath): readonly Finding[] {
  return textsAt(value, [...path, "matchers"]).flatMap(({ text, path }) => {
    const parsed = parseMatchers(text);
    if (parsed.kind === "parsed") return [];
    const reason = looksSecret(parsed.message) ? "why is not shown, for it looks like a secret" : parsed.message;
    const message = `not a matcher: ${reason} (at character ${parsed.offset + 1} of it)`;
    return [{ code: "bad_matcher", path, of: "value", message } as const];
  });
}

function voiceFindings(value: unknown, path: ConfigPath): readonly Finding[] {
  const voices = textsAt(value, [...path, "message"]).filter(({ text }) => text === "voice");
  const message = "voice needs a clip: set siren_file";
  return voices.map(({ path }) => ({ code: "bad_value", path, of: "value", message }));
}

function botFindings(value: unknown, path: ConfigPath, botNames: readonly string[]): readonly Finding[] {
  const named = textsAt(value, [...path, "bot"]);
  const unknown = named.filter(({ text }) => !botNames.includes(text));
  return unknown.map(({ text, path }) => {
    const message = `unknown bot ${quote(text)}${didYouMean(text, botNames)}`;
    return { code: "unknown_bot", path, of: "value", message };
  });
}

/** The root of the tree. Only for a file without faults. */
export function buildRoutes(root: RootRoute): RouteNode {
  const path: ConfigPath = ["route"];
  const settings: RouteSettings = {
    bots: listOf(root.bot),
    messages: listOf(root.message),
    template: root.template,
    urgent: root.urgent,
    sendResolved: root.send_resolved,
    mention: { ...root.mention, on: inOrder(root.mention.on) },
    group: root.group,
    waitMs: root.wait,
  };
  const routes = root.routes.map((child, index) => buildRoute(child, [...path, "routes", index], settings));
  return { path: formatPath(path), matchers: [], settings, continue: false, routes };
}

function buildRoute(route: ChildRoute, path: ConfigPath, parent: RouteSettings): RouteNode {
  const settings: RouteSettings = {
    bots: route.bot === undefined ? parent.bots : listOf(route.bot),
    messages: route.message === undefined ? parent.messages : listOf(route.message),
    template: route.template ?? parent.template,
    urgent: route.urgent ?? parent.urgent,
    sendResolved: route.send_resolved ?? parent.sendResolved,
    mention: mentionOf(route.mention ?? {}, parent.mention),
    group: route.group ?? parent.group,
    waitMs: route.wait ?? parent.waitMs,
  };
  const routes = route.routes.map((child, index) => buildRoute(child, [...path, "routes", index], settings));
  return { path: formatPath(path), matchers: matchersOf(route), settings, continue: route.continue, routes };
}

/** Each once. */
function listOf<Item extends string>(written: Item | readonly Item[]): readonly Item[] {
  return [...new Set(typeof written === "string" ? [written] : written)];
}

function mentionOf(said: NonNullable<ChildRoute["mention"]>, parent: Mention): Mention {
  return {
    users: said.users ?? parent.users,
    mobiles: said.mobiles ?? parent.mobiles,
    all: said.all ?? parent.all,
    on: inOrder(said.on ?? parent.on),
    repeats: said.repeats ?? parent.repeats,
  };
}

/** One order for one meaning: two routes that differ only in it have the same destination. */
function inOrder(on: RouteSettings["mention"]["on"]): RouteSettings["mention"]["on"] {
  return (["firing", "resolved"] as const).filter((status) => on.includes(status));
}

function matchersOf(route: ChildRoute): readonly Matcher[] {
  return [route.matchers ?? []].flat().flatMap((text) => {
    const parsed = parseMatchers(text);
    return parsed.kind === "parsed" ? parsed.matchers : [];
  });
}
