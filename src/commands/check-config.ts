import { configSchemaText } from "../config/schema.ts";
import { loadSamples } from "../console/samples.ts";
import { isOwnTemplate } from "../render/load-templates.ts";
import { settingsAt } from "../render/settings.ts";
import { routesWithin } from "../route/tree.ts";
import { type Command, exitCode, exitWith } from "./command.ts";
import { configFileFlag, webConfigFlag } from "./flags.ts";
import { onCallText } from "./on-call.ts";
import { shownLinks } from "./render.ts";
import { renderSamples } from "./sample-render.ts";
import { loadSetup, type Setup } from "./setup.ts";
import { loadWebSetup, openWebhooks } from "./web-setup.ts";

/** A template can compile and still fail with an alert, so every template is tried with the samples. */
export const checkConfigCommand: Command = {
  name: "check-config",
  operands: "[FILE]",
  help: "checks a config file and its templates; lists all issues with line and column",
  flags: {
    "config.file": configFileFlag,
    "web.config.file": webConfigFlag,
    verbose: { help: "prints the bytes of the built-in templates' messages too", isSwitch: true },
  },
  async run(flags, terminal) {
    const webFile = flags.values.get("web.config.file") ?? null;
    const file = flags.values.get("config.file") ?? flags.operands[0];
    if (file === undefined || flags.operands.length > 1) {
      return exitWith(exitCode.usage, "name one config file: alertmanager-wecom check-config FILE", terminal);
    }
    const web = loadWebSetup(webFile);
    const loaded = loadSetup(file, terminal.env);
    if (loaded.kind === "invalid" || web.kind === "invalid") {
      const inWeb = web.kind === "invalid" ? withCount(webFile ?? "", web.issues) : [];
      const inConfig = loaded.kind === "invalid" ? withCount(file, loaded.issues) : [];
      return exitWith(exitCode.failed, [...inWeb, ...inConfig], terminal);
    }
    const { report, issues, warnings } = tryTemplates(loaded.setup, flags.values.has("verbose"));
    const open = openWebhooks(loaded.setup.config.auth, web.web);
    const all = [
      ...web.warnings,
      ...loaded.setup.warnings,
      ...warnings,
      ...(open === null ? [] : [`${file}: ${open}`]),
    ];
    for (const warning of all) terminal.err(`warning: ${warning}`);
    if (issues.length > 0) return exitWith(exitCode.failed, withCount(file, issues), terminal);
    for (const line of report) terminal.out(line);
    for (const [name, rotation] of loaded.setup.config.rotations) terminal.out(onCallText(name, rotation, Date.now()));
    if (webFile !== null) terminal.out(`${webFile}: OK`);
    terminal.out(`${file}: ${summaryOf(loaded.setup)}`);
    return exitCode.ok;
  },
};

function tryTemplates({ config, templates, voiceClip }: Setup, verbose: boolean) {
  const settings = settingsAt(Date.now(), { ...config, actionLinks: shownLinks(config), voiceClip });
  return renderSamples({ samples: loadSamples(), templates, route: config.route, settings, verbose });
}

function withCount(file: string, issues: readonly string[]): readonly string[] {
  return [...issues, `${file}: ${counted(issues.length, "issue")}`];
}

/** The root counts as a route too. */
function summaryOf({ config, templates }: Setup): string {
  const own = templates.sources.filter(isOwnTemplate).length;
  const parts = [counted(config.bots.size, "bot"), counted(routesWithin(config.route).length, "route")];
  return `OK: ${[...parts, ...(own === 0 ? [] : [counted(own, "own template")])].join(", ")}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export const schemaCommand: Command = {
  name: "schema",
  operands: "",
  help: "prints the JSON Schema of the config file",
  flags: {},
  async run(flags, terminal) {
    if (flags.operands.length > 0) {
      const message = "schema takes no arguments: alertmanager-wecom schema > config.schema.json";
      return exitWith(exitCode.usage, message, terminal);
    }
    terminal.out(configSchemaText().trimEnd());
    return exitCode.ok;
  },
};
