// The routing tree of a config: the settings of a route, and the nodes that the route stage walks, with inheritance resolved.

import * as z from "zod";
import { messageKinds } from "../domain/message-kind.ts";
import { groupings, type Mention } from "../domain/notification.ts";
import { type Matcher, parseMatchers } from "../route/matcher.ts";
import type { RouteNode, RouteSettings } from "../route/tree.ts";
import { unknownBotIssue } from "./bots.ts";
import { type ConfigPath, formatPath, mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { bad, duration, type Parsed, parsedText, section } from "./fields.ts";
import { looksSecret } from "./in-quotes.ts";

const botNames = z
  .union(
    [z.string(), z.array(z.string()).min(1, "expected at least one bot name")],
    "expected a bot name or a list of them",
  )
  .describe("Bot that delivers the alerts, or a list of bots.");

const oneMatcher = parsedText(z.string(), readMatchers);

const matchers = z
  .union([oneMatcher, z.array(oneMatcher)], "expected a matcher or a list of them")
  .describe("All must match. Written as in Alertmanager.");

const messageKind = z.enum(messageKinds);

const message = z
  .union(
    [messageKind, z.array(messageKind).min(1, "expected at least one kind")],
    "expected a kind of message or a list of them",
  )
  .describe("Kind of message, or a list of kinds that are sent in order.");

const template = z
  .string()
  .regex(/^[a-z0-9_-]+$/, "a template name is made of a-z, 0-9, _ and -")
  .describe("Name of the template set.");

const urgent = z.boolean().describe("Urgent alerts are sent first.");

const sendResolved = z.boolean().describe("Whether resolved alerts are sent.");

const users = z
  .array(z.string().min(1, "an empty entry; remove it"))
  .describe("WeCom user ids to mention; each entry is a template.");

const mobiles = z
  .array(z.string().min(1, "an empty entry; remove it"))
  .describe("Mobile numbers to mention; each entry is a template.");

const all = z.boolean().describe("Mentions everyone in the group.");

const on = z.array(z.enum(["firing", "resolved"])).describe("States of the group on which to mention.");

const repeats = z.boolean().describe("Whether reminders mention too.");

const mentionSection = section({
  users: users.optional(),
  mobiles: mobiles.optional(),
  all: all.optional(),
  on: on.optional(),
  repeats: repeats.optional(),
}).describe("Whom to mention, and when.");

const group = z
  .enum(groupings)
  .describe(
    "as_sent: one message for each group of the sender; per_alert: one for each alert; merge: groups of one bot together.",
  );

const wait = duration({ min: "1s", max: "1h" }).describe("How long merge waits for more.");

const childRoute = section({
  matchers: matchers.optional(),
  bot: botNames.optional(),
  message: message.optional(),
  template: template.optional(),
  urgent: urgent.optional(),
  send_resolved: sendResolved.optional(),
  mention: mentionSection.optional(),
  group: group.optional(),
  wait: wait.optional(),
  continue: z.boolean().default(false).describe("Whether the routes after this one are tried too."),
  get routes(): z.ZodDefault<z.ZodArray<typeof childRoute>> {
    return z.array(childRoute).default([]).describe("Tried in order; a setting that they do not give is inherited.");
  },
}).meta({ id: "route" });

export const rootRoute = section({
  bot: botNames,
  message: message.default("markdown"),
  template: template.default("default"),
  urgent: urgent.default(false),
  send_resolved: sendResolved.default(true),
  mention: section({
    users: users.default([]),
    mobiles: mobiles.default([]),
    all: all.default(false),
    on: on.default(["firing"]),
    repeats: repeats.default(false),
  })
    .describe("Whom to mention, and when.")
    .prefault({}),
  group: group.default("as_sent"),
  wait: wait.prefault("30s"),
  routes: z.array(childRoute).default([]).describe("Tried in order; a setting that they do not give is inherited."),
}).describe("The root of the routing tree: it takes every alert.");

type ChildRoute = z.output<typeof childRoute>;
type RootRoute = z.output<typeof rootRoute>;

function readMatchers(text: string): Parsed<readonly Matcher[]> {
  const parsed = parseMatchers(text);
  if (parsed.kind === "parsed") return { value: parsed.matchers };
  const reason = looksSecret(parsed.message)
    ? "the reason is not shown because it looks like a secret"
    : parsed.message;
  return bad(`not a matcher: ${reason} (at character ${parsed.offset + 1} of it)`, "bad_matcher");
}

/** Unknown bots, and voice messages without a clip. */
export function routeIssues(
  route: unknown,
  options: { readonly bots: readonly string[] | null; readonly hasClip: boolean },
): readonly PlacedMessage[] {
  const { bots, hasClip } = options;
  return routesIn(route, ["route"]).flatMap((at) => {
    const voices = textsIn(at, "message").filter(({ text }) => !hasClip && text === "voice");
    const unknown = textsIn(at, "bot").filter(({ text }) => bots !== null && !bots.includes(text));
    return [
      ...voices.map(({ path }) => withoutClip(path)),
      ...unknown.map(({ text, path }) => unknownBotIssue(text, path, bots ?? [])),
    ];
  });
}

function withoutClip(path: ConfigPath): PlacedMessage {
  return { code: "bad_value", path, of: "value", message: "voice needs a clip: set voice_file" };
}

interface WrittenRoute {
  readonly route: unknown;
  readonly path: ConfigPath;
}

/** A route and all routes below it, as far as they are mappings. */
function routesIn(route: unknown, path: ConfigPath): readonly WrittenRoute[] {
  if (mappingOf(route) === null) return [];
  const children = valueAtPath(route, ["routes"]);
  if (!Array.isArray(children)) return [{ route, path }];
  return [{ route, path }, ...children.flatMap((child: unknown, index) => routesIn(child, [...path, "routes", index]))];
}

/** A text, or the texts of a list, each with its path. */
function textsIn(
  { route, path }: WrittenRoute,
  key: string,
): readonly { readonly text: string; readonly path: ConfigPath }[] {
  const value = valueAtPath(route, [key]);
  if (typeof value === "string") return [{ text: value, path: [...path, key] }];
  if (!Array.isArray(value)) return [];
  return value.flatMap((text: unknown, index) =>
    typeof text === "string" ? [{ text, path: [...path, key, index] }] : [],
  );
}

/** The names of the bots that routes deliver to. */
export function botsOfRoutes({ settings, routes }: RouteNode): ReadonlySet<string> {
  return new Set([...settings.bots, ...routes.flatMap((route) => [...botsOfRoutes(route)])]);
}

/** The root of the tree. Only for a config without issues. */
export function buildRoutes(root: RootRoute): RouteNode {
  const path: ConfigPath = ["route"];
  const settings: RouteSettings = {
    bots: listOf(root.bot),
    messages: listOf(root.message),
    template: root.template,
    urgent: root.urgent,
    sendResolved: root.send_resolved,
    mention: inheritedMention(root.mention, root.mention),
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
    mention: inheritedMention(route.mention ?? {}, parent.mention),
    group: route.group ?? parent.group,
    waitMs: route.wait ?? parent.waitMs,
  };
  const routes = route.routes.map((child, index) => buildRoute(child, [...path, "routes", index], settings));
  const matchers = (route.matchers ?? []).flat();
  return { path: formatPath(path), matchers, settings, continue: route.continue, routes };
}

/** Each once. */
function listOf<Item extends string>(written: Item | readonly Item[]): readonly Item[] {
  return [...new Set(typeof written === "string" ? [written] : written)];
}

function inheritedMention(written: NonNullable<ChildRoute["mention"]>, parent: Mention): Mention {
  const states = written.on ?? parent.on;
  return {
    users: written.users ?? parent.users,
    mobiles: written.mobiles ?? parent.mobiles,
    all: written.all ?? parent.all,
    // One order for one meaning: two routes that differ only in the order have the same destination.
    on: (["firing", "resolved"] as const).filter((status) => states.includes(status)),
    repeats: written.repeats ?? parent.repeats,
  };
}
