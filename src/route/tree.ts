import type { LabelSet } from "../domain/alert.ts";
import type { DisplaySettings } from "../domain/display.ts";
import type { Language, MessageKind } from "../domain/message-kind.ts";
import type { Grouping, Mention } from "../domain/notification.ts";
import type { Matcher } from "./matcher.ts";

/** Settings of delivery; those of the parent are inherited already. */
export interface RouteSettings {
  readonly bots: readonly string[];
  readonly messages: readonly MessageKind[];
  readonly template: string;
  readonly urgent: boolean;
  readonly sendResolved: boolean;
  readonly mention: Mention;
  readonly group: Grouping;
  /** How long `merge` waits for more alerts. */
  readonly waitMs: number;
  readonly language: Language;
  /** An IANA name that Intl knows. */
  readonly timezone: string;
  readonly display: DisplaySettings;
  readonly graph: boolean;
}

export interface RouteNode {
  /** Its position in the config, like `route.routes[1]`. */
  readonly path: string;
  /** All of them must match. An empty list matches every alert. */
  readonly matchers: readonly Matcher[];
  readonly settings: RouteSettings;
  /** Alerts that this node answers are discarded. */
  readonly drop: boolean;
  readonly continue: boolean;
  readonly routes: readonly RouteNode[];
}

/** The route itself and all below it, in the order of the config. */
export function routesWithin(route: RouteNode): readonly RouteNode[] {
  return [route, ...route.routes.flatMap(routesWithin)];
}

/**
 * Depth first, as prometheus/alertmanager dispatch/route.go, Route.Match. A child that takes the alert ends the search among its
 * siblings unless it says `continue`. A node takes the alert itself when none of its children does.
 */
export function matchRoutes(root: RouteNode, labels: LabelSet): readonly RouteNode[] {
  if (!root.matchers.every((matcher) => matcher.matches(labels))) return [];
  const found: RouteNode[] = [];
  for (const child of root.routes) {
    const below = matchRoutes(child, labels);
    found.push(...below);
    if (below.length > 0 && !child.continue) break;
  }
  return found.length > 0 ? found : [root];
}

export interface VisitedRoute {
  readonly node: RouteNode;
  /** The first matcher that does not match the labels; null when all do. */
  readonly refusedBy: Matcher | null;
  /** True when this node takes the alert itself: it matches and none of its children does. */
  readonly answers: boolean;
  /** In the order of the config. Empty when the node does not match. */
  readonly children: readonly VisitedRoute[];
  /** Children that were not visited, because one before them took the alert and does not say `continue`. */
  readonly untried: readonly RouteNode[];
}

/** The walk of `matchRoutes` with every node it visits, for people. A property test holds the two together. */
export function explainRoutes(node: RouteNode, labels: LabelSet): VisitedRoute {
  const refusedBy = node.matchers.find((matcher) => !matcher.matches(labels)) ?? null;
  if (refusedBy !== null) return { node, refusedBy, answers: false, children: [], untried: [] };
  const children: VisitedRoute[] = [];
  for (const child of node.routes) {
    const visited = explainRoutes(child, labels);
    children.push(visited);
    if (visited.refusedBy === null && !child.continue) break;
  }
  const answers = children.every((child) => child.refusedBy !== null);
  return { node, refusedBy, answers, children, untried: node.routes.slice(children.length) };
}
