// Prometheus → Alertmanager → our service → simulated robots, each its own process but for the robots, on free ports of
// loopback and in a temporary folder.

import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../../../src/simulator/server.ts";
import { type Alertmanager, startAlertmanager } from "./alertmanager.ts";
import { type Child, type Ended, freePort, startServer } from "./child.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";
import { type Samples, startSamples } from "./samples.ts";
import { findTools, type Tools } from "./tools.ts";

const bots = ["ops", "cards", "dba", "backup", "drill"] as const;

export type BotName = (typeof bots)[number];

export interface LabOptions {
  /** How many Alertmanagers; more than one form a cluster. */
  readonly alertmanagers: number;
  readonly dedupWindow: string;
}

export interface Lab {
  readonly tools: Tools;
  readonly simulator: Simulator;
  readonly samples: Samples;
  readonly prometheus: Prometheus;
  readonly alertmanagers: readonly Alertmanager[];
  readonly service: Service;
  /** Every robot's key: to look for them where they must not be. */
  readonly keys: readonly string[];
  close(): Promise<void>;
}

/** Our service: may be stopped and started again, on the same outbox and address. */
export interface Service {
  readonly origin: string;
  start(): Promise<void>;
  stop(signal: NodeJS.Signals): Promise<Ended>;
  metrics(): Promise<string>;
  /** All that its processes wrote so far. */
  output(): string;
}

/** All but the service is running when it resolves. */
export async function startLab({ alertmanagers: count, dedupWindow }: LabOptions): Promise<Lab> {
  const tools = findTools();
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-e2e-"));
  const keys = Object.fromEntries(bots.map((name) => [name, randomUUID()]));
  const simulator = await startSimulator({ robots: bots.map((name) => ({ name, key: keys[name] ?? "" })) });
  const samples = await startSamples();
  const address = `127.0.0.1:${await freePort()}`;
  const configFile = join(folder, "alertmanager-wecom.yaml");
  writeFileSync(configFile, fill("alertmanager-wecom.yaml", { folder, robot: simulator.origin, dedupWindow, ...keys }));
  const service = createService(configFile, address);
  const config = fill("alertmanager.yml", { service: address });
  const peers = await startPeers(count, { command: tools.alertmanager, folder, config });
  const targets = peers.map(({ origin }) => `"${new URL(origin).host}"`).join(", ");
  const prometheus = await startPrometheus({
    command: tools.prometheus,
    folder,
    config: fill("prometheus.yml", { service: address, samples: samples.address, alertmanagers: targets }),
    alertmanagers: count,
  });
  return {
    ...{ tools, simulator, samples, prometheus, alertmanagers: peers, service, keys: Object.values(keys) },
    async close() {
      await Promise.all([prometheus.stop(), service.stop("SIGKILL"), ...peers.map((peer) => peer.stop())]);
      samples.close();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type PeerOptions = Omit<Parameters<typeof startAlertmanager>[0], "peers">;

async function startPeers(count: number, options: PeerOptions): Promise<readonly Alertmanager[]> {
  const peers: Alertmanager[] = [];
  for (let i = 0; i < count; i++) {
    const joined = count === 1 ? null : peers.map((peer) => peer.clusterAddress);
    peers.push(await startAlertmanager({ ...options, peers: joined }));
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
    metrics: async () => (await fetch(`${origin}/metrics`)).text(),
    output: () => children.map((child) => child.stdout() + child.stderr()).join(""),
  };
}

/** A file of this folder with every `${name}` replaced. */
function fill(name: string, values: Readonly<Record<string, string>>): string {
  return readFileSync(join(import.meta.dirname, name), "utf8").replace(/\$\{(\w+)\}/gu, (_whole, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`${name} asks for ${key}, which nobody gives`);
    return value;
  });
}
