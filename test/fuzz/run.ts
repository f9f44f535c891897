// Sends hostile bodies and requests to the service, which runs as a separate process, and reports the results. The robot is the strict
// simulator, so messages of hostile alerts are checked too.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";
import { freePort } from "../../bench/child.ts";
import { quantile, webhook } from "../../bench/load.ts";
import { startSimulator } from "../../src/simulator/server.ts";
import { hostileBody, makeHeavyBodies } from "./bodies.ts";
import { sendRaw } from "./raw-requests.ts";

export interface FuzzOptions {
  readonly bodies: number;
  /** Number of the first body; the same number is the same body. */
  readonly seed: number;
  /** One body in this many is of 10 MB, a compression bomb or similar. */
  readonly heavyEvery: number;
  /** How long deliveries may take before throughput is measured again: delivery takes half the CPU time. */
  readonly drainMs: number;
  /** How long throughput is measured before and after. */
  readonly measureMs: number;
  readonly progress: (line: string) => void;
}

export interface FuzzReport {
  readonly seconds: number;
  /** CPU time of the service, and of this process, which makes the bodies and runs the robot. */
  readonly serviceSeconds: number;
  readonly ownSeconds: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, number>>;
  readonly slowest: { readonly ms: number; readonly kind: string; readonly number: number };
  readonly restingRssMb: number;
  readonly peakRssMb: number;
  readonly perSecondBefore: number;
  readonly perSecondAfter: number;
  /** Broken rules; empty if the service passes. */
  readonly breaches: readonly string[];
}

/** Enough for the service to commit many bodies at once: otherwise most of the time would be fsync. */
const concurrency = 48;
const rawEvery = 100;
const rssEveryMs = 1_000;
/** Parsing a body of 10 MB beside others takes seconds on a busy machine; a hanging request never ends. */
const answerTimeoutMs = 60_000;

export async function runFuzz(options: FuzzOptions): Promise<FuzzReport> {
  const key = "00000000-f022-4000-8000-000000000000";
  const simulator = await startSimulator({ robots: [{ name: "fuzz", key }] });
  const service = await startService(simulator.origin, key);
  const pool = new Pool(service.origin, {
    connections: concurrency,
    pipelining: 1,
    bodyTimeout: answerTimeoutMs,
    headersTimeout: answerTimeoutMs,
  });
  const watch = watchRss(pool);
  try {
    makeHeavyBodies();
    const before = await throughput(pool, options.measureMs);
    const restingRssMb = watch.peakMb();
    const used = await processorOf(pool);
    const seen = await sendAll(pool, service.port, options);
    const times = await used();
    const waiting = await drained(pool, options.drainMs);
    options.progress(`${waiting} notifications are still queued`);
    await calm(pool);
    const after = await throughput(pool, options.measureMs);
    const peakRssMb = watch.peakMb();
    // errcode 0 is only a warning: a body that was not UTF-8 is delivered with replacement characters.
    const refused = simulator
      .violations()
      .filter(({ errcode }) => errcode !== 0)
      .map((violation) => `the robot refused a message: ${JSON.stringify(violation)}`);
    const breaches = [...seen.breaches, ...(await faultsOf(pool)), ...(await service.end()), ...refused.slice(0, 5)];
    return { ...seen, ...times, restingRssMb, peakRssMb, perSecondBefore: before, perSecondAfter: after, breaches };
  } finally {
    watch.stop();
    await pool.destroy();
    await service.end();
    await simulator.close();
  }
}

interface Service {
  readonly origin: string;
  readonly port: number;
  /** Stops it; returns what went wrong while it ran or stopped. */
  end(): Promise<readonly string[]>;
}

async function startService(robot: string, key: string): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
  const port = await freePort();
  const config = [
    `storage: sqlite:${join(folder, "outbox.db")}`,
    "webhook: { dedup_window: 1d }",
    "outbox: { max_notifications: 10000000, max_size: 8GB }",
    `wecom: { base_url: "${robot}" }`,
    `bots: { ops: { key: ${key} } }`,
    "route: { bot: ops }",
  ];
  writeFileSync(join(folder, "config.yaml"), config.join("\n"));
  const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
  const args = [
    main,
    "serve",
    `--config.file=${join(folder, "config.yaml")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-1_000_000);
  });
  const origin = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${origin}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`the service did not start:\n${log}`);
    await delay(20);
  }
  let ended: Promise<readonly string[]> | null = null;
  const end = () => {
    ended ??= stop(child, () => log).finally(() => rmSync(folder, { recursive: true, force: true }));
    return ended;
  };
  return { origin, port, end };
}

async function stop(child: ChildProcess, log: () => string): Promise<readonly string[]> {
  const alive = child.exitCode === null && child.signalCode === null;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  if (alive) {
    child.kill("SIGINT");
    await exited;
  }
  const bugs = log()
    .split("\n")
    .filter((line) => /level=error|unhandled|uncaught|heap out of memory/i.test(line));
  return [
    ...(alive ? [] : [`the process had ended: ${child.exitCode ?? child.signalCode}`]),
    ...(child.exitCode === 0 ? [] : [`the process ended with ${child.exitCode ?? child.signalCode}`]),
    ...bugs.slice(0, 5),
  ];
}

async function sendAll(pool: Pool, port: number, { bodies, seed, heavyEvery, progress }: FuzzOptions) {
  const statuses: Record<string, number> = {};
  const kinds: Record<string, number> = {};
  const breaches: string[] = [];
  let slowest = { ms: 0, kind: "", number: 0 };
  let next = 0;
  const count = (status: number, number: number, kind: string) => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status >= 500 && status !== 503) breaches.push(`body ${number} (${kind}) was answered with ${status}`);
  };
  const sender = async () => {
    while (next < bodies && breaches.length < 20) {
      const number = seed + next++;
      if (next % 10_000 === 0) progress(`${next} bodies, statuses ${JSON.stringify(statuses)}`);
      if (number % rawEvery === 1) for (const status of await sendRaw(port, number)) count(status, number, "raw");
      const { kind, bytes, headers } = hostileBody(number, heavyEvery);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      const sentAt = performance.now();
      try {
        const path = number % 5 === 0 ? "/webhook/bot/ops" : "/webhook";
        const method = number % 7 === 0 ? "PUT" : "POST";
        const answer = await pool.request({ path, method, body: bytes, headers });
        await answer.body.dump();
        count(answer.statusCode, number, kind);
      } catch (cause) {
        breaches.push(
          `body ${number} (${kind}) got no answer: ${cause instanceof Error ? cause.message : String(cause)}`,
        );
      }
      const ms = performance.now() - sentAt;
      if (ms > slowest.ms) slowest = { ms, kind, number };
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sender));
  return { statuses, kinds, breaches, slowest };
}

/** Resolves with the number of queued notifications when it is zero, or when the time is over. */
async function drained(pool: Pool, forMs: number): Promise<number> {
  const until = performance.now() + forMs;
  for (;;) {
    const rows = (await metricsOf(pool)).matchAll(/^alertmanager_wecom_outbox_notifications\{.*\} (\S+)$/gm);
    const waiting = [...rows].reduce((sum, [, count]) => sum + Number(count), 0);
    if (waiting === 0 || performance.now() >= until) return waiting;
    await delay(1_000);
  }
}

const calmTries = 200;

/** Resolves after ten fast answers in a row: then only the usual deliveries run. */
async function calm(pool: Pool): Promise<void> {
  for (let tries = calmTries, quick = 0; tries > 0 && quick < 10; tries--) {
    const askedAt = performance.now();
    await pool.request({ path: "/-/healthy", method: "GET" }).then(({ body }) => body.dump());
    quick = performance.now() - askedAt < 20 ? quick + 1 : 0;
    await delay(100);
  }
}

const roundMs = 500;

/** Copies of one webhook per second: everything but the insert. The median of rounds, because others use the machine too. */
async function throughput(pool: Pool, forMs: number): Promise<number> {
  const body = webhook();
  const rounds: number[] = [];
  await round(pool, body);
  for (let left = Math.max(1, Math.round(forMs / roundMs)); left > 0; left--) rounds.push(await round(pool, body));
  return quantile(rounds, 0.5);
}

async function round(pool: Pool, body: string): Promise<number> {
  const startedAt = performance.now();
  let answered = 0;
  const poster = async () => {
    while (performance.now() - startedAt < roundMs) {
      const answer = await pool.request({ path: "/webhook", method: "POST", body });
      await answer.body.dump();
      if (answer.statusCode === 200) answered += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, poster));
  return (answered * 1_000) / (performance.now() - startedAt);
}

async function metricsOf(pool: Pool): Promise<string> {
  const answer = await pool.request({ path: "/metrics", method: "GET" });
  return answer.body.text();
}

/** Returns a function that gives the time and CPU time used since this call. */
async function processorOf(pool: Pool) {
  const read = async () => {
    const [, service] = /^process_cpu_seconds_total (\S+)/m.exec(await metricsOf(pool)) ?? [];
    const { user, system } = process.cpuUsage();
    return { seconds: performance.now() / 1e3, service: Number(service), own: (user + system) / 1e6 };
  };
  const before = await read();
  return async () => {
    const after = await read();
    return {
      seconds: after.seconds - before.seconds,
      serviceSeconds: after.service - before.service,
      ownSeconds: after.own - before.own,
    };
  };
}

function watchRss(pool: Pool) {
  let peak = 0;
  const timer = setInterval(async () => {
    const text = await metricsOf(pool).catch(() => "");
    peak = Math.max(peak, Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1] ?? 0));
  }, rssEveryMs);
  return { peakMb: () => peak / 1024 / 1024, stop: () => clearInterval(timer) };
}

/** Errors that should never happen, as counted by the service. */
async function faultsOf(pool: Pool): Promise<readonly string[]> {
  const text = await metricsOf(pool);
  return [...text.matchAll(/^alertmanager_wecom_unexpected_errors_total\{.*\} [1-9].*$/gm)].map(([line]) => line);
}
