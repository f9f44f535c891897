// The route tree and the walk over it: a label set in, the nodes that take it out.
// Follows prometheus/alertmanager dispatch/route.go, Route.Match.

import type { LabelSet } from "../domain/alert.ts";
import type { MessageKind } from "../domain/message-kind.ts";
import type { Grouping, Mention } from "../domain/notification.ts";
import type { Matcher } from "./matcher.ts";

/** What a node says about delivery; already inherited. */
export interface RouteSettings {
  readonly bots: readonly string[];
  readonly messages: readonly MessageKind[];
  readonly template: string;
  readonly urgent: boolean;
  readonly sendResolved: boolean;
  readonly mention: Mention;
  readonly group: Grouping;
  /** How long `merge` waits for more. */
  readonly waitMs: number;
}

export interface RouteNode {
  /** Its place in the config, like `route.routes[1]`. */
  readonly path: string;
  /** All of them must match; none match everything. */
  readonly matchers: readonly Matcher[];
  readonly settings: RouteSettings;
  readonly continue: boolean;
  readonly routes: readonly RouteNode[];
}

/**
 * Depth first. A child that takes the alert ends the search among its siblings unless it says `continue`;
 * a node none of whose children takes the alert is the answer itself.
 */
export function matchRoutes(root: RouteNode, labels: LabelSet): readonly RouteNode[] {
  if (!root.matchers.every((matcher) => matcher.matches(labels))) return [];
  const found: RouteNode[] = [];
  for (const child of root.routes) {
    const taken = matchRoutes(child, labels);
    found.push(...taken);
    if (taken.length > 0 && !child.continue) break;
  }
  return found.length > 0 ? found : [root];
}
