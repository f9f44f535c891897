// Prometheus → Alertmanager → the service → simulated robots, on free ports of loopback and in a temporary folder. All but the robots
// are separate processes.

import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../../../src/simulator/server.ts";
import { type Cable, startCable } from "../../support/cable.ts";
import { type Child, type Ended, freePort, startServer } from "../../support/child.ts";
import { type Alertmanager, startAlertmanager } from "./alertmanager.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";
import { type Samples, startSamples } from "./samples.ts";
import { findTools, type Tools } from "./tools.ts";

const bots = ["ops", "cards", "dba", "backup", "drill"] as const;

export type BotName = (typeof bots)[number];

export interface LabOptions {
  /** How many Alertmanagers; more than one form a cluster. */
  readonly alertmanagers: number;
  readonly dedupWindow: string;
  /** How many replicas of the service, which share `storage`; one when absent. */
  readonly replicas?: number;
  /** A file of the lab's own when absent. */
  readonly storage?: string;
  /** Indexes of the services that an Alertmanager posts to; the first when absent. */
  readonly postsTo?: (alertmanager: number) => readonly number[];
}

export interface Lab {
  readonly tools: Tools;
  readonly simulator: Simulator;
  readonly samples: Samples;
  readonly prometheus: Prometheus;
  readonly alertmanagers: readonly Alertmanager[];
  /** The first of the services. */
  readonly service: Service;
  readonly services: readonly Service[];
  /** The Alertmanagers reach each service through its cable. */
  readonly cables: readonly Cable[];
  /** The keys of all robots, to search for them where they must not be. */
  readonly keys: readonly string[];
  close(): Promise<void>;
}

/** The service; it can be stopped and started again with the same outbox and address. */
export interface Service {
  readonly origin: string;
  start(): Promise<void>;
  stop(signal: NodeJS.Signals): Promise<Ended>;
  running(): boolean;
  /** Of the last started process; -1 before the first start. */
  pid(): number;
  metrics(): Promise<string>;
  /** Everything that its processes wrote so far. */
  output(): string;
}

/** Resolves when everything but the services runs. */
export async function startLab(options: LabOptions): Promise<Lab> {
  const { alertmanagers: count, dedupWindow, replicas = 1, postsTo = () => [0] } = options;
  const tools = findTools();
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-e2e-"));
  const keys = Object.fromEntries(bots.map((name) => [name, randomUUID()]));
  const simulator = await startSimulator({ robots: bots.map((name) => ({ name, key: keys[name] ?? "" })) });
  const samples = await startSamples();
  const storage = options.storage ?? `sqlite:${join(folder, "outbox.db")}`;
  const configFile = join(folder, "alertmanager-wecom.yaml");
  const robot = simulator.origin;
  writeFileSync(configFile, fill("alertmanager-wecom.yaml", { storage, robot, dedupWindow, ...keys }));
  const ports = await freePorts(replicas);
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const services = addresses.map((address) => createService(configFile, address));
  const cables = await Promise.all(ports.map((port) => startCable(port)));
  const peers = await startPeers(count, {
    command: tools.alertmanager,
    folder,
    configOf: (peer) => fill("alertmanager.yml", { hooks: hooksOf(postsTo(peer).flatMap((n) => cables[n] ?? [])) }),
  });
  const config = fill("prometheus.yml", {
    services: quoted(addresses),
    samples: samples.address,
    alertmanagers: quoted(peers.map(({ origin }) => new URL(origin).host)),
  });
  const prometheus = await startPrometheus({ command: tools.prometheus, folder, config, alertmanagers: count });
  const [service] = services;
  if (service === undefined) throw new Error("a lab has at least one service");
  return {
    tools,
    simulator,
    samples,
    prometheus,
    alertmanagers: peers,
    service,
    services,
    cables,
    keys: Object.values(keys),
    async close() {
      const stopped = services.map((one) => one.stop("SIGKILL"));
      await Promise.all([prometheus.stop(), ...stopped, ...peers.map((peer) => peer.stop())]);
      samples.close();
      for (const cable of cables) cable.close();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

function quoted(addresses: readonly string[]): string {
  return addresses.map((address) => `"${address}"`).join(", ");
}

function hooksOf(cables: readonly Cable[]): string {
  return cables.map(({ port }) => `{ url: "http://127.0.0.1:${port}/webhook" }`).join(", ");
}

interface PeerOptions {
  readonly command: string;
  readonly folder: string;
  readonly configOf: (peer: number) => string;
}

async function startPeers(count: number, { configOf, ...options }: PeerOptions): Promise<readonly Alertmanager[]> {
  const peers: Alertmanager[] = [];
  for (let i = 0; i < count; i++) {
    const joined = count === 1 ? null : peers.map((peer) => peer.clusterAddress);
    peers.push(await startAlertmanager({ ...options, config: configOf(i), peers: joined }));
  }
  return peers;
}

function createService(configFile: string, address: string): Service {
  const main = join(import.meta.dirname, "../../../src/main.ts");
  const origin = `http://${address}`;
  const args = [main, "serve", `--config.file=${configFile}`, `--web.listen-address=${address}`];
  const children: Child[] = [];
  return {
    origin,
    async start() {
      children.push(await startServer({ command: process.execPath, args }, `${origin}/-/ready`));
    },
    stop: async (signal) => (await children.at(-1)?.stop(signal)) ?? { code: null, tookMs: 0 },
    running: () => children.at(-1)?.running ?? false,
    pid: () => children.at(-1)?.pid ?? -1,
    metrics: async () => (await fetch(`${origin}/metrics`)).text(),
    output: () => children.map((child) => child.stdout() + child.stderr()).join(""),
  };
}

/** A file of this folder with every `${name}` replaced. */
function fill(name: string, values: Readonly<Record<string, string>>): string {
  return readFileSync(join(import.meta.dirname, name), "utf8").replace(/\$\{(\w+)\}/gu, (_whole, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`${name} names ${key}, which has no value`);
    return value;
  });
}
