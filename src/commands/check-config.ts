// Says whether a config and its templates would start: every fault with its place, or OK.

import type { Command } from "./command.ts";
import { exitCode } from "./exit-code.ts";
import { loadSetup } from "./setup.ts";
import { configFlags } from "./shared-flags.ts";

export const checkConfigCommand: Command = {
  name: "check-config",
  operands: "[FILE]",
  help: "checks a config file and its templates; lists all faults with line and column",
  flags: { "config.file": configFlags["config.file"] },
  async run(flags, terminal) {
    const file = flags.text.get("config.file") ?? flags.rest[0];
    if (file === undefined || flags.rest.length > 1) {
      terminal.err("name one config file: alertmanager-wecom check-config FILE");
      return exitCode.usage;
    }
    const loaded = loadSetup(file, terminal.env);
    if (loaded.kind === "faulty") {
      for (const fault of loaded.faults) terminal.err(fault);
      terminal.err(`${file}: ${loaded.faults.length} fault${loaded.faults.length === 1 ? "" : "s"}`);
      return exitCode.failed;
    }
    for (const warning of loaded.setup.warnings) terminal.err(`warning: ${warning}`);
    terminal.out(`${file}: OK, ${loaded.setup.config.bots.size} bot(s)`);
    return exitCode.ok;
  },
};
