// Where an alert with these labels goes, and why: the route tree with the path lit, and the messages that would be sent.

import type { AlertStatus, LabelSet } from "../domain/alert.ts";
import type { Person } from "../domain/notification.ts";
import type { Rendered } from "../render/message-draft.ts";
import { matcherText } from "../route/matcher.ts";
import type { RouteNode, VisitedRoute } from "../route/tree.ts";
import { bubbleOf } from "./bubble.ts";
import type { Page, Visit } from "./page.ts";
import type { ConsoleStrings } from "./strings.ts";

export interface RoutedTrial {
  readonly bot: string;
  /** By which route, like `route.routes[1]`. */
  readonly route: string;
  readonly rendered: Rendered;
}

export interface RoutingInput {
  /** As typed. */
  readonly text: string;
  readonly status: AlertStatus;
  /** Null: nothing was asked yet. */
  readonly visited: VisitedRoute | null;
  readonly trials: readonly RoutedTrial[];
  readonly people: ReadonlyMap<string, Person>;
  /** Labels of alerts that came lately, as text. */
  readonly recent: readonly string[];
}

export function routingPage({ strings }: Visit, input: RoutingInput): Page {
  const { text, status, visited, trials, people, recent } = input;
  return {
    view: "routing",
    title: strings.routing,
    model: {
      text,
      isResolved: status === "resolved",
      recent: recent.map((labels) => ({ labels, query: encodeURIComponent(labels) })),
      tree: visited === null ? null : routeRow(visited, strings),
      result: visited === null ? null : resultOf(trials, visited, strings),
      trials: trials.map(({ bot, route, rendered }) => ({
        bot,
        route,
        mentioned: rendered.mentioned.map((address) => nameOf(address, people)).join("、"),
        unmentionable: rendered.unmentionable.join("、"),
        failures: rendered.templateFailures.map(({ template, message }) => `${template}: ${message}`),
        parts: rendered.parts.map(({ message }) => bubbleOf(JSON.stringify(message))),
      })),
    },
  };
}

/**
 * `team=dba severity="a b"`, with commas, lines or braces, as people type it or copy it from Alertmanager. A name is read from its
 * first character only: from each of 16,000 it would take seconds.
 */
export function labelsIn(text: string): LabelSet {
  const pairs = text.matchAll(
    /(?<![\p{L}\p{N}_.:-])([\p{L}_][\p{L}\p{N}_.:-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,}]*))/gu,
  );
  return Object.fromEntries(
    [...pairs].map(([, name = "", quoted, bare = ""]) => [name, quoted?.replace(/\\(.)/g, "$1") ?? bare]),
  );
}

/** Well-formed: it becomes a part of addresses. */
export function asTyped(labels: LabelSet): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${/^[^\s",}]+$/u.test(value) ? value : JSON.stringify(value)}`)
    .join(" ")
    .toWellFormed();
}

interface RouteRow {
  readonly path: string;
  readonly matchers: string;
  readonly verdict: string;
  readonly mood: "lit" | "matched" | "refused" | "untried";
  readonly below: readonly RouteRow[];
}

function routeRow(visited: VisitedRoute, strings: ConsoleStrings): RouteRow {
  const { node, refusedBy, answers, children, untried } = visited;
  const taken = node.drop ? strings.routeDrops : strings.routeTakes(node.settings.bots);
  const matched = answers ? taken : strings.routeMatches;
  return {
    ...titleOf(node),
    verdict: refusedBy === null ? matched : strings.routeRefuses(matcherText(refusedBy)),
    mood: answers ? "lit" : refusedBy === null ? "matched" : "refused",
    below: [
      ...children.map((child) => routeRow(child, strings)),
      ...untried.map((route) => ({
        ...titleOf(route),
        verdict: strings.routeUntried,
        mood: "untried" as const,
        below: [],
      })),
    ],
  };
}

function titleOf({ path, matchers }: RouteNode) {
  return { path, matchers: matchers.map(matcherText).join(", ") };
}

function resultOf(trials: readonly RoutedTrial[], visited: VisitedRoute, strings: ConsoleStrings) {
  if (trials.length > 0) return { mood: "ok", text: strings.goesTo([...new Set(trials.map(({ bot }) => bot))]) };
  return { mood: "warn", text: isDropped(visited) ? strings.isDropped : strings.isNotSent };
}

function isDropped({ node, answers, children }: VisitedRoute): boolean {
  return (answers && node.drop) || children.some(isDropped);
}

/** The name in the table of people stands before the address that WeCom gets. */
export function nameOf(address: string, people: ReadonlyMap<string, Person>): string {
  const found = [...people].find(([, { userid, mobile }]) => address === userid || address === mobile);
  return found === undefined ? address : `${found[0]} (${address})`;
}
