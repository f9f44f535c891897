// Runs the service and a simulated robot on loopback, to try everything without a robot. The outbox and the config are in a
// temporary folder, which is deleted at the end. Only this command connects a service to a simulator.

import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../simulator/server.ts";
import { type Command, exitCode, exitWith } from "./command.ts";
import { localOrigin } from "./flags.ts";
import { untilSignal } from "./long-running.ts";
import { logFlags, runService } from "./serve.ts";
import { type LoadedSetup, loadSetup } from "./setup.ts";
import { loadWebSetup } from "./web-setup.ts";

const loopback = "127.0.0.1";

/** Used when they are free; else any free port is. */
const servicePort = 8060;
const simulatorPort = 8061;

export const demoCommand: Command = {
  name: "demo",
  operands: "",
  help: "runs the service with a simulated robot on this machine; needs no key, and nothing leaves the machine",
  flags: logFlags,
  async run(flags, terminal) {
    if (flags.operands.length > 0) {
      return exitWith(exitCode.usage, "demo takes flags only; --help lists them", terminal);
    }
    const key = randomUUID();
    const robots = [{ name: "demo", key }];
    const simulator = await startSimulator({ robots, port: await freeOrAny(simulatorPort) });
    // Before the folder: a signal during the start would end the process without deleting it.
    const signal = untilSignal();
    const folder = temporaryFolder();
    const configFile = join(folder, "config.yaml");
    const port = await freeOrAny(servicePort);
    writeFileSync(configFile, configText({ folder, key, origin: simulator.origin, port }));
    const load = () => withoutProxy(loadSetup(configFile, {}));
    const loaded = load();
    const web = loadWebSetup(null);
    if (loaded.kind === "invalid" || web.kind === "invalid") throw new Error("the demo has an invalid config");
    const code = await runService({
      flags,
      setup: loaded.setup,
      watched: loaded.watched,
      load,
      web,
      address: { host: loopback, port },
      demo: true,
      signal,
      onServing: (servedPort) => terminal.out(firstSteps(simulator, servedPort)),
    });
    await simulator.close();
    return code;
  },
};

/** Deleted when the process exits. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-demo-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface DemoConfig {
  readonly folder: string;
  readonly key: string;
  readonly origin: string;
  readonly port: number;
}

function configText({ folder, key, origin, port }: DemoConfig): string {
  return [
    `storage: ${JSON.stringify(`sqlite:${join(folder, "outbox.db")}`)}`,
    "shutdown_delay: 0s",
    `wecom: { base_url: ${JSON.stringify(origin)} }`,
    `bots: { demo: { key: ${key} } }`,
    "route: { bot: demo }",
    `external_url: ${localOrigin({ host: loopback, port })}`,
    `links: { secret: ${randomUUID()}${randomUUID()} }`,
    "",
  ].join("\n");
}

/** A proxy of the environment cannot reach this machine's loopback. */
function withoutProxy(loaded: LoadedSetup): LoadedSetup {
  if (loaded.kind === "invalid") return loaded;
  const { config } = loaded.setup;
  const wecom = { ...config.wecom, proxyFromEnvironment: false };
  return { ...loaded, setup: { ...loaded.setup, config: { ...config, wecom } } };
}

/** The port, or another one when it is in use. The config names the port before the service listens on it. */
function freeOrAny(port: number): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(freeOrAny(0)));
    probe.listen(port, loopback, () => {
      const { port: free } = probe.address() as AddressInfo;
      probe.close(() => resolve(free));
    });
  });
}

function firstSteps(simulator: Simulator, port: number): string {
  const sample = {
    alerts: [
      {
        status: "firing",
        startsAt: "NOW",
        labels: { alertname: "磁盘将满", severity: "critical", instance: "node-1:9100" },
        annotations: { summary: "/data 只剩 5%，预计 2 小时后写满" },
      },
    ],
  };
  // By the shell: an alert without a start cannot be acknowledged, and one with the same start is a duplicate.
  const body = JSON.stringify(sample).replace("NOW", "'$(date -u +%FT%TZ)'");
  return [
    "",
    "This is a demo: messages go to a simulated robot on this machine, and nothing is kept when it ends.",
    "",
    `  1. open the group chat:   ${simulator.pageUrl}`,
    "  2. send a sample alert:",
    "",
    `curl -sS ${localOrigin({ host: loopback, port })}/webhook -d '${body}'`,
    "",
    "  3. with a real robot:     WECOM_BOT_KEY=… alertmanager-wecom, in a checkout WECOM_BOT_KEY=… npm start;",
    "                            for several groups --config.file (see config.example.yaml)",
    "",
  ].join("\n");
}
