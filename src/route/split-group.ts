// One group from a sender in, routed groups out: each alert is routed by its own labels, then alerts of equal destination
// are gathered again in the sender's order. What is common to a part is computed from its own alerts.

import type { Alert, AlertGroup } from "../domain/alert.ts";
import { commonPairs, groupStatus } from "../domain/group.ts";
import type { Alias } from "../domain/intake.ts";
import type { Destination, RoutedGroup } from "../domain/notification.ts";
import { matchRoutes, type RouteNode, type RouteSettings } from "./tree.ts";

interface Part {
  readonly destination: Destination;
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
    for (const [identity, destination] of destinationsOf(alert, settingsOf(alert))) {
      const part = parts.get(identity) ?? { destination, alerts: [] };
      parts.set(identity, part);
      part.alerts.push(alert);
    }
  }
  return [...parts.values()].map(({ destination, alerts }) => ({
    destination,
    group: partOf(group, alerts),
    mergeWaitMs: 0,
  }));
}

/** Where one alert is told, each place once. */
function destinationsOf(alert: Alert, taken: readonly RouteSettings[]): ReadonlyMap<string, Destination> {
  const told = taken.filter((settings) => alert.status === "firing" || settings.sendResolved);
  const destinations = told.flatMap(({ bots, messages, template, urgent, mention }) =>
    bots.map((bot): Destination => ({ bot, messages, template, urgent, mention })),
  );
  return new Map(destinations.map((destination) => [identityOf(destination), destination]));
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
