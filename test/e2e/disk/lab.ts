// The service as a separate process, with its outbox and its log on a disk that fails on command, and a simulated robot.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Simulator, startSimulator } from "../../../src/simulator/server.ts";
import { type Child, freePort, startServer } from "../../support/child.ts";
import { keyOf } from "../../support/stack.ts";
import { type FailingDisk, outboxFile } from "./failing-disk.ts";

const main = join(import.meta.dirname, "../../../src/main.ts");
export const bot = "ops";
export const logFile = "service.log";

/** The answer to an alert; `id` is in a label, and so in the message to the group. */
export interface Answer {
  readonly id: string;
  readonly status: number;
}

export interface Lab {
  readonly simulator: Simulator;
  readonly child: Child;
  readonly origin: string;
  readonly post: (id: string) => Promise<Answer>;
  /** The sum over all series of a metric. */
  readonly sum: (metric: string) => Promise<number>;
}

export async function startOn(t: TestContext, disk: FailingDisk): Promise<Lab> {
  const simulator = await startSimulator({ robots: [{ name: bot, key: keyOf(bot) }] });
  const { command, origin, readyUrl } = await invocation(t, disk.folder, simulator.origin);
  // Its log is on the failing disk too, as with a supervisor that redirects it there.
  const script = `exec "$@" 2>>'${join(disk.folder, logFile)}'`;
  const child = await startServer({ command: "sh", args: ["-c", script, "sh", ...command] }, readyUrl);
  t.after(async () => {
    await child.stop("SIGKILL");
    await simulator.close();
    disk.remove();
  });
  return {
    simulator,
    child,
    origin,
    post: (id) => postAlert(origin, id),
    sum: (metric) => sumOf(origin, metric),
  };
}

export async function invocation(t: TestContext, folder: string, robots: string) {
  const port = await freePort();
  const configFolder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-disk-config-"));
  t.after(() => rmSync(configFolder, { recursive: true }));
  const configFile = join(configFolder, "config.yaml");
  writeFileSync(configFile, configText(robots, folder));
  const address = `127.0.0.1:${port}`;
  const flags = [`--config.file=${configFile}`, `--web.listen-address=${address}`];
  return {
    command: [process.execPath, main, "serve", ...flags],
    origin: `http://${address}`,
    readyUrl: `http://${address}/-/ready`,
  };
}

function configText(robots: string, folder: string): string {
  return [
    `storage: sqlite:${join(folder, outboxFile)}`,
    `wecom: { base_url: "${robots}" }`,
    `bots: { ${bot}: { key: ${keyOf(bot)} } }`,
    `route: { bot: ${bot} }`,
  ].join("\n");
}

async function postAlert(origin: string, id: string): Promise<Answer> {
  const alert = { status: "firing", labels: { alertname: id } };
  const body = JSON.stringify({ version: "4", alerts: [alert], groupLabels: alert.labels, groupKey: `{}:{${id}}` });
  const answer = await fetch(`${origin}/webhook`, { method: "POST", body });
  await answer.arrayBuffer();
  return { id, status: answer.status };
}

async function sumOf(origin: string, metric: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const rows = text.split("\n").filter((row) => row.startsWith(`alertmanager_wecom_${metric}{`));
  return rows.reduce((total, row) => total + Number(row.split(" ").at(-1)), 0);
}
