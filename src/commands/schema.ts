// Prints the JSON Schema of the config file, for editors and for checks elsewhere.

import { configSchemaText } from "../config/schema.ts";
import type { Command } from "./command.ts";
import { exitCode } from "./exit-code.ts";

export const schemaCommand: Command = {
  name: "schema",
  operands: "",
  help: "prints the JSON Schema of the config file",
  flags: {},
  async run(flags, terminal) {
    if (flags.rest.length > 0) {
      terminal.err("schema takes no operands: alertmanager-wecom schema > config.schema.json");
      return exitCode.usage;
    }
    terminal.out(configSchemaText().trimEnd());
    return exitCode.ok;
  },
};
