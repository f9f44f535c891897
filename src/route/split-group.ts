import { type Alert, type AlertGroup, commonPairs, groupStatus } from "../domain/alert.ts";
import type { Alias } from "../domain/intake.ts";
import type { Destination, Grouping, RoutedGroup } from "../domain/notification.ts";
import { matchRoutes, type RouteNode, type RouteSettings } from "./tree.ts";

/** One delivery of an alert: where it goes, and which alerts share its message. */
interface AlertDestination {
  readonly destination: Destination;
  readonly grouping: Grouping;
  readonly waitMs: number;
}

interface GroupPart {
  readonly to: AlertDestination;
  readonly alerts: Alert[];
}

interface SplitGroup {
  readonly parts: readonly RoutedGroup[];
  /** Alerts that only routes with `drop` take. */
  readonly dropped: number;
}

/**
 * By the route tree or, where the address names bots, to these with the other settings of the root route. An alert that several
 * routes take is in several parts, but once for each destination.
 */
export function splitGroup(root: RouteNode, group: AlertGroup, asked: Alias): SplitGroup {
  const named = asked.bots.length === 0 ? null : [{ ...withAsked(root.settings, asked), bots: asked.bots }];
  const parts = new Map<string, GroupPart>();
  let dropped = 0;
  for (const alert of group.alerts) {
    const settings = named ?? deliveringRoutes(root, alert).map((node) => withAsked(node.settings, asked));
    if (settings.length === 0) dropped += 1;
    for (const [identity, to] of destinationsOf(alert, settings)) {
      const key = JSON.stringify([identity, to.grouping, to.waitMs]);
      const part = parts.get(key) ?? { to, alerts: [] };
      parts.set(key, part);
      part.alerts.push(alert);
    }
  }
  return { parts: [...parts.values()].flatMap((part) => routedGroups(group, part)), dropped };
}

function deliveringRoutes(root: RouteNode, { labels }: Alert): readonly RouteNode[] {
  return matchRoutes(root, labels).filter(({ drop }) => !drop);
}

/** A mention that could be read as a template is left out, because it comes from a sender. */
function withAsked(settings: RouteSettings, { mentions, template }: Alias): RouteSettings {
  const users = [...settings.mention.users, ...mentions.filter((user) => !user.includes("{{"))];
  return {
    ...settings,
    template: template ?? settings.template,
    mention: { ...settings.mention, users: [...new Set(users)] },
  };
}

/** Each destination once. Where several routes lead to it, the first decides the grouping. */
function destinationsOf(alert: Alert, matched: readonly RouteSettings[]): ReadonlyMap<string, AlertDestination> {
  const wanted = matched.filter((settings) => alert.status === "firing" || settings.sendResolved);
  const destinations = new Map<string, AlertDestination>();
  for (const settings of wanted) {
    for (const bot of settings.bots) {
      const destination = destinationOf(bot, settings);
      const identity = JSON.stringify(destination);
      if (destinations.has(identity)) continue;
      destinations.set(identity, { destination, grouping: settings.group, waitMs: settings.waitMs });
    }
  }
  return destinations;
}

export function destinationOf(bot: string, settings: RouteSettings): Destination {
  const { messages, template, urgent, mention, language, timezone, display } = settings;
  return { bot, messages, template, urgent, mention, language, timezone, display };
}

function routedGroups(group: AlertGroup, { to, alerts }: GroupPart): readonly RoutedGroup[] {
  const { destination, waitMs } = to;
  switch (to.grouping) {
    case "as_sent":
      return [{ destination, group: partOf(group, alerts), grouping: "as_sent", mergeWaitMs: 0 }];
    case "per_alert":
      return alerts.map((alert, index) => ({
        destination,
        group: singleAlertGroup(group, alert, index),
        grouping: "per_alert",
        mergeWaitMs: 0,
      }));
    case "merge":
      return [{ destination, group: mergeableGroup(partOf(group, alerts)), grouping: "merge", mergeWaitMs: waitMs }];
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
    commonLabels: commonPairs(alerts.map((alert) => alert.labels)),
    commonAnnotations: commonPairs(alerts.map((alert) => alert.annotations)),
  };
}
