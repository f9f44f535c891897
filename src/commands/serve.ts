// Starts the service and stays until a signal ends it. Everything that can be wrong with the config is reported before the
// address is opened.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Service, type ServiceOptions, startService } from "../app.ts";
import { KnownSecrets } from "../config/known-secrets.ts";
import type { Watched } from "../config/reload.ts";
import { systemClock } from "../observe/clock.ts";
import { createLog, type Log, type LogFormat, type LogLevel, logFormats, logLevels } from "../observe/log.ts";
import { type Command, type ExitCode, exitCode, exitWith, packageVersion } from "./command.ts";
import {
  type CommandFlags,
  configFileFlag,
  type FlagSpecs,
  isLoopback,
  type ListenAddress,
  listenAddressFlag,
  parseListenAddress,
  webConfigFlag,
} from "./flags.ts";
import {
  collectAfterStart,
  processDescriptors,
  processMemoryBytes,
  type StopSignal,
  startFailure,
  untilSignal,
} from "./long-running.ts";
import { type LoadedSetup, loadSetup, type Setup } from "./setup.ts";
import { loadWebSetup, openWebhooks, type WebSetup } from "./web-setup.ts";

export const logFlags = {
  "log.level": { help: "debug, info, warn or error", fallback: "info", choices: logLevels },
  "log.format": { help: "logfmt or json", fallback: "logfmt", choices: logFormats },
} as const satisfies FlagSpecs;

export const serveCommand: Command = {
  name: "serve",
  operands: "",
  help: "accepts webhooks and delivers their alerts (the default command)",
  flags: {
    "config.file": configFileFlag,
    "web.listen-address": listenAddressFlag,
    "web.config.file": webConfigFlag,
    "log.level": logFlags["log.level"],
    "log.format": logFlags["log.format"],
  },
  async run(flags, terminal) {
    const listen = parseListenAddress(flags);
    if (listen.kind === "usage") return exitWith(exitCode.usage, listen.message, terminal);
    if (flags.operands.length > 0) {
      return exitWith(exitCode.usage, "serve takes flags only; --help lists them", terminal);
    }
    const load = () => loadSetup(flags.values.get("config.file") ?? null, terminal.env);
    const loaded = load();
    const web = loadWebSetup(flags.values.get("web.config.file") ?? null);
    if (loaded.kind === "invalid" || web.kind === "invalid") {
      const issues = [loaded, web].flatMap((one) => (one.kind === "invalid" ? one.issues : []));
      return exitWith(exitCode.failed, issues, terminal);
    }
    const { setup, watched } = loaded;
    if (setup.keyless) return exitWith(exitCode.failed, waysToStart(terminal.env.WECOM_BOT_KEY), terminal);
    const onServing = collectAfterStart;
    return runService({ flags, setup, watched, load, web, address: listen.address, demo: false, onServing });
  },
};

function waysToStart(key: string | undefined): string {
  return [
    `WECOM_BOT_KEY is ${key === undefined ? "not set" : "empty"} and there is no --config.file: no group to deliver to. Do one of these:`,
    "",
    "  WECOM_BOT_KEY=… alertmanager-wecom            one group: the key of its robot, or the robot's webhook URL",
    "  alertmanager-wecom --config.file=config.yaml  any number of groups; config.example.yaml shows all settings",
    "  alertmanager-wecom demo                       no robot: messages go to a simulated group on this machine",
    "",
    "In a checkout these are npm start, npm start -- --config.file=config.yaml and npm run demo.",
  ].join("\n");
}

export interface ServiceRun {
  /** With those of `logFlags`. */
  readonly flags: CommandFlags;
  readonly setup: Setup;
  readonly watched: Watched;
  /** For a reload: reads everything again. */
  readonly load: () => LoadedSetup;
  readonly web: WebSetup;
  readonly address: ListenAddress;
  /** True when messages go to a simulator. */
  readonly demo: boolean;
  /** Resolves when the service has to stop; without it the service waits for signals. */
  readonly signal?: Promise<StopSignal>;
  /** Called once, when webhooks are accepted on that port. */
  readonly onServing?: (port: number) => void;
}

/** Runs the service until a signal ends it; returns early when it cannot start. */
export async function runService(run: ServiceRun): Promise<ExitCode> {
  const secrets = new KnownSecrets();
  secrets.add([run.setup.config, run.web.web]);
  const log = logOf(run.flags, secrets);
  exitOnBug(log);
  const open = isLoopback(run.address) ? null : openWebhooks(run.setup.config.auth, run.web.web);
  logWarnings([...run.setup.warnings, ...run.web.warnings, ...(open === null ? [] : [open])], log);
  const load = () => {
    const loaded = run.load();
    if (loaded.kind === "invalid") return loaded;
    secrets.add(loaded.setup.config);
    logWarnings(loaded.setup.warnings, log);
    return loaded;
  };
  // Registered before the start: without a listener SIGHUP would end the process.
  let service: Service | null = null;
  process.on("SIGHUP", () => void service?.reload("signal"));
  // Before the log says "serving": a signal may come right after that line.
  const stopped = run.signal ?? untilSignal(() => service !== null);
  // Without a listener Node would open its inspector, through which any program of this machine may run code.
  process.on("SIGUSR1", () => {});
  try {
    service = await startService(serviceOptions({ ...run, load }, log));
  } catch (err) {
    log.error(startFailure(err, run.address), "the service could not start");
    return exitCode.failed;
  }
  run.onServing?.(service.port);
  const signal = await stopped;
  // Ctrl-C comes from a person at a terminal: no load balancer has to notice that the service stops.
  await service.stop({ drainMs: signal === "SIGINT" ? 0 : service.config().shutdownDelayMs });
  return exitCode.ok;
}

function serviceOptions({ setup, watched, load, web, address, demo }: ServiceRun, log: Log): ServiceOptions {
  return {
    setup,
    load,
    watched,
    version: packageVersion(),
    demo,
    listen: { host: address.host ?? "", port: address.port },
    web: web.web,
    readTls: web.readTls,
    clock: systemClock(),
    random: Math.random,
    memoryBytes: processMemoryBytes(),
    descriptors: processDescriptors(),
    owner: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    log,
  };
}

/** The log that --log.level and --log.format ask for. */
function logOf({ values }: CommandFlags, secrets: KnownSecrets): Log {
  const level: LogLevel = logLevels.find((known) => known === values.get("log.level")) ?? "info";
  const format: LogFormat = logFormats.find((known) => known === values.get("log.format")) ?? "logfmt";
  return createLog({ level, format, hide: (text) => secrets.hideIn(text) });
}

/** After an error that was not caught the state of the process is unknown, so it exits; accepted alerts are on disk. */
function exitOnBug(log: Log): void {
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (err) => {
      log.error({ err }, "exiting because of a bug; accepted alerts are on disk");
      process.exit(1);
    });
  }
}

function logWarnings(warnings: readonly string[], log: Log): void {
  for (const warning of warnings) log.warn({ warning }, "config warning");
}
