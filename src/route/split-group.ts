// One group from a sender in, routed groups out: each alert is routed by its own labels, then alerts of equal destination
// are gathered again in the sender's order, or told one by one where a route says so. What is common to a part is computed from its own alerts.

import type { Alert, AlertGroup } from "../domain/alert.ts";
import { commonPairs, groupStatus } from "../domain/group.ts";
import type { Alias } from "../domain/intake.ts";
import type { Destination, Grouping, RoutedGroup } from "../domain/notification.ts";
import { matchRoutes, type RouteNode, type RouteSettings } from "./tree.ts";

/** One place where an alert is told, and what makes one message there. */
interface Place {
  readonly destination: Destination;
  readonly group: Grouping;
  readonly waitMs: number;
}

interface Part {
  readonly place: Place;
  readonly alerts: Alert[];
}

/** By the route tree. An alert that several routes take is in several parts, but only once for each destination. */
export function splitGroup(root: RouteNode, group: AlertGroup): readonly RoutedGroup[] {
  return gather(group, (alert) => matchRoutes(root, alert.labels).map((node) => node.settings));
}

/** Past the tree: all alerts to one bot, with the root route's other settings. */
export function directGroup(root: RouteNode, bot: string, group: AlertGroup): readonly RoutedGroup[] {
  return gather(group, () => [{ ...root.settings, bots: [bot] }]);
}

/**
 * By an address of another adapter: to its bots with the root route's settings, or through the tree; its template and mentions on
 * top. A mention that could be read as a template is left out: it comes from a sender.
 */
export function aliasGroup(root: RouteNode, alias: Alias, group: AlertGroup): readonly RoutedGroup[] {
  const users = alias.mentions.filter((user) => !user.includes("{{"));
  const asked = (settings: RouteSettings): RouteSettings => ({
    ...settings,
    template: alias.template ?? settings.template,
    mention: { ...settings.mention, users: [...new Set([...settings.mention.users, ...users])] },
  });
  if (alias.bots.length > 0) return gather(group, () => [{ ...asked(root.settings), bots: alias.bots }]);
  return gather(group, (alert) => matchRoutes(root, alert.labels).map((node) => asked(node.settings)));
}

function gather(group: AlertGroup, settingsOf: (alert: Alert) => readonly RouteSettings[]): readonly RoutedGroup[] {
  const parts = new Map<string, Part>();
  for (const alert of group.alerts) {
    for (const [identity, place] of placesOf(alert, settingsOf(alert))) {
      const key = JSON.stringify([identity, place.group, place.waitMs]);
      const part = parts.get(key) ?? { place, alerts: [] };
      parts.set(key, part);
      part.alerts.push(alert);
    }
  }
  return [...parts.values()].flatMap((part) => routedGroups(group, part));
}

/** Where one alert is told, each destination once: the first route to it says how. */
function placesOf(alert: Alert, taken: readonly RouteSettings[]): ReadonlyMap<string, Place> {
  const told = taken.filter((settings) => alert.status === "firing" || settings.sendResolved);
  const places = new Map<string, Place>();
  for (const { bots, messages, template, urgent, mention, group, waitMs } of told) {
    for (const bot of bots) {
      const destination: Destination = { bot, messages, template, urgent, mention };
      const identity = identityOf(destination);
      if (!places.has(identity)) places.set(identity, { destination, group, waitMs });
    }
  }
  return places;
}

function routedGroups(group: AlertGroup, { place, alerts }: Part): readonly RoutedGroup[] {
  const { destination, waitMs } = place;
  switch (place.group) {
    case "as_sent":
      return [{ destination, group: partOf(group, alerts), mergeWaitMs: 0 }];
    case "per_alert":
      return alerts.map((alert, index) => ({ destination, group: single(group, alert, index), mergeWaitMs: 0 }));
    case "merge":
      return [{ destination, group: mergeable(partOf(group, alerts)), mergeWaitMs: waitMs }];
  }
}

/** A group of its own, in its own order of states. What the sender left out is said once. */
function single(group: AlertGroup, alert: Alert, index: number): AlertGroup {
  const own = partOf(group, [alert]);
  const groupKey = `${group.groupKey}#${alert.fingerprint}`;
  return { ...own, groupKey, truncatedAlerts: index === 0 ? group.truncatedAlerts : 0 };
}

/** Without what only its own sender group has: it will stand beside others. */
function mergeable(group: AlertGroup): AlertGroup {
  return { ...group, groupLabels: {}, routeLabels: {}, title: "", message: "" };
}

function identityOf({ bot, messages, template, urgent, mention }: Destination): string {
  const { users, mobiles, all, on, repeats } = mention;
  return JSON.stringify([bot, messages, template, urgent, users, mobiles, all, on, repeats]);
}

function partOf(group: AlertGroup, alerts: readonly Alert[]): AlertGroup {
  return {
    ...group,
    status: groupStatus(alerts),
    alerts,
    commonLabels: commonPairs(alerts.map((alert) => alert.labels)),
    commonAnnotations: commonPairs(alerts.map((alert) => alert.annotations)),
  };
}
