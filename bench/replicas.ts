// npm run bench:replicas: compares SQLite with one, two and three replicas on one PostgreSQL server, in turn in the same run: accepting
// webhooks, accepting and delivering them, and idle; with CPU, statements, log bytes and stored bytes of each. CPU and statements hold
// on another machine of this kind; rates do not. REPLICAS_ROUNDS (3), REPLICAS_SECONDS (5), REPLICAS_BOTS (1000) and REPLICAS_PER_BOT
// (5) make it shorter.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "../test/support/postgres-server.ts";
import { loadAverage, machine } from "./replicas/cost.ts";
import { type Footprint, footprint } from "./replicas/footprint.ts";
import { type Accepting, accepting, type Delivery, delivery, spread } from "./replicas/measure.ts";
import { needsOf } from "./replicas/needs.ts";
import { type Costs, type Lab, ownMain, setups, startRobots } from "./replicas/setups.ts";

const rounds = Number(process.env.REPLICAS_ROUNDS ?? 3);
const forMs = Number(process.env.REPLICAS_SECONDS ?? 5) * 1_000;
const bots = Number(process.env.REPLICAS_BOTS ?? 1_000);
const perBot = Number(process.env.REPLICAS_PER_BOT ?? 5);
const concurrency = 48;

const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-replicas-"));
const postgres = await startPostgres({ shared_preload_libraries: "pg_stat_statements" });
await postgres.query("create extension pg_stat_statements");
const robots = await startRobots(bots);
const lab: Lab = { main: ownMain, postgres, folder, bots, ...robots };

console.log(`Node ${process.version}, PostgreSQL ${postgres.version}, ${machine()}`);
console.log(`posters, robots, replicas and server share the machine; load average ${loadAverage()} before`);
console.log(`${bots} bots, ${rounds} rounds in turn; median (least to most)\n`);

for (const some of [1, bots, 10 * bots]) printFootprint(await footprint(folder, some));
printAccepting(await measured((setup) => accepting(lab, setup, { concurrency, forMs })));
const deliveries = await measured((setup) =>
  delivery(lab, setup, { webhooks: bots * perBot, concurrency, restMs: forMs }),
);
printDelivery(deliveries);
printResting(deliveries);
printNeeds(deliveries);
console.log(`load average ${loadAverage()} after`);

robots.robots.kill();
await postgres.stop();
rmSync(folder, { recursive: true, force: true });

type Rounds<T> = ReadonlyMap<string, readonly T[]>;

async function measured<T>(measure: (setup: (typeof setups)[number]) => Promise<T>): Promise<Rounds<T>> {
  const results = new Map<string, T[]>(setups.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const setup of setups) {
      results.get(setup.name)?.push(await measure(setup));
      process.stderr.write(".");
    }
  }
  return results;
}

function printFootprint({ bots: some, startMs, residentMegabytes, metricsBytes, intakeMs }: Footprint): void {
  const cells = [
    `ready after ${startMs.toFixed(0)} ms`,
    `resident ${residentMegabytes.toFixed(0)} MB`,
    `/metrics ${(metricsBytes / 1_024).toFixed(0)} KiB`,
    `one alert through all routes ${intakeMs.toFixed(2)} ms`,
  ];
  console.log(`one process with ${`${some} bots`.padEnd(12)} ${cells.join("  ")}`);
}

function printResting(results: Rounds<Delivery>): void {
  console.log(`\nidle, per second over ${forMs / 1_000} s, all replicas together`);
  for (const [name, runs] of results) {
    const line = [
      column("CPU ms: replicas", runs, ({ rest }) => rest.replicasMs, 1),
      column("server", runs, ({ rest }) => rest.serverMs, 1),
      column("statements", runs, ({ rest }) => rest.statements, 2),
    ];
    console.log(`  ${name.padEnd(24)}${line.join("  ")}`);
  }
}

function printAccepting(results: Rounds<Accepting>): void {
  console.log(
    `\naccept: webhooks of one alert to all bots in turn, ${concurrency} posters, ${forMs / 1_000} s, nothing is delivered meanwhile`,
  );
  const alone = baseOf(results, ({ perSecond }) => perSecond);
  for (const [name, runs] of results) {
    const rate = spread(runs.map(({ perSecond }) => perSecond));
    const line = [
      column("per second", runs, ({ perSecond }) => perSecond, 0),
      `${(rate.median / alone).toFixed(2)} of SQLite`,
      column("p99 ms", runs, ({ p99Ms }) => p99Ms, 0),
      ...costColumns(runs),
      `failed ${runs.reduce((total, { failed }) => total + failed, 0)}`,
    ];
    console.log(`  ${name.padEnd(24)}${line.join("  ")}`);
  }
}

function printDelivery(results: Rounds<Delivery>): void {
  console.log(
    `\nend to end: ${bots * perBot} webhooks of one alert to all bots in turn, ${perBot} for each, each delivered in its own message`,
  );
  const alone = baseOf(results, ({ perSecond }) => perSecond);
  for (const [name, runs] of results) {
    const rate = spread(runs.map(({ perSecond }) => perSecond));
    const line = [
      column("per second", runs, ({ perSecond }) => perSecond, 0),
      `${(rate.median / alone).toFixed(2)} of SQLite`,
      ...costColumns(runs),
      column("stored bytes", runs, ({ storedBytes }) => storedBytes, 0),
      `window ${Math.max(...runs.map(({ largestWindow }) => largestWindow))}`,
      `violations ${Math.max(...runs.map(({ violations }) => violations))}`,
    ];
    console.log(`  ${name.padEnd(24)}${line.join("  ")}`);
  }
}

/** Computed from the costs of one replica, which does not compete with others. */
function printNeeds(results: Rounds<Delivery>): void {
  const runs = results.get(setups.find(({ engine }) => engine === "postgres")?.name ?? "") ?? [];
  const median = (value: (run: Delivery) => number) => spread(runs.map(value)).median;
  const cost = {
    replicasMs: median((run) => run.cost.replicasMs),
    serverMs: median((run) => run.cost.serverMs),
    statements: median((run) => run.cost.statements),
    logBytes: median((run) => run.cost.logBytes),
    storedBytes: median((run) => run.storedBytes),
  };
  console.log("\ncomputed from the end-to-end costs of one replica on PostgreSQL");
  for (const many of [1_000, 10_000, 1_000_000])
    for (const rate of [1, 20]) console.log(`  ${needsOf(cost, many, rate)}`);
}

function costColumns(runs: readonly { readonly cost: Costs }[]): readonly string[] {
  return [
    column("CPU ms: replicas", runs, ({ cost }) => cost.replicasMs, 2),
    column("server", runs, ({ cost }) => cost.serverMs, 2),
    column("statements", runs, ({ cost }) => cost.statements, 1),
    column("log bytes", runs, ({ cost }) => cost.logBytes, 0),
  ];
}

function column<T>(label: string, runs: readonly T[], value: (run: T) => number, digits: number): string {
  const { median, least, most } = spread(runs.map(value));
  const shown = [median, least, most].map((one) => one.toFixed(digits));
  return `${label} ${shown[0]} (${shown[1]} to ${shown[2]})`;
}

function baseOf<T>(results: Rounds<T>, value: (run: T) => number): number {
  return spread((results.get(setups[0]?.name ?? "") ?? []).map(value)).median;
}
