// Chooses the command. Without a command, flags mean `serve`, as in Prometheus programs.

import { didYouMean } from "../config/in-quotes.ts";
import { maskSecrets } from "../observe/mask.ts";
import { type Command, type ExitCode, exitCode, exitWith, packageVersion, type Terminal } from "./command.ts";
import { describeFlags, parseFlags } from "./flags.ts";

/** Each is loaded when it is used, so that a service does not hold in memory what only other commands need. */
const loaders: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./serve.ts")).serveCommand,
  demo: async () => (await import("./demo.ts")).demoCommand,
  "check-config": async () => (await import("./check-config.ts")).checkConfigCommand,
  routes: async () => (await import("./routes.ts")).routesCommand,
  oncall: async () => (await import("./on-call.ts")).onCallCommand,
  render: async () => (await import("./render.ts")).renderCommand,
  "send-test": async () => (await import("./send-test.ts")).sendTestCommand,
  history: async () => (await import("./history.ts")).historyCommand,
  dead: async () => (await import("./dead.ts")).deadCommand,
  simulator: async () => (await import("./simulator.ts")).simulatorCommand,
  healthcheck: async () => (await import("./healthcheck.ts")).healthcheckCommand,
  "hash-password": async () => (await import("./hash-password.ts")).hashPasswordCommand,
  schema: async () => (await import("./check-config.ts")).schemaCommand,
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
    if (first === "--version") return printResult(versionText(), terminal);
    if (first === "--help" || first === "-h") return printResult(await overview(), terminal);
    return runNamed("serve", args, terminal);
  }
  if (first === "help") return printResult(await overview(), terminal);
  if (first === "version") return printResult(versionText(), terminal);
  return runNamed(first, rest, terminal);
}

async function runNamed(name: string, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (load !== undefined) return runLoaded(await load(), args, terminal);
  const hint = didYouMean(name, [...Object.keys(loaders), "help", "version"]);
  return exitWith(
    exitCode.usage,
    maskSecrets(`unknown command "${name}"${hint}\nalertmanager-wecom --help lists the commands`),
    terminal,
  );
}

async function runLoaded(command: Command, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  if (args.includes("--help") || args.includes("-h")) return printResult(usageOf(command), terminal);
  const flags = parseFlags(args, command.flags);
  const masking = maskingTerminal(terminal);
  if (flags.kind === "usage") {
    return exitWith(
      exitCode.usage,
      [flags.message, `alertmanager-wecom ${command.name} --help lists the flags`],
      masking,
    );
  }
  try {
    return await command.run(flags, masking);
  } catch (cause) {
    masking.err(cause instanceof Error ? cause.message : String(cause));
    return exitCode.failed;
  }
}

/** A diagnostic repeats arguments, and an argument may be a key. */
function maskingTerminal(terminal: Terminal): Terminal {
  return { out: terminal.out, err: (text) => terminal.err(maskSecrets(text)), env: terminal.env };
}

function printResult(text: string, terminal: Terminal): ExitCode {
  terminal.out(text);
  return exitCode.ok;
}

function versionText(): string {
  return `alertmanager-wecom, version ${packageVersion()}\n  node version: ${process.version}\n  platform: ${process.platform}/${process.arch}`;
}

function usageOf(command: Command): string {
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
