// npm run bench:cost -- --other=FOLDER: measures the cost of one notification, of this checkout and of another one in which
// `npm run bundle` was run, in turn in the same run, on SQLite and on PostgreSQL: one webhook at a time to idle bots, and under load.
// Only the program's flags, its config file and its HTTP are used, so the other may be any commit that knows those. Each side has
// its own PostgreSQL server, which makes no checkpoint during the run: one would add pages to the log of whichever side is next.
// Without --other only this checkout is measured. A full run takes 15 minutes; --rounds=1 --webhooks=600 --idle=20 takes one.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startPostgres } from "../test/support/postgres-server.ts";
import { botsOf, type Idle, idle } from "./cost/idle.ts";
import { idleRows, loadRows } from "./cost/rows.ts";
import { printTable } from "./cost/table.ts";
import { loadAverage, machine } from "./replicas/cost.ts";
import { type Delivery, delivery } from "./replicas/measure.ts";
import { type Lab, ownMain, type Setup, setups, startRobots } from "./replicas/setups.ts";

const { values: flags } = parseArgs({
  options: {
    other: { type: "string" },
    rounds: { type: "string", default: "5" },
    bots: { type: "string", default: "600" },
    webhooks: { type: "string", default: "5000" },
    posters: { type: "string", default: "48" },
    idle: { type: "string", default: "60" },
    engines: { type: "string", default: "postgres,sqlite" },
  },
});
const [rounds, bots, webhooks] = [Number(flags.rounds), Number(flags.bots), Number(flags.webhooks)];
const [posters, samples] = [Number(flags.posters), Number(flags.idle)];
const engines = setups.filter(({ engine, replicas }) => replicas === 1 && flags.engines.split(",").includes(engine));
/** More in a minute would be merged into digests. */
if (webhooks > 10 * bots) throw new Error(`--webhooks=${webhooks} is more than ten for each of ${bots} bots`);
if (botsOf(samples) > bots) throw new Error(`--idle=${samples} needs ${botsOf(samples)} bots, not ${bots}`);

const mains = [ownMain, ...(flags.other === undefined ? [] : [join(resolve(flags.other), "dist/main.js")])];
for (const main of mains) if (!existsSync(main)) throw new Error(`no ${main}: run npm run bundle there`);
const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-cost-"));
// One server and one process of robots for each side: log bytes, CPU and windows are then those of one side.
const labs: Lab[] = [];
for (const main of mains) labs.push(await labOf(main));

try {
  console.log(`Node ${process.version}, PostgreSQL ${labs[0]?.postgres.version}, ${machine()}`);
  console.log(`posters, robots, services and servers share the machine; load average ${loadAverage()} before`);
  for (const [n, main] of mains.entries()) console.log(`${n === 0 ? "this " : "other"} ${main} ${commitOf(main)}`);
  console.log(
    `${bots} bots, ${rounds} rounds in turn; median (least to most), per notification unless it says otherwise`,
  );
  for (const setup of engines) await compare(setup);
  console.log(`\nload average ${loadAverage()} after`);
} finally {
  for (const { robots, postgres } of labs) {
    robots.kill();
    await postgres.stop();
  }
  rmSync(folder, { recursive: true, force: true });
}

async function labOf(main: string): Promise<Lab> {
  const postgres = await startPostgres({
    shared_preload_libraries: "pg_stat_statements",
    "pg_stat_statements.max": "20000",
    checkpoint_timeout: "1d",
    max_wal_size: "32GB",
  });
  await postgres.query("create extension pg_stat_statements");
  return { main, postgres, folder, bots, ...(await startRobots(bots)) };
}

async function compare(setup: Setup): Promise<void> {
  const idles: Idle[][] = labs.map(() => []);
  const loads: Delivery[][] = labs.map(() => []);
  for (let round = 0; round < rounds; round++) {
    // Each goes first in every other round.
    const order = round % 2 === 0 ? [...labs.keys()] : [...labs.keys()].reverse();
    const turn = order.map((n) => labs[n] as Lab);
    for (const [i, one] of (await idle(turn, { setup, samples })).entries()) note(idles[order[i] ?? 0] ?? [], one);
    for (const n of order) {
      const options = { webhooks, concurrency: posters, restMs: 1_000 };
      note(loads[n] ?? [], await delivery(labs[n] as Lab, setup, options));
    }
  }
  printTable(`${setup.name}: idle bot, ${samples} webhooks`, idles, idleRows(setup.engine));
  printTable(`${setup.name}: ${webhooks} webhooks, ${posters} posters`, loads, loadRows(setup.engine));
}

/** A run that fails later leaves what it measured on standard error. */
function note<T>(runs: T[], run: T): void {
  runs.push(run);
  process.stderr.write(
    `${JSON.stringify(run, (_, value) => (typeof value === "number" ? +value.toFixed(2) : value))}\n`,
  );
}

function commitOf(main: string): string {
  try {
    const at = join(main, "../..");
    return execFileSync("git", ["-C", at, "describe", "--always", "--dirty"], {
      encoding: "utf8",
      stdio: "pipe",
    }).trim();
  } catch {
    return "";
  }
}
