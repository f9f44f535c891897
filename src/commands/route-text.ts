// The visited routes of `routes test` as lines of a tree, and what the ones that answer say about delivery. Pure.

import type { AlertStatus, LabelSet } from "../domain/alert.ts";
import type { RouteNode, RouteSettings, VisitedRoute } from "../route/tree.ts";

export function labelsText(labels: LabelSet): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(", ")}}`;
}

/** One line a node, children two columns further right than their parent. */
export function visitedText(visited: VisitedRoute): readonly string[] {
  const { node, refusedBy, answers, children, untried } = visited;
  const verdict = refusedBy !== null ? `no: it wants ${matcherText(refusedBy)}` : answers ? "yes, told here" : "yes";
  const goesOn = refusedBy === null && node.continue ? ", and the next routes are tried too (continue)" : "";
  const below = [
    ...children.flatMap(visitedText),
    ...untried.map((route) => `  ${heading(route)}: not tried, a route before it took the alert`),
  ];
  return [`  ${heading(node)}: ${verdict}${goesOn}`, ...below.map((line) => `  ${line}`)];
}

function heading({ path, matchers }: RouteNode): string {
  return matchers.length === 0 ? path : `${path} {${matchers.map(matcherText).join(", ")}}`;
}

function matcherText({
  name,
  op,
  value,
}: {
  readonly name: string;
  readonly op: string;
  readonly value: string;
}): string {
  return `${name}${op}${JSON.stringify(value)}`;
}

/** One line a bot. */
export function answersText(visited: VisitedRoute, status: AlertStatus): readonly string[] {
  return replying(visited).flatMap(({ settings, path }) => {
    if (status === "resolved" && !settings.sendResolved) return [`not told by ${path}: send_resolved is false`];
    return settings.bots.map((bot) => `told to bot ${bot} by ${path}: ${settingsText(settings)}`);
  });
}

function replying({ node, answers, children }: VisitedRoute): readonly RouteNode[] {
  return answers ? [node] : children.flatMap(replying);
}

function settingsText({ messages, template, urgent, sendResolved, mention, group, waitMs }: RouteSettings): string {
  const rung = [...mention.users, ...mention.mobiles, ...(mention.all ? ["@all"] : [])];
  const repeats = mention.repeats ? ", reminders too" : "";
  return [
    messages.join(", "),
    `template ${template}`,
    ...(urgent ? ["urgent"] : []),
    sendResolved ? "recoveries too" : "no recoveries",
    ...(group === "per_alert" ? ["each alert by itself"] : []),
    ...(group === "merge" ? [`merged for ${waitMs / 1_000} s`] : []),
    ...(rung.length === 0 ? [] : [`mentions ${rung.join(" ")} on ${mention.on.join(", ")}${repeats}`]),
  ].join(", ");
}
