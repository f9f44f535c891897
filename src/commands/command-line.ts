// Chooses the command. Without one, flags alone mean `serve`, as a Prometheus program is started.

import { checkConfigCommand } from "./check-config.ts";
import type { Command, Terminal } from "./command.ts";
import { deadCommand } from "./dead.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { describeFlags, parseFlags } from "./flags.ts";
import { hashPasswordCommand } from "./hash-password.ts";
import { healthcheckCommand } from "./healthcheck.ts";
import { renderCommand } from "./render.ts";
import { routesCommand } from "./routes.ts";
import { schemaCommand } from "./schema.ts";
import { sendTestCommand } from "./send-test.ts";
import { serveCommand } from "./serve.ts";
import { simulatorCommand } from "./simulator.ts";
import { versionBlock } from "./version.ts";

export const commands: readonly Command[] = [
  serveCommand,
  checkConfigCommand,
  routesCommand,
  renderCommand,
  sendTestCommand,
  deadCommand,
  simulatorCommand,
  healthcheckCommand,
  hashPasswordCommand,
  schemaCommand,
];

const ownTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  env: process.env,
};

export async function runCommand(args: readonly string[], terminal: Terminal = ownTerminal): Promise<ExitCode> {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith("-")) {
    if (first === "--version") return print(terminal, versionBlock());
    if (first === "--help" || first === "-h") return print(terminal, overview());
    return run(serveCommand, args, terminal);
  }
  if (first === "help") return print(terminal, overview());
  const command = commands.find((candidate) => candidate.name === first);
  if (command === undefined) {
    terminal.err(`unknown command "${first}"\n\n${overview()}`);
    return exitCode.usage;
  }
  return run(command, rest, terminal);
}

async function run(command: Command, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  if (args.includes("--help") || args.includes("-h")) return print(terminal, usage(command));
  const flags = parseFlags(args, command.flags);
  if (flags.kind === "usage") {
    terminal.err(`${flags.message}\n\n${usage(command)}`);
    return exitCode.usage;
  }
  return command.run(flags, terminal);
}

function print(terminal: Terminal, text: string): ExitCode {
  terminal.out(text);
  return exitCode.ok;
}

function usage(command: Command): string {
  const operands = command.operands === "" ? "" : ` ${command.operands}`;
  return `${command.help}\n\nUsage: alertmanager-wecom ${command.name} [flags]${operands}\n\n${describeFlags(command.flags)}`;
}

function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const rows = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.help}`);
  return [
    "Delivers Prometheus Alertmanager and Grafana alerts to WeCom (企业微信) group robots.",
    "",
    "Usage: alertmanager-wecom [command] [flags]",
    "",
    ...rows,
    "",
    "alertmanager-wecom COMMAND --help lists the flags of a command; --version prints the version.",
  ].join("\n");
}
