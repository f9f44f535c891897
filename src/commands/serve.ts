// Starts the service and stays until a signal ends it. Everything that can be wrong with the config is said before the
// address is opened.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Service, startService } from "../app.ts";
import { withSimulator } from "../config/load.ts";
import type { Watched } from "../config/reload.ts";
import { Secret } from "../config/secret.ts";
import { systemClock } from "../observe/clock.ts";
import { createLog, type Log, type LogFormat, type LogLevel, logFormats, logLevels } from "../observe/log.ts";
import type { ServiceSetup } from "../runtime.ts";
import type { Simulator } from "../simulator/server.ts";
import type { Command, Flags, Terminal } from "./command.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { type ListenAddress, localOrigin, parseListenAddress } from "./listen-address.ts";
import { processMemoryBytes } from "./process-memory.ts";
import { loadSetup, type Setup } from "./setup.ts";
import { configFlags, logFlags, webFlags } from "./shared-flags.ts";
import { startFailure } from "./start-failure.ts";
import { unknownWord } from "./unknown-word.ts";
import { untilSignal } from "./until-signal.ts";
import { version } from "./version.ts";
import { loadWebSetup, type WebSetup } from "./web-setup.ts";

/** Where the page of the built-in simulator is found when nothing else uses the port; any free port otherwise. */
const simulatorPort = 8061;

export const serveCommand: Command = {
  name: "serve",
  operands: "",
  help: "takes webhooks and delivers their alerts (the default command)",
  flags: { ...configFlags, ...webFlags, ...logFlags },
  async run(flags, terminal) {
    const address = parseListenAddress(flags.text.get("web.listen-address") ?? ":8060");
    const logging = logOptions(flags);
    if (address.kind === "faulty" || "fault" in logging || flags.rest.length > 0) {
      const fault = "fault" in logging ? logging.fault : "serve takes flags only; --help lists them";
      terminal.err(address.kind === "faulty" ? address.message : fault);
      return exitCode.usage;
    }
    const configFile = flags.text.get("config.file") ?? null;
    const loaded = loadSetup(configFile, terminal.env);
    const web = loadWebSetup(flags.text.get("web.config.file") ?? null);
    if (loaded.kind === "invalid" || web.kind === "invalid") {
      for (const one of [loaded, web]) if (one.kind === "invalid") for (const issue of one.issues) terminal.err(issue);
      return exitCode.failed;
    }
    const log = createLog(logging);
    warnOf([...loaded.setup.warnings, ...web.warnings], log);
    const { setup, watched } = loaded;
    return serve({ configFile, setup, watched, web, address: address.address, log }, terminal);
  },
};

interface Serving {
  readonly configFile: string | null;
  readonly setup: Setup;
  readonly watched: Watched;
  readonly web: WebSetup;
  readonly address: ListenAddress;
  readonly log: Log;
}

async function serve(
  { configFile, setup, watched, web, address, log }: Serving,
  terminal: Terminal,
): Promise<ExitCode> {
  endOnBug(log);
  const simulated = setup.simulated ? await attachSimulator() : null;
  // From the first moment on: a signal nobody listens to would end the process.
  let running: Service | null = null;
  process.on("SIGHUP", () => void running?.reload("signal"));
  let service: Service;
  try {
    service = await startService({
      setup: serviceSetup(setup, simulated),
      load: () => {
        const loaded = loadSetup(configFile, terminal.env);
        if (loaded.kind === "invalid") return loaded;
        warnOf(loaded.setup.warnings, log);
        return { ...loaded, setup: serviceSetup(loaded.setup, simulated) };
      },
      watched,
      version: version(),
      demo: simulated !== null,
      listen: { host: address.host ?? "", port: address.port },
      web: web.web,
      readTls: web.readTls,
      clock: systemClock(),
      random: Math.random,
      memoryBytes: processMemoryBytes(),
      owner: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
      log,
    });
  } catch (err) {
    log.error(startFailure(err, address), "the service could not start");
    await simulated?.simulator.close();
    return exitCode.failed;
  }
  if (simulated !== null) terminal.out(firstSteps(simulated.simulator, { ...address, port: service.port }));
  running = service;
  const signal = await untilSignal();
  // Ctrl-C is someone at the keyboard: nobody has to notice that we are going.
  await service.stop({ drainMs: signal === "SIGINT" ? 0 : service.config().shutdownDelayMs });
  await simulated?.simulator.close();
  return exitCode.ok;
}

function logOptions({
  text,
}: Flags): { readonly level: LogLevel; readonly format: LogFormat } | { readonly fault: string } {
  const [level, format] = [text.get("log.level") ?? "info", text.get("log.format") ?? "logfmt"];
  const known = { level: logLevels.find((one) => one === level), format: logFormats.find((one) => one === format) };
  if (known.level === undefined) return { fault: unknownWord(level, "log level", logLevels) };
  if (known.format === undefined) return { fault: unknownWord(format, "log format", logFormats) };
  return { level: known.level, format: known.format };
}

/** A fault nobody caught leaves the process in a state nobody knows: it ends, and what was accepted is on disk. */
function endOnBug(log: Log): void {
  for (const fault of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(fault, (err) => {
      log.error({ err }, "a bug: the process ends, and accepted alerts wait on disk");
      process.exit(1);
    });
  }
}

interface Simulated {
  readonly simulator: Simulator;
  readonly key: Secret;
}

async function attachSimulator(): Promise<Simulated> {
  const { startSimulator } = await import("../simulator/server.ts");
  const key = randomUUID();
  const robots = [{ name: "default", key }];
  const simulator = await startSimulator({ robots, port: simulatorPort }).catch(() => startSimulator({ robots }));
  return { simulator, key: new Secret(key) };
}

function serviceSetup({ config, templates, voiceClip, ca, hash }: Setup, simulated: Simulated | null): ServiceSetup {
  const robots = simulated === null ? null : { origin: simulated.simulator.origin, key: simulated.key };
  return {
    config: robots === null ? config : withSimulator(config, robots),
    templates,
    voiceClip,
    ca,
    configHash: hash,
  };
}

function warnOf(warnings: readonly string[], log: Log): void {
  for (const place of warnings) log.warn({ place }, "config warning");
}

function firstSteps(simulator: Simulator, address: ListenAddress): string {
  const sample = {
    alerts: [
      {
        status: "firing",
        labels: { alertname: "磁盘将满", severity: "critical", instance: "node-1:9100" },
        annotations: { summary: "/data 只剩 5%，预计 2 小时后写满" },
      },
    ],
  };
  return [
    "",
    "No config file and no WECOM_BOT_KEY: messages go to a simulated robot on this machine.",
    "",
    `  1. open the group chat:   ${simulator.pageUrl}`,
    "  2. send a sample alert:",
    "",
    `curl -sS ${localOrigin(address)}/webhook -d '${JSON.stringify(sample)}'`,
    "",
    "  3. with a real robot:     WECOM_BOT_KEY=… alertmanager-wecom, or --config.file (see config.example.yaml)",
    "",
  ].join("\n");
}
