// Measures a setup: accepting alone; and idle, then accepting and delivering.

import { setTimeout as delay } from "node:timers/promises";
import type { Child } from "../child.ts";
import { type LoadResult, load, quantile } from "../load.ts";
import { residentMegabytesOf } from "./cost.ts";
import { ask, type Bench, benchOf, type Costs, type Lab, type Setup } from "./setups.ts";

export interface Accepting {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  /** Per webhook. */
  readonly cost: Costs;
}

export interface Delivery {
  readonly perSecond: number;
  readonly messages: number;
  readonly largestWindow: number;
  readonly violations: number;
  /** Per second, while idle. */
  readonly rest: Costs;
  /** Per notification, from its webhook until WeCom's answer is recorded. */
  readonly cost: Costs;
  /** Of a webhook. */
  readonly p99Ms: number;
  /** Webhooks that were not answered with 200. */
  readonly refused: number;
  /** Of all replicas, when all is delivered. */
  readonly residentMegabytes: number;
  /** Size of tables, indexes and files per notification of one alert and its message. */
  readonly storedBytes: number;
}

export function costOf(before: Costs, after: Costs, pieces: number): Costs {
  const each = (total: keyof Costs) => (after[total] - before[total]) / pieces;
  return {
    replicasMs: each("replicasMs"),
    serverMs: each("serverMs"),
    statements: each("statements"),
    logBytes: each("logBytes"),
    logRecords: each("logRecords"),
    logFlushes: each("logFlushes"),
    writtenBytes: each("writtenBytes"),
  };
}

/** Groups wait for an hour to merge, so nothing is delivered meanwhile; every lane still reads what arrives. */
export async function accepting(
  lab: Lab,
  setup: Setup,
  options: { readonly concurrency: number; readonly forMs: number },
): Promise<Accepting> {
  const bench = await benchOf(lab, setup, "group: merge, wait: 1h");
  const children = await bench.start();
  let turn = 0;
  const path = () => `/webhook/bot/bot${turn++ % lab.bots}`;
  const concurrency = Math.ceil(options.concurrency / children.length);
  const run = (forMs: number) => Promise.all(children.map(({ origin }) => load(origin, { concurrency, forMs, path })));
  await run(500);
  const before = await bench.costs(children);
  const results = await run(options.forMs);
  const after = await bench.costs(children);
  await Promise.all(children.map((child) => child.stop()));
  await bench.remove();
  const perSecond = sum(results, (result) => result.perSecond);
  return {
    perSecond,
    p50Ms: Math.max(...results.map((result) => result.p50Ms)),
    p99Ms: Math.max(...results.map((result) => result.p99Ms)),
    failed: sum(results, (result) => result.failed),
    cost: costOf(
      before,
      after,
      sum(results, (result) => result.answered),
    ),
  };
}

function sum(results: readonly LoadResult[], value: (result: LoadResult) => number): number {
  return results.reduce((total, result) => total + value(result), 0);
}

/** A service that is ready still starts the lanes of its bots: with 1,000 of them, for seconds. */
export async function untilAtRest(bench: Bench, children: readonly Child[]): Promise<void> {
  for (let n = 0, before = Number.NEGATIVE_INFINITY; n < 120; n++) {
    const { replicasMs } = await bench.costs(children);
    if (replicasMs - before <= 20 * children.length) return;
    before = replicasMs;
    await delay(500);
  }
  throw new Error("the replicas are busy without work");
}

/** Fails when no message arrives for this long. */
const patienceMs = 120_000;

/** Posts webhooks for all bots in turn. They fit into a window, so each is delivered in its own message. */
export async function delivery(lab: Lab, setup: Setup, options: DeliveryOptions): Promise<Delivery> {
  const bench = await benchOf(lab, setup, "");
  await ask(lab.robots, "reset");
  const children = await bench.start();
  await untilAtRest(bench, children);
  const idle = await bench.costs(children);
  await delay(options.restMs);
  const before = await bench.costs(children);
  const startedAt = performance.timeOrigin + performance.now();
  const posted = await postAll(lab, children, options);
  const refused = sum(posted, ({ failed }) => failed);
  const wanted = options.webhooks - refused;
  await untilDelivered(lab, wanted);
  const after = await bench.costs(children);
  const residentMegabytes = children.reduce((total, child) => total + residentMegabytesOf(child.process.pid ?? 0), 0);
  const { messages, largestWindow, violations, lastAt } = await ask(lab.robots, "received");
  await Promise.all(children.map((child) => child.stop()));
  const cost = costOf(before, await withLogWork(bench, after), messages);
  const storedBytes = (await bench.storedBytes()) / wanted;
  await bench.remove();
  return {
    perSecond: (messages * 1_000) / (lastAt - startedAt),
    messages,
    largestWindow,
    violations,
    storedBytes,
    rest: costOf(idle, before, options.restMs / 1_000),
    cost,
    p99Ms: Math.max(...posted.map(({ p99Ms }) => p99Ms)),
    refused,
    residentMegabytes,
  };
}

/** Sessions that have ended have added all their log records and flushes to the totals of the server. */
async function withLogWork(bench: Bench, costs: Costs): Promise<Costs> {
  const { logRecords, logFlushes } = await bench.costs([]);
  return { ...costs, logRecords, logFlushes };
}

interface DeliveryOptions {
  readonly webhooks: number;
  readonly concurrency: number;
  readonly restMs: number;
}

async function postAll(
  lab: Lab,
  children: readonly Child[],
  { webhooks, concurrency }: DeliveryOptions,
): Promise<readonly LoadResult[]> {
  let turn = 0;
  const path = () => `/webhook/bot/bot${turn++ % lab.bots}`;
  const share = Math.ceil(webhooks / children.length);
  const posting = { concurrency: Math.ceil(concurrency / children.length), forMs: 3_600_000, path };
  let left = webhooks;
  return await Promise.all(
    children.map(({ origin }) => {
      const atMost = Math.min(share, left);
      left -= atMost;
      return load(origin, { ...posting, atMost });
    }),
  );
}

export async function untilDelivered(lab: Lab, wanted: number): Promise<void> {
  let [before, grewAt] = [0, performance.now()];
  for (;;) {
    const messages = await ask(lab.robots, "count");
    if (messages >= wanted) return;
    if (messages > before) [before, grewAt] = [messages, performance.now()];
    if (performance.now() - grewAt > patienceMs) throw new Error(`only ${messages} of ${wanted} messages arrived`);
    await delay(20);
  }
}

/** Median, minimum and maximum of the rounds. */
export function spread(values: readonly number[]): {
  readonly median: number;
  readonly least: number;
  readonly most: number;
} {
  return { median: quantile(values, 0.5), least: Math.min(...values), most: Math.max(...values) };
}
