// Says whether a config and its templates would start: every fault with its place, or OK. Every template is also tried with the
// samples, and the bytes of its messages are told: a template can compile and still fail with an alert.

import { settingsAt } from "../render/settings.ts";
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
  help: "checks a config file and its templates; lists all faults with line and column",
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
    if (loaded.kind === "faulty" || web.kind === "faulty") {
      const faults = [web, loaded].flatMap((one) => (one.kind === "faulty" ? one.faults : []));
      return faulty(loaded.kind === "faulty" ? file : (webFile ?? ""), faults, terminal);
    }
    for (const warning of [...web.warnings, ...loaded.setup.warnings]) terminal.err(`warning: ${warning}`);
    const { report, faults } = tryTemplates(loaded.setup);
    if (faults.length > 0) return faulty(file, faults, terminal);
    for (const line of report) terminal.out(line);
    if (webFile !== null) terminal.out(`${webFile}: OK`);
    terminal.out(`${file}: OK, ${loaded.setup.config.bots.size} bot(s)`);
    return exitCode.ok;
  },
};

function faulty(file: string, faults: readonly string[], terminal: Terminal): ExitCode {
  for (const fault of faults) terminal.err(fault);
  terminal.err(`${file}: ${faults.length} fault${faults.length === 1 ? "" : "s"}`);
  return exitCode.failed;
}

function tryTemplates({ config, templates, voiceClip }: Setup) {
  const { route } = config;
  const settings = settingsAt(Date.now(), { ...config, voiceClip });
  return renderSamples({ samples: loadSamples(), templates, route, settings });
}
