// The walk of tree.ts, told: a label set in, every node that was looked at out, with what it said. Its answer is the walk's own
// (a property holds them together); nothing is routed by it.

import type { LabelSet } from "../domain/alert.ts";
import type { Matcher } from "./matcher.ts";
import type { RouteNode } from "./tree.ts";

export interface VisitedRoute {
  readonly node: RouteNode;
  /** The first matcher that refused the labels; null when all matched. */
  readonly refusedBy: Matcher | null;
  /** True when the alert is told by this very node: it matched, and none of its children did. */
  readonly answers: boolean;
  /** In the order of the config. Empty when the node did not match. */
  readonly children: readonly VisitedRoute[];
  /** Children that were not tried, because one before them took the alert and does not say `continue`. */
  readonly untried: readonly RouteNode[];
}

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
