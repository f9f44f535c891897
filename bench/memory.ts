// npm run bench:memory: start and memory of the service with one bot and SQLite, idle and after 10,000 alerts, with the
// settings of the image and with Node's defaults. --other=FOLDER compares another checkout in which `npm run bundle`
// was run. Starts are in turn, so that whatever else runs on the machine affects all of them; `chrt -f 10` before the
// command gives it precedence. --settle=60 measures a minute after the alerts. Only for Linux.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startSimulator } from "../src/simulator/server.ts";
import { type Child, freePort, imageSettings, startChild } from "./child.ts";
import { printTable, type Row } from "./cost/table.ts";
import { load } from "./load.ts";
import { idleMs, loadAverage, machine, residentMegabytesOf } from "./replicas/cost.ts";
import { ownMain } from "./replicas/setups.ts";

const { values: flags } = parseArgs({
  options: {
    other: { type: "string" },
    starts: { type: "string", default: "7" },
    settle: { type: "string", default: "1" },
  },
});
const mains = [ownMain, ...(flags.other === undefined ? [] : [join(resolve(flags.other), "dist/main.js")])];
const settings = { "the settings of the image": imageSettings(), "Node's defaults": {} };

interface Run {
  readonly readyMs: number;
  readonly cpuMs: number;
  readonly residentMb: number;
  readonly ownMb: number;
  readonly loadedMb: number;
}

const rows: readonly Row<Run>[] = [
  { label: "process to ready, ms", digits: 0, value: ({ readyMs }) => readyMs },
  { label: "CPU ms to ready", digits: 0, value: ({ cpuMs }) => cpuMs },
  { label: `resident MB, ${idleMs / 1_000} s after ready`, digits: 1, value: ({ residentMb }) => residentMb },
  { label: "  without pages of files (Node's binary)", digits: 1, value: ({ ownMb }) => ownMb },
  { label: `resident MB, ${flags.settle} s after 10,000 alerts`, digits: 0, value: ({ loadedMb }) => loadedMb },
];

const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-memory-"));
const bot = { name: "ops", key: "bench-key-00000000" };
const simulator = await startSimulator({ robots: [bot] });

console.log(`Node ${process.version}, ${machine()}; load average ${loadAverage()} before`);
console.log(`${flags.starts} starts; median (least to most)`);
for (const [name, env] of Object.entries(settings)) {
  const sides: Run[][] = mains.map(() => []);
  for (let n = 0; n < Number(flags.starts); n++) {
    for (const [i, main] of mains.entries()) sides[i]?.push(await measure(main, env));
  }
  printTable(`with ${name}`, sides, rows);
}
console.log(`\na Node process without a program: ${(await idleNodeMb()).toFixed(1)} MB; load average ${loadAverage()}`);

await simulator.close();
rmSync(folder, { recursive: true, force: true });

async function measure(main: string, env: NodeJS.ProcessEnv): Promise<Run> {
  const startedAt = performance.now();
  const child = await serve(main, env);
  const readyMs = performance.now() - startedAt;
  const cpuMs = child.cpuMs();
  const pid = child.process.pid ?? 0;
  await delay(idleMs);
  const [residentMb, ownMb] = [residentMegabytesOf(pid), residentMegabytesOf(pid, "RssAnon")];
  await load(child.origin, { concurrency: 50, forMs: 60_000, atMost: 10_000 });
  await delay(Number(flags.settle) * 1_000);
  const loadedMb = residentMegabytesOf(pid);
  await child.stop();
  return { readyMs, cpuMs, residentMb, ownMb, loadedMb };
}

async function serve(main: string, env: NodeJS.ProcessEnv): Promise<Child> {
  const port = await freePort();
  const file = join(folder, `${port}.yaml`);
  const lines = [
    `storage: sqlite:${join(folder, `${port}.db`)}`,
    `wecom: { base_url: "${simulator.origin}" }`,
    `bots: { ${bot.name}: { key: ${bot.key} } }`,
    `route: { bot: ${bot.name} }`,
  ];
  writeFileSync(file, lines.join("\n"));
  const args = ["serve", `--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, "--log.level=error"];
  return startChild([main, ...args], { port, readyPath: "/-/ready", env });
}

async function idleNodeMb(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"]);
  await delay(1_000);
  const megabytes = residentMegabytesOf(child.pid ?? 0);
  child.kill();
  await once(child, "exit");
  return megabytes;
}
