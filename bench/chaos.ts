// npm run chaos: three replicas on one PostgreSQL server and 20 bots, posted to for a simulated half hour, while replicas are killed,
// paused for longer than a lease and stopped, and the server is restarted twice. Prints a table; exit 1 when a promise is broken.
// Ten times as fast, so about four minutes. CHAOS_WEBHOOKS (5000) and CHAOS_MINUTES (30) make it shorter.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startSimulator } from "../src/simulator/server.ts";
import { startPostgres } from "../test/support/postgres-server.ts";
import { scaledClock } from "../test/support/scaled-clock.ts";

const factor = 10;
const webhooks = Number(process.env.CHAOS_WEBHOOKS ?? 5_000);
const spanMs = (Number(process.env.CHAOS_MINUTES ?? 30) * 60_000) / factor;
const originAt = Date.now();
const clock = scaledClock(factor, originAt);
const bots = Array.from({ length: 20 }, (_, n) => ({
  name: `bot${n}`,
  key: `${String(n).padStart(8, "0")}-5ec2-4e77-9999-000000000000`,
}));
const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-chaos-"));
const configFile = join(folder, "config.yaml");
const counts = { kills: 0, pauses: 0, stops: 0, restarts: 0 };
const acknowledged: string[] = [];

interface Replica {
  readonly port: number;
  readonly process: ChildProcess;
}

const simulator = await startSimulator({ robots: bots, now: () => clock.now() });
const postgres = await startPostgres();
const place = await postgres.createPlace();
writeFileSync(configFile, configText());
const replicas: Replica[] = await Promise.all([startReplica(), startReplica(), startReplica()]);
const ended = { posting: false };
const disturbing = disturb();
await postAll();
ended.posting = true;
await disturbing;
const untold = await untilTold();
const failed = report(untold);
for (const { process: child } of replicas) child.kill("SIGKILL");
await simulator.close();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });
process.exitCode = failed ? 1 : 0;

/** Posts evenly over the span, to replicas in turn, and every fifth webhook to two of them, as peers do. */
async function postAll(): Promise<void> {
  const startedAt = performance.now();
  const posts: Promise<void>[] = [];
  for (let n = 0; n < webhooks; n++) {
    await delay(Math.max(0, startedAt + (n * spanMs) / webhooks - performance.now()));
    posts.push(postUntilTaken(n, n % 3));
    if (n % 5 === 0) posts.push(postUntilTaken(n, (n + 1) % 3));
  }
  await Promise.all(posts);
}

async function postUntilTaken(number: number, first: number): Promise<void> {
  for (let turn = first; ; turn++) {
    const options = { method: "POST", body: webhook(number), signal: AbortSignal.timeout(4_000) };
    const answer = await fetch(`http://127.0.0.1:${replicas[turn % 3]?.port}/webhook`, options).catch(() => null);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.status === 200) break;
    await delay(100);
  }
  acknowledged.push(idOf(number));
}

/** One thing after the other, in turn over the replicas, until all is posted; the server goes down at a third and at two thirds. */
async function disturb(): Promise<void> {
  const startedAt = performance.now();
  for (let n = 0; !ended.posting; n++) {
    await delay(3_000);
    const share = (performance.now() - startedAt) / spanMs;
    if (counts.restarts < Math.min(2, Math.floor(share * 3))) await restartServer();
    else await [kill, pause, stop][n % 3]?.(n % 3);
  }
}

async function kill(n: number): Promise<void> {
  counts.kills += 1;
  replicas[n]?.process.kill("SIGKILL");
  replicas[n] = await startReplica();
}

async function pause(n: number): Promise<void> {
  counts.pauses += 1;
  replicas[n]?.process.kill("SIGSTOP");
  await delay(2_500);
  replicas[n]?.process.kill("SIGCONT");
}

async function stop(n: number): Promise<void> {
  counts.stops += 1;
  replicas[n]?.process.kill("SIGTERM");
  replicas[n] = await startReplica();
}

async function restartServer(): Promise<void> {
  counts.restarts += 1;
  await postgres.down();
  await delay(500);
  await postgres.up();
}

/** Ids never told, after patience. */
async function untilTold(): Promise<readonly string[]> {
  for (let n = 0; n < 240; n++) {
    const all = bodies().join("\n");
    const missing = [...new Set(acknowledged)].filter((id) => !all.includes(id));
    if (missing.length === 0) return [];
    await delay(500);
  }
  const all = bodies().join("\n");
  return [...new Set(acknowledged)].filter((id) => !all.includes(id));
}

function bodies(): readonly string[] {
  return simulator.accepted().map((message) => JSON.stringify(message.body));
}

function report(untoldIds: readonly string[]): boolean {
  const seen = new Set<string>();
  const repeats = bodies().filter((text) => {
    const alerts = JSON.stringify([...new Set(text.match(/w\d{5}x/gu))].sort());
    const again = seen.has(alerts);
    seen.add(alerts);
    return again;
  });
  const unmarked = repeats.filter((text) => !/可能重复/u.test(text)).length;
  const limit = (counts.kills + counts.pauses + counts.restarts) * bots.length;
  const window = simulator.largestWindow();
  console.table({
    "webhooks acknowledged": new Set(acknowledged).size,
    "messages accepted by WeCom": bodies().length,
    "killed / paused / stopped / server restarted": Object.values(counts).join(" / "),
    "alerts untold": untoldIds.length,
    "messages repeated": repeats.length,
    "repeated at most": limit,
    "repeated without saying so": unmarked,
    "most arrivals in any 60 s of a key": window,
    "other refusals of the simulator": simulator.violations().length,
  });
  const fine = untoldIds.length === 0 && repeats.length <= limit && unmarked === 0 && window <= 20;
  return !fine || simulator.violations().length > 0;
}

async function startReplica(): Promise<Replica> {
  const script = join(import.meta.dirname, "../test/e2e/scaled-service.ts");
  for (;;) {
    const args = [script, configFile, "0", String(factor), String(originAt)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
    const line = await new Promise<string | null>((resolve) => {
      child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
      child.once("exit", () => resolve(null));
    });
    if (line !== null) return { port: Number(/\d+/u.exec(line)?.[0]), process: child };
  }
}

function idOf(number: number): string {
  return `w${String(number).padStart(5, "0")}x`;
}

/** Every alert is another one; each bot has two groups. */
function webhook(number: number): string {
  const labels = { alertname: "Chaos", group: String(number % 40), bot: `bot${number % 20}`, instance: idOf(number) };
  const alert = { status: "firing", labels, annotations: {}, startsAt: new Date(originAt).toISOString() };
  const group = { alertname: "Chaos", group: labels.group };
  return JSON.stringify({ alerts: [alert], groupLabels: group, groupKey: `{}:${JSON.stringify(group)}`, version: "4" });
}

function configText(): string {
  const routes = bots.map(({ name }) => `{ matchers: [bot="${name}"], bot: ${name} }`).join(", ");
  return [
    `storage: "postgres://${place.user}:${place.password?.reveal()}@127.0.0.1:${place.port}/${place.database}"`,
    `wecom: { base_url: "${simulator.origin}" }`,
    "webhook: { dedup_window: 12h }",
    "max_age: 24h",
    `bots: { ${bots.map(({ name, key }) => `${name}: { key: ${key} }`).join(", ")} }`,
    `route: { bot: bot0, routes: [ ${routes} ] }`,
  ].join("\n");
}
