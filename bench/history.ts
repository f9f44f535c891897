// npm run bench:history: fills the history with a day of a million entries, on SQLite and on PostgreSQL, and measures searches in this
// day, how long one blocks the event loop, and how long webhooks take meanwhile. `-- --rows=100000 --engines=sqlite` takes seconds.

import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { HistoryQuery } from "../src/domain/history.ts";
import { openPostgres } from "../src/outbox/postgres/open-postgres.ts";
import { openSqlite } from "../src/outbox/sqlite/open-sqlite.ts";
import type { Outbox } from "../src/outbox/store.ts";
import { notification, roomy } from "../test/contract/outbox/storage.ts";
import { startPostgres } from "../test/support/postgres-server.ts";
import { sharedOptions } from "../test/support/shared-outbox.ts";
import { dayMs, fillingStatement, type HistorySample, samples } from "./history/fill.ts";
import { threadCpuMs, watchTurns } from "./rendering.ts";
import { loadAverage, machine } from "./replicas/cost.ts";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    searches: { type: "string", default: "20" },
    engines: { type: "string", default: "sqlite,postgres" },
  },
});
const [rows, searches] = [Number(flags.rows), Number(flags.searches)];

/** Younger rows are not indexed yet. */
const endAt = Date.now() - 600_000;

const day: HistoryQuery = {
  fromAt: endAt - dayMs,
  untilAt: endAt + 1_000,
  text: "",
  bot: null,
  outcome: null,
  deliveryId: null,
  after: null,
  maxEntries: 100,
};

const queries: readonly (readonly [name: string, query: Partial<HistoryQuery>])[] = [
  ["an alert that happened once", { text: "happenedonce" }],
  ["a pod, by a part of its name", { text: "service-123-6d5f7c9b8" }],
  ["a label with its value", { text: 'instance="10.4.123.123:9100"' }],
  ["what was never received", { text: "NeverReceived" }],
  ["a word of every third alert", { text: "critical" }],
  ["what is dead", { outcome: "dead" }],
  ["a name, of one bot", { text: "Alert7", bot: "bot7" }],
  ["20 minutes, all of them", { fromAt: endAt - dayMs / 2, untilAt: endAt - dayMs / 2 + 1_200_000, maxEntries: 1_000 }],
  ["a delivery", { deliveryId: Math.floor(rows / 30) * 10 + 1 }],
  ["two common words that no alert has both of", { text: "team=t1 zone-b" }],
];

const made = await samples();
console.log(`${rows} entries of a day, Node ${process.version}, ${machine()}, load average ${loadAverage()}`);
if (flags.engines.includes("sqlite")) await onSqlite();
if (flags.engines.includes("postgres")) await onPostgres();
console.log(`\nload average ${loadAverage()} after`);

async function onSqlite(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-history-"));
  const path = join(folder, "outbox.db");
  try {
    await (await openSqlite(path)).close();
    const database = new DatabaseSync(path);
    database.exec(
      "pragma synchronous = off; create temp table samples (n integer primary key, search text, body blob)",
    );
    const insert = database.prepare("insert into samples values (?, ?, ?)");
    database.exec("begin");
    for (const { n, search, body } of made) insert.run(n, search, body);
    database.exec(
      `create temp table numbers as
      with recursive numbers (g) as (select 1 union all select g + 1 from numbers where g < ${rows}) select g from numbers`,
    );
    database.exec(fillingStatement("history", rows, endAt));
    database.exec("commit");
    database.close();
    // Else the first commit of the outbox writes all of it to the disk.
    const file = openSync(path, "r+");
    fsyncSync(file);
    closeSync(file);
    const outbox = await openSqlite(path);
    await measure("SQLite", outbox, () => statSync(path).size);
    await outbox.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function onPostgres(): Promise<void> {
  const postgres = await startPostgres({ max_wal_size: "8GB" });
  try {
    const place = await postgres.createPlace();
    await (await openPostgres(place, sharedOptions)).close();
    await postgres.query("create table samples (n integer primary key, search text, body bytea)");
    for (let n = 0; n < made.length; n += 500) {
      await postgres.query(
        `insert into samples values ${made
          .slice(n, n + 500)
          .map(valuesOf)
          .join(", ")}`,
      );
    }
    await postgres.query(`create table numbers as select g from generate_series(1, ${rows}) as g`);
    await postgres.query(fillingStatement(`${place.user}.history`, rows, endAt));
    await postgres.query(`analyze ${place.user}.history`);
    const outbox = await openPostgres(place, sharedOptions);
    const [size] = await postgres.query("select pg_database_size(current_database())::float8 as bytes");
    await measure(`PostgreSQL ${postgres.version}`, outbox, () => Number(size?.bytes));
    await outbox.close();
  } finally {
    await postgres.stop();
  }
}

function valuesOf({ n, search, body }: HistorySample): string {
  return `(${n}, '${search.replaceAll("'", "''")}', '\\x${Buffer.from(body).toString("hex")}')`;
}

async function measure(name: string, outbox: Outbox, sizeOf: () => number): Promise<void> {
  const indexing = await watched(() => outbox.tidyHistory());
  console.log(`\n${name}: indexed in ${seconds(indexing.tookMs)}, ${Math.round(sizeOf() / 2 ** 20)} MB`);
  console.log(`        longest slice of it ${ms(indexing.heldMs)}, in it ${ms(indexing.turnMs)} of CPU`);
  console.log("        cpu: the median of this process; slice: the longest time that a search blocked the event loop;");
  console.log("        in it: the CPU time in that slice, which other programs on the machine lengthen less\n");
  const titles = ["entries", "least", "median", "p95", "most", "cpu", "slice", "in it"];
  console.log(`${"search".padEnd(46)}${titles.map(cell).join("")}`);
  for (const [what, query] of queries) {
    const took: number[] = [];
    const cpu: number[] = [];
    let entries = 0;
    const { heldMs, turnMs } = await watched(async () => {
      for (let n = 0; n < searches; n += 1) {
        const startedAt = performance.now();
        const before = threadCpuMs();
        entries = (await outbox.history({ ...day, ...query })).entries.length;
        took.push(performance.now() - startedAt);
        cpu.push(threadCpuMs() - before);
      }
    });
    const figures = [String(entries), ...spread(took), spread(cpu)[1] ?? "", ms(heldMs), ms(turnMs)];
    console.log(`${what.padEnd(46)}${figures.map(cell).join("")}`);
  }
  console.log(
    `\n${"webhooks, one after the other".padEnd(54)}${["least", "median", "p95", "most"].map(cell).join("")}`,
  );
  console.log(
    `${"alone".padEnd(54)}${spread(await accepts(outbox))
      .map(cell)
      .join("")}`,
  );
  const searching = new AbortController();
  const search = keepSearching(outbox, searching.signal);
  console.log(
    `${"while searches run".padEnd(54)}${spread(await accepts(outbox))
      .map(cell)
      .join("")}`,
  );
  searching.abort();
  await search;
}

async function keepSearching(outbox: Outbox, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const [, query] of queries) if (!signal.aborted) await outbox.history({ ...day, ...query });
  }
}

async function accepts(outbox: Outbox): Promise<readonly number[]> {
  const took: number[] = [];
  for (let n = 0; n < 200; n += 1) {
    const startedAt = performance.now();
    await outbox.accept([notification()], { ...roomy, acceptedAt: outbox.now() });
    took.push(performance.now() - startedAt);
    await delay(5);
  }
  return took;
}

async function watched(work: () => Promise<unknown>) {
  const watch = watchTurns();
  const startedAt = performance.now();
  await work();
  return { tookMs: performance.now() - startedAt, ...watch.stop() };
}

function spread(took: readonly number[]): readonly string[] {
  const sorted = [...took].sort((a, b) => a - b);
  return [0, 0.5, 0.95, 1].map((part) =>
    ms(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0),
  );
}

function cell(text: string): string {
  return text.padStart(10);
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function seconds(valueMs: number): string {
  return `${(valueMs / 1_000).toFixed(1)} s`;
}
