// One group from a sender in, routed groups out: each alert is routed by its own labels, then alerts of equal destination
// are gathered again in the sender's order.

import type { AlertGroup } from "../domain/alert.ts";
import type { RoutedGroup } from "../domain/notification.ts";
import type { RouteNode } from "./tree.ts";

/** By the route tree. An alert that several routes take is in several parts. */
export function splitGroup(_root: RouteNode, _group: AlertGroup): readonly RoutedGroup[] {
  throw new Error("not here yet");
}

/** Past the tree: to one bot, with the root route's settings. */
export function directGroup(_root: RouteNode, _bot: string, _group: AlertGroup): readonly RoutedGroup[] {
  throw new Error("not here yet");
}
