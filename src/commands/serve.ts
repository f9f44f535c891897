// Starts the service and stays until a signal ends it. Everything that can be wrong with the config is said before the
// address is opened.

import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type Service, startService } from "../app.ts";
import { withSimulator } from "../config/defaults.ts";
import { Secret } from "../config/secret.ts";
import { systemClock } from "../observe/clock.ts";
import { createLog, type Log, type LogFormat, type LogLevel, logFormats, logLevels } from "../observe/log.ts";
import type { Simulator } from "../simulator/server.ts";
import type { Command, Flags, Terminal } from "./command.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { type ListenAddress, localOrigin, parseListenAddress } from "./listen-address.ts";
import { loadSetup, type Setup } from "./setup.ts";
import { configFlags, logFlags, webFlags } from "./shared-flags.ts";
import { startFault } from "./start-fault.ts";
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
    if (address.kind === "faulty" || logging === null || flags.rest.length > 0) {
      terminal.err(address.kind === "faulty" ? address.message : "serve takes flags only; --help lists them");
      return exitCode.usage;
    }
    const loaded = loadSetup(flags.text.get("config.file") ?? null, terminal.env);
    const web = loadWebSetup(flags.text.get("web.config.file") ?? null);
    if (loaded.kind === "faulty" || web.kind === "faulty") {
      for (const one of [loaded, web]) if (one.kind === "faulty") for (const fault of one.faults) terminal.err(fault);
      return exitCode.failed;
    }
    const log = createLog(logging);
    for (const warning of [...loaded.setup.warnings, ...web.warnings])
      log.warn({ place: warning }, "the config may not do what was meant");
    return serve({ setup: loaded.setup, web, address: address.address, log }, terminal);
  },
};

interface Serving {
  readonly setup: Setup;
  readonly web: Extract<WebSetup, { readonly kind: "web" }>;
  readonly address: ListenAddress;
  readonly log: Log;
}

async function serve({ setup, web, address, log }: Serving, terminal: Terminal): Promise<ExitCode> {
  endOnBug(log);
  const simulated = setup.simulated ? await attachSimulator(setup) : null;
  const config = simulated?.setup.config ?? setup.config;
  let service: Service;
  try {
    service = await startService({
      config,
      templates: setup.templates,
      siren: setup.siren,
      ca: setup.ca,
      configHash: setup.hash,
      version: version(),
      listen: { host: address.host ?? "", port: address.port },
      web: web.web,
      readTls: web.readTls,
      clock: systemClock(),
      random: Math.random,
      owner: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
      log,
    });
  } catch (err) {
    log.error(startFault(err, address), "the service could not start");
    await simulated?.simulator.close();
    return exitCode.failed;
  }
  if (simulated !== null) terminal.out(firstSteps(simulated.simulator, { ...address, port: service.port }));
  const signal = await untilSignal();
  // Ctrl-C is someone at the keyboard: nobody has to notice that we are going.
  await service.stop({ drainMs: signal === "SIGINT" ? 0 : config.shutdownDelayMs });
  await simulated?.simulator.close();
  return exitCode.ok;
}

function logOptions(flags: Flags): { readonly level: LogLevel; readonly format: LogFormat } | null {
  const level = logLevels.find((known) => known === (flags.text.get("log.level") ?? "info"));
  const format = logFormats.find((known) => known === (flags.text.get("log.format") ?? "logfmt"));
  return level === undefined || format === undefined ? null : { level, format };
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

async function attachSimulator(setup: Setup): Promise<{ readonly setup: Setup; readonly simulator: Simulator }> {
  const key = randomUUID();
  const robots = [{ name: "default", key }];
  const { startSimulator } = await import("../simulator/server.ts");
  const simulator = await startSimulator({ robots, port: simulatorPort }).catch(() => startSimulator({ robots }));
  return {
    setup: { ...setup, config: withSimulator(setup.config, { origin: simulator.origin, key: new Secret(key) }) },
    simulator,
  };
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
