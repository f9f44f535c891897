// `routes test`: which bots an alert reaches, and by which way through the route tree. Routes nothing and opens nothing.

import type { Alert, LabelSet } from "../domain/alert.ts";
import { normalize } from "../normalize/normalize.ts";
import { parseBody } from "../normalize/parse-body.ts";
import { explainRoutes, type RouteNode } from "../route/tree.ts";
import type { Command, Terminal } from "./command.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { readPayload } from "./payload.ts";
import { answersText, labelsText, visitedText } from "./route-text.ts";
import { loadSetup } from "./setup.ts";
import { configFlags } from "./shared-flags.ts";

const usageText =
  "give labels or a body: alertmanager-wecom routes test severity=critical team=db, or routes test --payload=FILE";

interface Tested {
  readonly labels: LabelSet;
  readonly status: Alert["status"];
}

export const routesCommand: Command = {
  name: "routes",
  operands: "test [LABEL=VALUE...]",
  help: "shows which bots an alert with these labels reaches, and by which routes",
  flags: {
    "config.file": configFlags["config.file"],
    payload: { kind: "text", help: "a webhook body instead of labels: a file, or - for stdin" },
  },
  async run(flags, terminal) {
    const [verb, ...pairs] = flags.rest;
    const payload = flags.text.get("payload");
    if (verb !== "test" || (payload !== undefined && pairs.length > 0)) return usage(terminal, usageText);
    const loaded = loadSetup(flags.text.get("config.file") ?? null, terminal.env);
    if (loaded.kind === "invalid") {
      for (const issue of loaded.issues) terminal.err(issue);
      return exitCode.failed;
    }
    const { route } = loaded.setup.config;
    if (payload !== undefined) return testPayload(payload, route, terminal);
    const labels = readLabels(pairs);
    if (labels === null) return usage(terminal, "a label is written name=value");
    show([{ labels, status: "firing" }], route, terminal);
    return exitCode.ok;
  },
};

function usage(terminal: Terminal, message: string): ExitCode {
  terminal.err(message);
  return exitCode.usage;
}

/** Null when one of them has no name or no equals sign. A value may be empty and may hold more of them. */
function readLabels(pairs: readonly string[]): LabelSet | null {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf("=");
    return at < 1 ? null : ([pair.slice(0, at), pair.slice(at + 1)] as const);
  });
  return entries.includes(null) ? null : Object.fromEntries(entries.filter((entry) => entry !== null));
}

function testPayload(path: string, route: RouteNode, terminal: Terminal): ExitCode {
  const payload = readPayload(path);
  if (payload.kind === "unreadable") return failed(terminal, payload.message);
  const parsed = parseBody(payload.bytes);
  if (parsed.kind === "rejected") return failed(terminal, `${path}: ${parsed.message}`);
  const normalized = normalize(parsed.body);
  if (normalized.kind === "rejected") return failed(terminal, `${path}: ${normalized.message}`);
  show(normalized.group.alerts, route, terminal);
  return exitCode.ok;
}

function failed(terminal: Terminal, message: string): ExitCode {
  terminal.err(message);
  return exitCode.failed;
}

function show(alerts: readonly Tested[], route: RouteNode, terminal: Terminal): void {
  const texts = alerts.map(({ labels, status }) => {
    const visited = explainRoutes(route, labels);
    return [`${status} ${labelsText(labels)}`, ...visitedText(visited), ...answersText(visited, status)].join("\n");
  });
  terminal.out(texts.join("\n\n"));
}
