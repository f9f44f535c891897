// Chooses the command. Without one, flags alone mean `serve`, as a Prometheus program is started.

import { maskSecrets } from "../observe/mask.ts";
import type { Command, Terminal } from "./command.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { describeFlags, parseFlags } from "./flags.ts";
import { versionBlock } from "./version.ts";

/** Each is loaded when it is asked for: a service that runs for months need not hold what only the others use. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./serve.ts")).serveCommand,
  demo: async () => (await import("./demo.ts")).demoCommand,
  "check-config": async () => (await import("./check-config.ts")).checkConfigCommand,
  routes: async () => (await import("./routes.ts")).routesCommand,
  render: async () => (await import("./render.ts")).renderCommand,
  "send-test": async () => (await import("./send-test.ts")).sendTestCommand,
  dead: async () => (await import("./dead.ts")).deadCommand,
  simulator: async () => (await import("./simulator.ts")).simulatorCommand,
  healthcheck: async () => (await import("./healthcheck.ts")).healthcheckCommand,
  "hash-password": async () => (await import("./hash-password.ts")).hashPasswordCommand,
  schema: async () => (await import("./schema.ts")).schemaCommand,
};

export function allCommands(): Promise<readonly Command[]> {
  return Promise.all(Object.values(loaders).map((load) => load()));
}

const ownTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  env: process.env,
};

export async function runCommand(args: readonly string[], terminal: Terminal = ownTerminal): Promise<ExitCode> {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith("-")) {
    if (first === "--version") return print(terminal, versionBlock());
    if (first === "--help" || first === "-h") return print(terminal, await overview());
    return runNamed("serve", args, terminal);
  }
  if (first === "help") return print(terminal, await overview());
  return runNamed(first, rest, terminal);
}

async function runNamed(name: string, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (load !== undefined) return run(await load(), args, terminal);
  terminal.err(`${maskSecrets(`unknown command "${name}"`)}\n\n${await overview()}`);
  return exitCode.usage;
}

async function run(command: Command, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  if (args.includes("--help") || args.includes("-h")) return print(terminal, usage(command));
  const flags = parseFlags(args, command.flags);
  if (flags.kind === "usage") {
    terminal.err(`${maskSecrets(flags.message)}\n\n${usage(command)}`);
    return exitCode.usage;
  }
  const masking = masked(terminal);
  try {
    return await command.run(flags, masking);
  } catch (cause) {
    masking.err(cause instanceof Error ? cause.message : String(cause));
    return exitCode.failed;
  }
}

/** What a command says of its arguments repeats them, and a key may be among them. */
function masked(terminal: Terminal): Terminal {
  return { ...terminal, err: (text) => terminal.err(maskSecrets(text)) };
}

function print(terminal: Terminal, text: string): ExitCode {
  terminal.out(text);
  return exitCode.ok;
}

function usage(command: Command): string {
  const operands = command.operands === "" ? "" : ` ${command.operands}`;
  return `${command.help}\n\nUsage: alertmanager-wecom ${command.name} [flags]${operands}\n\n${describeFlags(command.flags)}`;
}

async function overview(): Promise<string> {
  const commands = await allCommands();
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
