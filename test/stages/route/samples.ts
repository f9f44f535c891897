// Route trees, matchers and their splits for the tests of this stage.

import type { AlertGroup } from "../../../src/domain/alert.ts";
import type { RoutedGroup } from "../../../src/domain/notification.ts";
import { type Matcher, parseMatchers } from "../../../src/route/matcher.ts";
import { splitGroup } from "../../../src/route/split-group.ts";
import type { RouteNode, RouteSettings } from "../../../src/route/tree.ts";
import { plainLook } from "../../support/look.ts";

export function matchersOf(text: string): readonly Matcher[] {
  const parsed = parseMatchers(text);
  if (parsed.kind === "invalid") throw new Error(parsed.message);
  return parsed.matchers;
}

export interface Sketch extends Partial<RouteSettings> {
  readonly match?: string;
  readonly drop?: boolean;
  readonly continue?: boolean;
  readonly routes?: readonly Sketch[];
}

const rootSettings: RouteSettings = {
  bots: ["root"],
  messages: ["markdown"],
  template: "default",
  urgent: false,
  sendResolved: true,
  mention: { users: [], mobiles: [], all: false, on: ["firing"], repeats: false },
  group: "as_sent",
  waitMs: 30_000,
  ...plainLook,
};

/** A tree from a sketch; missing settings are inherited from the parent. */
export function treeOf(sketch: Sketch, parent: RouteSettings = rootSettings, path = "route"): RouteNode {
  const { match, drop = false, continue: goOn = false, routes = [], ...said } = sketch;
  const settings = { ...parent, ...said };
  return {
    path,
    matchers: matchersOf(match ?? ""),
    settings,
    drop,
    continue: goOn,
    routes: routes.map((child, index) => treeOf(child, settings, `${path}.routes[${index}]`)),
  };
}

/** For a webhook to /webhook, whose address asks for nothing. */
export function splitByTree(root: RouteNode, group: AlertGroup): readonly RoutedGroup[] {
  return splitGroup(root, group, { bots: [], mentions: [], template: null }).parts;
}
