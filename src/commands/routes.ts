import { isDeepStrictEqual } from "node:util";
import { inQuotes } from "../config/in-quotes.ts";
import type { Alert, LabelSet } from "../domain/alert.ts";
import type { IntakeConfig } from "../intake.ts";
import { normalize } from "../normalize/normalize.ts";
import { parseBody } from "../normalize/parse-body.ts";
import { offsetsOf } from "../normalize/read-times.ts";
import { matcherText } from "../route/matcher.ts";
import { explainRoutes, type RouteNode, type RouteSettings, type VisitedRoute } from "../route/tree.ts";
import { type Command, exitCode, exitWith, readPayload } from "./command.ts";
import { configFileFlag } from "./flags.ts";
import { builtInUsed, loadSetup, missingBot } from "./setup.ts";

const usageText =
  "give labels or a body: alertmanager-wecom routes test severity=critical team=db, or routes test --payload=FILE";

export const routesCommand: Command = {
  name: "routes",
  operands: "test [LABEL=VALUE...]",
  help: "shows which bots an alert with these labels goes to, and by which routes",
  flags: {
    "config.file": configFileFlag,
    payload: { help: "a webhook body instead of labels: a file, or - for stdin" },
    expect: {
      help: "exits 1 unless each alert goes to just these bots: names with commas between them; empty for none",
      mayBeEmpty: true,
    },
  },
  async run(flags, terminal) {
    const [verb, ...pairs] = flags.operands;
    const payload = flags.values.get("payload");
    if (verb !== "test" || (payload !== undefined && pairs.length > 0)) {
      return exitWith(exitCode.usage, usageText, terminal);
    }
    const labels = labelsOf(pairs);
    if (typeof labels === "string") return exitWith(exitCode.usage, labels, terminal);
    const configFile = flags.values.get("config.file") ?? null;
    const loaded = loadSetup(configFile, terminal.env);
    if (loaded.kind === "invalid") return exitWith(exitCode.failed, loaded.issues, terminal);
    if (configFile === null) terminal.err(builtInUsed);
    const { config } = loaded.setup;
    const expected = flags.values.get("expect");
    const unknown = botsIn(expected ?? "").flatMap((name) => missingBot(config, name) ?? []);
    if (unknown.length > 0) return exitWith(exitCode.failed, unknown, terminal);
    const alerts = payload === undefined ? [{ labels, status: "firing" as const }] : alertsIn(payload, config);
    if (typeof alerts === "string") return exitWith(exitCode.failed, `${payload}: ${alerts}`, terminal);
    const tested = alerts.map((alert) => ({ alert, visited: explainRoutes(config.route, alert.labels) }));
    terminal.out(tested.map(explanation).join("\n\n"));
    const unexpected = expected === undefined ? [] : tested.flatMap((one) => mismatch(one, expected));
    return unexpected.length === 0 ? exitCode.ok : exitWith(exitCode.failed, unexpected, terminal);
  },
};

interface TestedAlert {
  readonly alert: Pick<Alert, "labels" | "status">;
  readonly visited: VisitedRoute;
}

/** Or what is wrong with one of them. A value may be empty and may contain equals signs. */
function labelsOf(pairs: readonly string[]): LabelSet | string {
  const wrong = pairs.find((pair) => pair.indexOf("=") < 1);
  if (wrong !== undefined) return `${inQuotes(wrong)} is no label; write it as name=value`;
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const),
  );
}

/** Or why the body has none. */
function alertsIn(path: string, { timezone }: IntakeConfig): readonly Alert[] | string {
  const parsed = parseBody(readPayload(path));
  if (parsed.kind === "rejected") return parsed.message;
  const { lossyBody } = parsed;
  const context = { offsetAt: offsetsOf(timezone), receivedAt: Date.now(), lossyBody, alertmanagerOf: () => null };
  const normalized = normalize(parsed.body, context);
  return normalized.kind === "rejected" ? normalized.message : normalized.group.alerts;
}

function mismatch({ alert, visited }: TestedAlert, expected: string): readonly string[] {
  const wanted = namesInOrder(botsIn(expected));
  const delivering = answeringRoutes(visited).filter((route) => withheldBy(route, alert) === null);
  const reached = namesInOrder(delivering.flatMap(({ settings }) => settings.bots));
  return reached === wanted
    ? []
    : [`${labelsText(alert.labels)} goes to ${reached || "no bot"}; expected ${wanted || "no bot"}`];
}

function botsIn(expected: string): readonly string[] {
  return expected.split(",").flatMap((name) => name.trim() || []);
}

function namesInOrder(bots: readonly string[]): string {
  return [...new Set(bots)].sort().join(", ");
}

function explanation({ alert, visited }: TestedAlert): string {
  const head = `${alert.status} ${labelsText(alert.labels)}`;
  return [head, ...visitedLines(visited), ...destinationLines(visited, alert)].join("\n");
}

function labelsText(labels: LabelSet): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(", ")}}`;
}

/** One line for each node; children are indented by two columns. */
function visitedLines(visited: VisitedRoute): readonly string[] {
  const { node, refusedBy, answers, children, untried } = visited;
  const outcome = node.drop ? "matches, drops the alert" : "matches, delivers here";
  const match = answers ? outcome : "matches";
  const verdict = refusedBy === null ? match : `does not match ${matcherText(refusedBy)}`;
  const goesOn = refusedBy === null && node.continue ? "; continue: the next routes are tried too" : "";
  const below = [
    ...children.flatMap(visitedLines),
    ...untried.map((route) => `  ${routeText(route)}: not tried, a route before it took the alert`),
  ];
  return [`  ${routeText(node)}: ${verdict}${goesOn}`, ...below.map((line) => `  ${line}`)];
}

function routeText({ path, matchers }: RouteNode): string {
  return matchers.length === 0 ? path : `${path} {${matchers.map(matcherText).join(", ")}}`;
}

/** One line for each bot. */
function destinationLines(visited: VisitedRoute, alert: TestedAlert["alert"]): readonly string[] {
  return answeringRoutes(visited).flatMap((route) => {
    const withheld = withheldBy(route, alert);
    if (withheld !== null) return [withheld];
    const settings = settingsText(route.settings, visited.node.settings);
    return route.settings.bots.map((bot) => `goes to bot ${bot} by ${route.path}: ${settings}`);
  });
}

/** Why a route that takes an alert does not deliver it; null when it does. */
function withheldBy({ settings, path, drop }: RouteNode, { status }: TestedAlert["alert"]): string | null {
  if (drop) return `dropped by ${path}: drop is true`;
  return status === "firing" || settings.sendResolved ? null : `not delivered by ${path}: send_resolved is false`;
}

function answeringRoutes({ node, answers, children }: VisitedRoute): readonly RouteNode[] {
  return answers ? [node] : children.flatMap(answeringRoutes);
}

/** Of language, time zone and display only what differs from the root. */
function settingsText(settings: RouteSettings, root: RouteSettings): string {
  const { messages, template, urgent, sendResolved, mention, group, waitMs, language, timezone } = settings;
  const mentioned = [...mention.users, ...mention.mobiles, ...(mention.all ? ["@all"] : [])];
  const repeats = mention.repeats ? ", reminders too" : "";
  return [
    messages.join(", "),
    `template ${template}`,
    ...(urgent ? ["urgent"] : []),
    sendResolved ? "resolved alerts too" : "no resolved alerts",
    ...(group === "per_alert" ? ["each alert in a delivery of its own"] : []),
    ...(group === "merge" ? [`merged for ${waitMs / 1_000} s`] : []),
    ...(language === root.language ? [] : [`language ${language}`]),
    ...(timezone === root.timezone ? [] : [`times in ${timezone}`]),
    ...(isDeepStrictEqual(settings.display, root.display) ? [] : ["a display of its own"]),
    ...(mentioned.length === 0 ? [] : [`mentions ${mentioned.join(" ")} on ${mention.on.join(", ")}${repeats}`]),
  ].join(", ");
}
