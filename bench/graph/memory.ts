// Memory of the program of the image: idle, the most while it draws graphs, and a minute after the last one.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { FakePrometheus } from "../../test/support/fake-prometheus.ts";
import { type HostileDatasource, startHostile } from "../../test/support/hostile-datasources.ts";
import { eventually } from "../../test/support/stack.ts";
import type { Child } from "../child.ts";
import { printTable, type Row } from "../cost/table.ts";
import { idleMs, residentMegabytesOf } from "../replicas/cost.ts";
import { isPicture, postTo, startBundle } from "./service.ts";

/** As many as may be made at once in a process. */
const atOnce = 8;

/** With more, less than half of a robot's window would be left for text. */
const rounds = 5;

const restMs = 60_000;

interface Run {
  readonly idleMb: number;
  readonly mostMb: number;
  readonly afterMb: number;
  readonly mostOfLargeMb: number;
  readonly afterLargeMb: number;
}

const rows: readonly Row<Run>[] = [
  { label: `idle, ${idleMs / 1_000} s after ready`, digits: 0, value: ({ idleMb }) => idleMb },
  { label: "the most while it draws", digits: 0, value: ({ mostMb }) => mostMb },
  { label: "a minute after", digits: 0, value: ({ afterMb }) => afterMb },
  { label: "the most, each from 20,000 series", digits: 0, value: ({ mostOfLargeMb }) => mostOfLargeMb },
  { label: "a minute after", digits: 0, value: ({ afterLargeMb }) => afterLargeMb },
];

const usual = { bots: botsOf("usual"), generator: "http://usual.example", query: "load > 0.5" };
const large = { bots: botsOf("large"), generator: "http://large.example" };

export async function printMemory(starts: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-graphs-"));
  const runs: Run[] = [];
  for (let start = 0; start < starts; start++) runs.push(await measure(folder));
  printTable(`resident MB; ${rounds} times ${atOnce} graphs at once`, [runs], rows);
  rmSync(folder, { recursive: true, force: true });
}

async function measure(folder: string): Promise<Run> {
  const bots = [...usual.bots, ...large.bots];
  const simulator = await startSimulator({ robots: bots });
  await using prometheus = await startUsual();
  await using hostile = await startHostile("answers 20,000 series");
  const section = `{ generator_urls: ["${usual.generator}"], url: "${prometheus.url}", expressions: any }`;
  const datasources = { usual: section, large: hostile.section(large.generator) };
  const service = await startBundle({ folder, simulator, bots, datasources });
  const pid = service.process.pid ?? 0;
  await delay(idleMs);
  const idleMb = residentMegabytesOf(pid);

  const mostMb = await mostWhile(pid, () => drawUsual(service, simulator));
  await delay(restMs);
  const afterMb = residentMegabytesOf(pid);
  const mostOfLargeMb = await mostWhile(pid, () => drawLarge(service, simulator, hostile));
  await delay(restMs);
  const afterLargeMb = residentMegabytesOf(pid);

  await service.stop();
  await simulator.close();
  return { idleMb, mostMb, afterMb, mostOfLargeMb, afterLargeMb };
}

function botsOf(name: string) {
  return Array.from({ length: atOnce }, (_, n) => ({ name: `${name}${n}`, key: `bench-key-${name}-${n}` }));
}

/** It has more series than a graph shows. */
async function startUsual(): Promise<FakePrometheus> {
  const prometheus = await FakePrometheus.start(() => Date.now());
  const series = Array.from({ length: 20 }, (_, n) => ({
    labels: { instance: `node-${n}` },
    valueAt: (at: number) => Math.sin(at / 600_000 + n),
  }));
  prometheus.series.set("load", series);
  return prometheus;
}

async function drawUsual(service: Child, simulator: Simulator): Promise<void> {
  const generatorURL = `${usual.generator}/graph?${new URLSearchParams({ "g0.expr": usual.query })}`;
  for (let round = 0; round < rounds; round++) {
    for (const [n, { name }] of usual.bots.entries()) {
      const labels = { alertname: "Load", instance: `node-${n + round}` };
      const startsAt = new Date(Date.now() - 600_000).toISOString();
      const alerts = [{ status: "firing", labels, startsAt, generatorURL }];
      await postTo(service, name, { version: "4", groupKey: String(round), alerts });
    }
    await drawn(simulator, (round + 1) * atOnce);
  }
}

async function drawLarge(service: Child, simulator: Simulator, hostile: HostileDatasource): Promise<void> {
  const before = simulator.accepted().filter(isPicture).length;
  for (let round = 0; round < rounds; round++) {
    for (const { name } of large.bots) await postTo(service, name, hostile.alert(String(round), large.generator));
    await drawn(simulator, before + (round + 1) * atOnce);
  }
}

function drawn(simulator: Simulator, count: number): Promise<void> {
  return eventually(`${count} graphs are sent`, () => simulator.accepted().filter(isPicture).length === count);
}

/** The peak in proc_pid_status(5), after a reset by proc_pid_clear_refs(5). */
async function mostWhile(pid: number, work: () => Promise<void>): Promise<number> {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  await work();
  return Number(/^VmHWM:\s+(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
}
