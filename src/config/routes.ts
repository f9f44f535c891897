import * as z from "zod";
import { type Language, languages, messageKinds } from "../domain/message-kind.ts";
import { groupings } from "../domain/notification.ts";
import { type RouteNode, routesWithin } from "../route/tree.ts";
import { unknownBotIssue } from "./bots.ts";
import { hasDatasource } from "./datasources.ts";
import { buildDisplay, displayPurpose, mergeDisplay, routeDisplay, type WrittenDisplay } from "./display.ts";
import { type ConfigPath, formatPath, mappingOf, type PlacedMessage, valueAtPath } from "./document.ts";
import { duration, givenOrInherited, section, timezone } from "./fields.ts";
import { matcherField } from "./matchers.ts";

const messageKind = z.enum(messageKinds);

const mentionEntries = z.array(z.string().min(1, "an empty entry; remove it"));

const mention = {
  users: mentionEntries.describe("WeCom user ids to mention; each entry is a template."),
  mobiles: mentionEntries.describe("Mobile numbers to mention; each entry is a template."),
  all: z.boolean().describe("Mentions everyone in the group."),
  on: z.array(z.enum(["firing", "resolved"])).describe("States of the group on which to mention."),
  repeats: z.boolean().describe("Whether reminders mention too."),
};

const mentionPurpose = "Whom to mention, and when.";

/** What a route may give or inherit. */
const settings = {
  bot: z
    .union(
      [z.string(), z.array(z.string()).min(1, "expected at least one bot name")],
      "expected a bot name or a list of them",
    )
    .describe("Bot that delivers the alerts, or a list of bots."),
  message: z
    .union(
      [messageKind, z.array(messageKind).min(1, "expected at least one kind")],
      "expected a kind of message or a list of them",
    )
    .describe("Kind of message, or a list of kinds that are sent in order."),
  template: z
    .string()
    .regex(/^[a-z0-9_-]+$/, "a template name is made of a-z, 0-9, _ and -")
    .describe("Name of the template set."),
  urgent: z.boolean().describe("Urgent alerts are sent first."),
  send_resolved: z.boolean().describe("Whether resolved alerts are sent."),
  group: z
    .enum(groupings)
    .describe(
      "as_sent: one delivery for each group of the sender; per_alert: one for each alert; merge: one for each destination.",
    ),
  wait: duration({ min: "1s", max: "1h" }).describe("How long merge waits for more."),
};

/** What a route may also inherit from the whole file. */
const ofFile = {
  graph: z.boolean().describe("Whether a graph follows the text of alerts whose datasource is known."),
  language: z.enum(languages).describe("Language of the messages."),
  timezone: timezone.describe("IANA name of the time zone of the times in them."),
};

/** How messages are written, where no route says otherwise. */
export interface FileDefaults {
  /** There is a datasource, and graphs are enabled. */
  readonly hasGraphs: boolean;
  readonly language: Language;
  readonly timezone: string;
  readonly display: WrittenDisplay;
}

const dropField = z
  .boolean()
  .default(false)
  .describe("Discards the alerts that reach this route and none of its routes. They are counted. Not inherited.");

const routesPurpose = "Tried in order; a setting that they do not give is inherited.";

const childRoute = section({
  matchers: z
    .union([matcherField, z.array(matcherField)], 'expected a matcher like team="db", or a list of them')
    .describe("All must match. Written as in Alertmanager.")
    .optional(),
  bot: settings.bot.exactOptional(),
  message: settings.message.exactOptional(),
  template: settings.template.exactOptional(),
  urgent: settings.urgent.exactOptional(),
  send_resolved: settings.send_resolved.exactOptional(),
  group: settings.group.exactOptional(),
  wait: settings.wait.exactOptional(),
  mention: section(givenOrInherited(mention)).optional().describe(mentionPurpose),
  graph: ofFile.graph.exactOptional(),
  language: ofFile.language.exactOptional(),
  timezone: ofFile.timezone.exactOptional(),
  display: routeDisplay.optional().describe(displayPurpose),
  drop: dropField,
  continue: z.boolean().default(false).describe("Whether the routes after this one are tried too."),
  get routes(): z.ZodDefault<z.ZodArray<typeof childRoute>> {
    return z.array(childRoute).default([]).describe(routesPurpose);
  },
}).meta({ id: "route" });

export const rootRoute = section({
  bot: settings.bot,
  message: settings.message.default("markdown"),
  template: settings.template.default("default"),
  urgent: settings.urgent.default(false),
  send_resolved: settings.send_resolved.default(true),
  mention: section({
    users: mention.users.default([]),
    mobiles: mention.mobiles.default([]),
    all: mention.all.default(false),
    on: mention.on.default(["firing"]),
    repeats: mention.repeats.default(false),
  })
    .describe(mentionPurpose)
    .prefault({}),
  group: settings.group.default("as_sent"),
  wait: settings.wait.prefault("30s"),
  ...givenOrInherited(ofFile),
  display: routeDisplay.optional().describe(displayPurpose),
  drop: dropField,
  routes: z.array(childRoute).default([]).describe(routesPurpose),
}).describe("The root of the routing tree: it takes every alert.");

type ChildRoute = z.output<typeof childRoute>;
type RootRoute = z.output<typeof rootRoute>;

/** Unknown bots, voice messages without a clip, graphs without a datasource, and settings of a route that drops and has no routes to inherit them. */
export function routeIssues(file: unknown, bots: readonly string[] | null): readonly PlacedMessage[] {
  const route = valueAtPath(file, ["route"]);
  const hasClip = valueAtPath(file, ["voice_file"]) !== null;
  const known = new Set(bots);
  return routesIn(route, ["route"]).flatMap((at) => {
    const voices = textsIn(at, "message").filter(({ text }) => !hasClip && text === "voice");
    const unknown = textsIn(at, "bot").filter(({ text }) => bots !== null && !known.has(text));
    return [
      ...voices.map(({ path }) => withoutClip(path)),
      ...unknown.map(({ text, path }) => unknownBotIssue(text, path, bots ?? [])),
      ...(hasDatasource(file) ? [] : withoutDatasource(at)),
      ...withoutEffect(at),
    ];
  });
}

const effectiveWithDrop = ["matchers", "drop", "continue", "routes"];

/** The root's settings also count for addresses that name a bot. */
function withoutEffect({ route, path }: WrittenRoute): readonly PlacedMessage[] {
  const written = mappingOf(route) ?? {};
  const { drop, routes } = written;
  if (drop !== true || (Array.isArray(routes) && routes.length > 0) || path.length === 1) return [];
  const names = Object.keys(written).filter((name) => !effectiveWithDrop.includes(name));
  return names.map((name): PlacedMessage => {
    const message = `${name} has no effect: drop: true discards the alerts; remove one of them`;
    return { code: "bad_value", path: [...path, name], of: "key", message };
  });
}

function withoutClip(path: ConfigPath): PlacedMessage {
  return { code: "bad_value", path, of: "value", message: "voice needs a clip: set voice_file" };
}

function withoutDatasource({ route, path }: WrittenRoute): readonly PlacedMessage[] {
  if (valueAtPath(route, ["graph"]) !== true) return [];
  const message = "graph needs a datasource; set datasources";
  return [{ code: "bad_value", path: [...path, "graph"], of: "value", message }];
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
export function botsOfRoutes(root: RouteNode): ReadonlySet<string> {
  return new Set(routesWithin(root).flatMap(({ settings, drop }) => (drop ? [] : settings.bots)));
}

/** `route.routes[1]` as steps. */
export function routeSteps({ path }: RouteNode): ConfigPath {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  return steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** The root of the tree. Only for a config without issues. */
export function buildRoutes(root: RootRoute, file: FileDefaults): RouteNode {
  const display = mergeDisplay(file.display, root.display);
  return buildRoute({ graph: true, ...file, ...root, display, matchers: [], continue: false }, ["route"]);
}

/** A route with every setting that it gives or inherits. */
interface WholeRoute extends RootRoute {
  readonly hasGraphs: boolean;
  readonly graph: boolean;
  readonly language: Language;
  readonly timezone: string;
  readonly display: WrittenDisplay;
  readonly matchers: NonNullable<ChildRoute["matchers"]>;
  readonly continue: boolean;
}

function buildRoute(route: WholeRoute, path: ConfigPath): RouteNode {
  return {
    path: formatPath(path),
    matchers: route.matchers.flat(),
    settings: {
      bots: listOf(route.bot),
      messages: listOf(route.message),
      template: route.template,
      urgent: route.urgent,
      sendResolved: route.send_resolved,
      mention: {
        ...route.mention,
        // One order for one meaning: two routes that differ only in the order have the same destination.
        on: (["firing", "resolved"] as const).filter((status) => route.mention.on.includes(status)),
      },
      group: route.group,
      waitMs: route.wait,
      language: route.language,
      timezone: route.timezone,
      display: buildDisplay(route.display),
      graph: route.hasGraphs && route.graph,
    },
    drop: route.drop,
    continue: route.continue,
    routes: route.routes.map((child, index) => buildRoute(wholeRoute(child, route), [...path, "routes", index])),
  };
}

function wholeRoute(child: ChildRoute, parent: WholeRoute): WholeRoute {
  const { matchers = [], mention: ownMention, display: ownDisplay, ...own } = child;
  const display = mergeDisplay(parent.display, ownDisplay);
  return { ...parent, ...own, matchers, mention: { ...parent.mention, ...ownMention }, display };
}

/** Each once. */
function listOf<Item extends string>(written: Item | readonly Item[]): readonly Item[] {
  return [...new Set(typeof written === "string" ? [written] : written)];
}
