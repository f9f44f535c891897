// Checks whether a service would start with a config and its templates: every issue with its place, or OK. Every template is also
// tried with the samples, and the bytes of its messages are printed: a template can compile and still fail with an alert.

import { settingsAt } from "../render/settings.ts";
import type { RouteNode } from "../route/tree.ts";
import type { Command, Terminal } from "./command.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { renderSamples } from "./sample-render.ts";
import { loadSamples } from "./samples.ts";
import { loadSetup, type Setup } from "./setup.ts";
import { configFlags, webFlags } from "./shared-flags.ts";
import { loadWebSetup } from "./web-setup.ts";

export const checkConfigCommand: Command = {
  name: "check-config",
  operands: "[FILE]",
  help: "checks a config file and its templates; lists all issues with line and column",
  flags: { "config.file": configFlags["config.file"], ...webFlags },
  async run(flags, terminal) {
    const webFile = flags.text.get("web.config.file") ?? null;
    const web = loadWebSetup(webFile);
    const file = flags.text.get("config.file") ?? flags.rest[0];
    if (file === undefined || flags.rest.length > 1) {
      terminal.err("name one config file: alertmanager-wecom check-config FILE");
      return exitCode.usage;
    }
    const loaded = loadSetup(file, terminal.env);
    if (loaded.kind === "invalid" || web.kind === "invalid") {
      const issues = [web, loaded].flatMap((one) => (one.kind === "invalid" ? one.issues : []));
      return invalid(loaded.kind === "invalid" ? file : (webFile ?? ""), issues, terminal);
    }
    for (const warning of [...web.warnings, ...loaded.setup.warnings]) terminal.err(`warning: ${warning}`);
    const { report, issues } = tryTemplates(loaded.setup);
    if (issues.length > 0) return invalid(file, issues, terminal);
    for (const line of report) terminal.out(line);
    if (webFile !== null) terminal.out(`${webFile}: OK`);
    terminal.out(`${file}: ${summaryOf(loaded.setup)}`);
    return exitCode.ok;
  },
};

function summaryOf({ config }: Setup): string {
  return `OK: ${counted(config.bots.size, "bot")}, ${counted(routeCount(config.route), "route")}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The root counts too. */
function routeCount({ routes }: RouteNode): number {
  return routes.reduce((sum, route) => sum + routeCount(route), 1);
}

function invalid(file: string, issues: readonly string[], terminal: Terminal): ExitCode {
  for (const issue of issues) terminal.err(issue);
  terminal.err(`${file}: ${counted(issues.length, "issue")}`);
  return exitCode.failed;
}

function tryTemplates({ config, templates, voiceClip }: Setup) {
  const { route } = config;
  const settings = settingsAt(Date.now(), { ...config, voiceClip });
  return renderSamples({ samples: loadSamples(), templates, route, settings });
}
