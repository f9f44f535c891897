// Measures the service and two servers that do less, in turn in the same run: Express that only parses, and Express that parses and
// group-commits the raw body. Ratios hold on another machine; absolute figures do not. Every server is a separate process. On a busy
// machine the CPU time per webhook is more reliable than the rate. The service is bundled as in the image (npm run bundle).
// BENCH_SECONDS sets how long each round lasts (default 2).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startSimulator } from "../src/simulator/server.ts";
import { type Child, freePort, startChild } from "./child.ts";
import { type LoadResult, load, quantile, webhook } from "./load.ts";

const roundMs = Number(process.env.BENCH_SECONDS ?? 2) * 1_000;
const rounds = 3;
const concurrencies = [1, 10, 50] as const;
/** A robot accepts 20 messages a minute, so many samples of idle latency need many idle robots. */
const idleBots = 40;
const idlePerBot = 10;

const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-bench-"));
const preciseNow = () => performance.timeOrigin + performance.now();
const bots = Array.from({ length: idleBots }, (_, i) => ({
  name: `bot${i}`,
  key: `bench-key-${String(i).padStart(8, "0")}`,
}));
const simulator = await startSimulator({ robots: bots, now: preciseNow });

console.log(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}, load ${loadavg()[0]?.toFixed(1)}; load and servers share the machine\n`,
);
await throughput();
await idleLatency();
await simulator.close();
rmSync(folder, { recursive: true, force: true });

async function service(): Promise<Child> {
  const port = await freePort();
  const file = join(folder, `config-${port}.yaml`);
  const text = [
    `storage: sqlite:${join(folder, `outbox-${port}.db`)}`,
    `wecom: { base_url: "${simulator.origin}" }`,
    `bots: { ${bots.map(({ name, key }) => `${name}: { key: ${key} }`).join(", ")} }`,
    "route: { bot: bot0 }",
  ].join("\n");
  writeFileSync(file, text);
  const args = [
    join(here, "../dist/main.js"),
    "serve",
    `--config.file=${file}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--log.level=error",
  ];
  return startChild(args, { port, readyPath: "/-/ready" });
}

async function parseOnly(): Promise<Child> {
  const port = await freePort();
  return startChild([join(here, "servers/express-parse.ts"), String(port)], { port, readyPath: "/webhook" });
}

async function groupCommit(): Promise<Child> {
  const port = await freePort();
  const file = join(folder, `bodies-${port}.db`);
  return startChild([join(here, "servers/express-group-commit.ts"), String(port), file], {
    port,
    readyPath: "/webhook",
  });
}

async function throughput(): Promise<void> {
  const servers = [
    { name: "service: parse, route, commit", start: service },
    { name: "Express: parse", start: parseOnly },
    { name: "Express: parse, commit raw body", start: groupCommit },
  ];
  console.log(`accept: single-alert webhooks, fsync on, ${rounds} rounds of ${roundMs / 1_000} s in turn, medians`);
  console.log("        (bounded by CPU: Node's HTTP and Express first, then JSON and SQL; at concurrency 1 by fsync)");
  for (const concurrency of concurrencies) {
    const results = new Map<string, Round[]>(servers.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const { name, start } of servers) {
        const child = await start();
        await load(child.origin, { concurrency, forMs: 300 });
        results.get(name)?.push(await measured(child, () => load(child.origin, { concurrency, forMs: roundMs })));
        await child.stop();
      }
    }
    printThroughput(concurrency, results);
  }
  console.log("");
}

interface Round extends LoadResult {
  /** CPU time of the server, and of the client that loads it, per webhook. */
  readonly cpuUs: number;
  readonly clientUs: number;
}

async function measured(child: Child, run: () => Promise<LoadResult>): Promise<Round> {
  const before = child.cpuMs();
  const own = process.cpuUsage();
  const result = await run();
  const { user, system } = process.cpuUsage(own);
  return {
    ...result,
    cpuUs: ((child.cpuMs() - before) * 1_000) / result.answered,
    clientUs: (user + system) / result.answered,
  };
}

function printThroughput(concurrency: number, results: ReadonlyMap<string, readonly Round[]>): void {
  const rows = [...results].map(([name, runs]) => ({
    name,
    perSecond: medianOf(runs, "perSecond"),
    p50Ms: medianOf(runs, "p50Ms"),
    p99Ms: medianOf(runs, "p99Ms"),
    cpuUs: medianOf(runs, "cpuUs"),
    clientUs: medianOf(runs, "clientUs"),
    failed: runs.reduce((sum, run) => sum + run.failed, 0),
  }));
  const [own] = rows;
  for (const row of rows) {
    const ratio = ((own?.perSecond ?? 0) / row.perSecond).toFixed(2);
    const cpuRatio = (row.cpuUs / (own?.cpuUs ?? Number.NaN)).toFixed(2);
    console.log(
      `  c=${String(concurrency).padEnd(3)} ${row.name.padEnd(33)} ${row.perSecond.toFixed(0).padStart(6)}/s  ` +
        `p50 ${ms(row.p50Ms)}  p99 ${ms(row.p99Ms)}  failed ${row.failed}  service/this ${ratio}  ` +
        `cpu ${row.cpuUs.toFixed(0)} µs (client ${row.clientUs.toFixed(0)})  this/service ${cpuRatio}`,
    );
  }
}

function medianOf(runs: readonly Round[], field: Exclude<keyof Round, "failed" | "sent">): number {
  return quantile(
    runs.map((run) => run[field]),
    0.5,
  );
}

async function idleLatency(): Promise<void> {
  const child = await service();
  const times: number[] = [];
  for (let i = 0; i < idlePerBot; i++) {
    for (const { name } of bots) {
      const before = simulator.arrivals().length;
      const sentAt = preciseNow();
      await (await fetch(`${child.origin}/webhook/bot/${name}`, { method: "POST", body: webhook() })).arrayBuffer();
      while (simulator.arrivals().length === before) await delay(0);
      times.push((simulator.arrivals().at(-1)?.at ?? Number.NaN) - sentAt);
      await delay(5);
    }
  }
  console.log(
    `idle bot: from the webhook to WeCom's receipt, ${times.length} samples (bounded by three fsyncs and one new connection)`,
  );
  console.log(`  p50 ${ms(quantile(times, 0.5))}  p90 ${ms(quantile(times, 0.9))}  p99 ${ms(quantile(times, 0.99))}\n`);
  await child.stop();
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`.padStart(7);
}
