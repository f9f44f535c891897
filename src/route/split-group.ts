import { type Alert, type AlertGroup, commonOf, groupStatus } from "../domain/alert.ts";
import type { Alias, UnsentGroup } from "../domain/intake.ts";
import type { Destination, Grouping, RoutedGroup } from "../domain/notification.ts";
import { matchRoutes, type RouteNode, type RouteSettings } from "./tree.ts";

/** One delivery of an alert: where it goes, and which alerts share its message. */
interface AlertDestination {
  readonly destination: Destination;
  readonly grouping: Grouping;
  readonly waitMs: number;
  /** The path of the route, or the address that names the bot. */
  readonly route: string;
  /** Why it is not delivered there; null when it is. */
  readonly unsent: UnsentGroup["why"] | null;
}

interface GroupPart {
  readonly to: AlertDestination;
  readonly alerts: Alert[];
  /** Of each alert. */
  readonly routes: string[];
}

interface SplitGroup {
  readonly parts: readonly RoutedGroup[];
  readonly unsent: readonly UnsentGroup[];
  /** Alerts that only routes with `drop` take. */
  readonly dropped: number;
}

/**
 * By the route tree or, where the address names bots, to these with the other settings of the root route. An alert that several
 * routes take is in several parts, but once for each destination.
 */
export function splitGroup(root: RouteNode, group: AlertGroup, asked: Alias): SplitGroup {
  const named = asked.bots.length === 0 ? null : [{ ...root, ...addressOf(root, asked) }];
  const parts = new Map<string, GroupPart>();
  let dropped = 0;
  for (const alert of group.alerts) {
    const matched = named ?? matchRoutes(root, alert.labels);
    const delivering = matched.filter(({ drop }) => !drop);
    if (delivering.length === 0) dropped += 1;
    const destinations = delivering.length === 0 ? droppedBy(matched) : destinationsOf(alert, delivering, asked);
    for (const [identity, to] of destinations) {
      const key = `${to.grouping} ${to.waitMs} ${identity}`;
      const part = parts.get(key) ?? { to, alerts: [], routes: [] };
      parts.set(key, part);
      part.alerts.push(alert);
      part.routes.push(to.route);
    }
  }
  const all = [...parts.values()];
  return {
    parts: all.flatMap((part) => (part.to.unsent === null ? routedGroups(group, part) : [])),
    unsent: all.flatMap((part) => unsentGroups(group, part)),
    dropped,
  };
}

function unsentGroups(group: AlertGroup, part: GroupPart): readonly UnsentGroup[] {
  const { unsent } = part.to;
  return unsent === null ? [] : routedGroups(group, part).map((routed) => ({ routed, why: unsent }));
}

/** The root's settings count for it, and nothing else of the tree. */
function addressOf({ settings }: RouteNode, { bots }: Alias) {
  return { path: `/webhook/bot/${bots.join(",")}`, settings: { ...settings, bots }, drop: false };
}

/** A mention that could be read as a template is left out, because it comes from a sender. */
function withAsked(settings: RouteSettings, { mentions, template }: Alias): RouteSettings {
  if (mentions.length === 0 && template === null) return settings;
  const users = [...settings.mention.users, ...mentions.filter((user) => !user.includes("{{"))];
  return {
    ...settings,
    template: template ?? settings.template,
    mention: { ...settings.mention, users: [...new Set(users)] },
  };
}

/** Each destination once. Where several routes lead to it, the first decides the grouping. */
function destinationsOf(
  alert: Alert,
  matched: readonly RouteNode[],
  asked: Alias,
): ReadonlyMap<string, AlertDestination> {
  const destinations = new Map<string, AlertDestination>();
  for (const { path, settings: own } of matched) {
    const settings = withAsked(own, asked);
    const unsent = alert.status === "firing" || settings.sendResolved ? null : "send_resolved_false";
    for (const bot of settings.bots) {
      const { destination, text } = knownDestination(bot, settings);
      const identity = `${unsent} ${text}`;
      if (destinations.has(identity)) continue;
      const { group: grouping, waitMs } = settings;
      destinations.set(identity, { destination, grouping, waitMs, route: path, unsent });
    }
  }
  return destinations;
}

/** The first of them stands for all. */
function droppedBy([first]: readonly RouteNode[]): ReadonlyMap<string, AlertDestination> {
  if (first === undefined) return new Map();
  const destination = destinationOf("", first.settings);
  const to = { destination, grouping: "as_sent", waitMs: 0, route: first.path, unsent: "route_drop" } as const;
  return new Map([[`drop ${first.path}`, to]]);
}

interface KnownDestination {
  readonly destination: Destination;
  /** The same for equal destinations. */
  readonly text: string;
}

/** By settings and bot. Routes have the same settings for every alert, and a text of them takes longer than to find its route. */
const knownDestinations = new WeakMap<RouteSettings, Map<string, KnownDestination>>();

function knownDestination(bot: string, settings: RouteSettings): KnownDestination {
  const byBot = knownDestinations.get(settings) ?? new Map<string, KnownDestination>();
  knownDestinations.set(settings, byBot);
  const destination = destinationOf(bot, settings);
  const known = byBot.get(bot) ?? { destination, text: JSON.stringify(destination) };
  byBot.set(bot, known);
  return known;
}

export function destinationOf(bot: string, settings: RouteSettings): Destination {
  const { messages, template, urgent, mention, language, timezone, display, graph } = settings;
  return { bot, messages, template, urgent, mention, language, timezone, display, graph };
}

function routedGroups(group: AlertGroup, { to, alerts, routes }: GroupPart): readonly RoutedGroup[] {
  const { destination, waitMs } = to;
  const shared = routes.every((route) => route === to.route) ? [to.route] : routes;
  switch (to.grouping) {
    case "as_sent":
      return [
        { destination, routes: shared, group: partOf(group, alerts), grouping: "as_sent", mergeWaitMs: 0, notice: "" },
      ];
    case "per_alert":
      return alerts.map((alert, index) => ({
        destination,
        routes: [routes[index] ?? to.route],
        group: singleAlertGroup(group, alert, index),
        grouping: "per_alert",
        mergeWaitMs: 0,
        notice: "",
      }));
    case "merge": {
      const merged = mergeableGroup(partOf(group, alerts));
      return [{ destination, routes: shared, group: merged, grouping: "merge", mergeWaitMs: waitMs, notice: "" }];
    }
  }
}

/** Its own groupKey gives each alert its own order of states. Only the first group has the count of truncated alerts. */
function singleAlertGroup(group: AlertGroup, alert: Alert, index: number): AlertGroup {
  return {
    ...partOf(group, [alert]),
    groupKey: `${group.groupKey}#${alert.identity}`,
    truncatedAlerts: index === 0 ? group.truncatedAlerts : 0,
  };
}

/** Without what is true of the sender's group alone: it will be merged with others. */
function mergeableGroup(group: AlertGroup): AlertGroup {
  return { ...group, groupLabels: {}, routeLabels: {}, title: "", message: "" };
}

/** Common labels, common annotations and status are those of the part's own alerts. */
function partOf(group: AlertGroup, alerts: readonly Alert[]): AlertGroup {
  return {
    ...group,
    status: groupStatus(alerts),
    alerts,
    ...commonOf(alerts),
  };
}
