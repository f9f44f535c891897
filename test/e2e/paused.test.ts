// A replica is paused for longer than its lease, on a real PostgreSQL server. When it continues, it does not send what its successor has
// sent meanwhile, nor beside it. In the first test it is paused while it connects to WeCom, and the clocks run four times as fast: a
// lease lasts 2.5 seconds. In the second it is paused under load, in real time.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { connectProxy } from "../stages/wecom/local-robot.ts";
import { startCable } from "../support/cable.ts";
import { startPostgres, urlOf } from "../support/postgres-server.ts";
import { scaledClock } from "../support/scaled-clock.ts";
import { eventually } from "../support/stack.ts";
import { statusOf } from "./alertmanager/seen.ts";
import { alertsRead, assertLaws, startLab, untilCrowded, untilDelivered, without } from "./delivery/lab.ts";
import { crowd, crowded, partIds, partsOfCrowd, startLoad } from "./delivery/load.ts";

const factor = 4;
const originAt = Date.now();
const key = "00000000-5ec2-4e77-9999-000000000000";
const withinMs = 30_000;

interface Replica {
  readonly port: number;
  readonly process: ChildProcess;
  stderr(): string;
}

it("a replica paused while it connects, until another has sent its message, does not send it again", async (t) => {
  const clock = scaledClock(factor, originAt);
  const simulator = await startSimulator({ robots: [{ name: "ops", key }], now: () => clock.now() });
  t.after(() => simulator.close());
  const postgres = await startPostgres();
  t.after(() => postgres.stop());
  const place = await postgres.createPlace();
  const storage = urlOf(place);
  const proxy = await connectProxy(t);
  const cables = await Promise.all([startCable(proxy.port), startCable(proxy.port)]);
  t.after(() => cables.map((cable) => cable.close()));
  const start = (n: number) =>
    startReplica(t, configText({ storage, robot: simulator.origin, proxy: cables[n]?.port }));
  const [paused, other] = await Promise.all([start(0), start(1)]);

  cables[0]?.cut();
  const body = JSON.stringify({ alerts: [{ status: "firing", labels: { alertname: "Disk" } }] });
  const answer = await fetch(`http://127.0.0.1:${paused.port}/webhook`, { method: "POST", body });
  await eventually("it connects", () => (cables[0]?.held() ?? 0) > 0, withinMs);
  paused.process.kill("SIGSTOP");
  await eventually("the other has sent it", () => simulator.accepted().length === 1, withinMs);
  cables[0]?.repair();
  paused.process.kill("SIGCONT");
  const withheld = `select from ${place.user}.attempts where outcome = 'connectionError'`;
  const continues = async () => (await postgres.query(withheld)).length > 0 || simulator.accepted().length > 1;
  await eventually("the paused one continues", continues, withinMs);

  const marked = simulator.accepted().map(({ body: message }) => /可能重复/u.test(JSON.stringify(message)));
  assert.equal(answer.status, 200);
  assert.deepEqual(marked, [true]);
  assert.deepEqual(simulator.violations(), []);
  assert.doesNotMatch(paused.stderr() + other.stderr(), new RegExp(key, "u"));
});

it("replicas paused in turn under load: another takes over, nothing is lost, no key has two requests in flight", async (t) => {
  const bots = ["east", "west", "north"];
  const lab = await startLab(t, { engine: "PostgreSQL", robots: [...bots, crowded] });
  const { simulator } = lab;
  // So that each pause finds requests in flight, and their answers arrive during it.
  simulator.script(null, [{ kind: "latency", ms: 300, times: 1_000 }]);
  const first = await lab.start();
  let origins = [first.origin];
  const load = startLoad(t, { bots, origins: () => origins, everyMs: 100 });
  await crowd(() => first.origin, 1);
  const allSendSince = (before: number) => {
    const senders = new Set(
      simulator
        .arrivals()
        .slice(before)
        .map(({ robot }) => robot),
    );
    return bots.every((bot) => senders.has(bot));
  };
  await eventually("the first one sends for all bots", () => allSendSince(0), withinMs);
  const crowdRead = () => without(partIds(1, partsOfCrowd), alertsRead(lab)).length === 0;
  await eventually("the first one has sent a part of the crowded bot's window", crowdRead, withinMs);
  const second = await lab.start();
  origins = [first.origin, second.origin];

  for (const [paused, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const before = simulator.arrivals().length;
    await eventually("a request is in flight", () => simulator.arrivals().length > before, withinMs);
    process.kill(paused.child.pid, "SIGSTOP");
    const pausedAt = simulator.arrivals().length;
    if (paused === first) await crowd(() => other.origin, 2);
    await eventually("the other one sends for all bots", () => allSendSince(pausedAt), withinMs);
    // It has no more slots than the paused one left.
    await untilCrowded(lab, [other]);
    process.kill(paused.child.pid, "SIGCONT");
    await eventually("it is ready", async () => (await statusOf(`${paused.origin}/-/ready`)) === 200, withinMs);
  }
  await untilDelivered(lab, await load.stop());

  const seen = assertLaws(lab);
  t.diagnostic(`${load.acknowledged.size} webhooks, ${JSON.stringify(seen)}`);
  assert.equal(seen.mostInFlight, 1);
});

async function startReplica(t: TestContext, config: string): Promise<Replica> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-paused-"));
  const file = join(folder, "config.yaml");
  writeFileSync(file, config);
  const args = [join(import.meta.dirname, "scaled-service.ts"), file, "0", String(factor), String(originAt)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    child.once("exit", (code) => reject(new Error(`the service ended with ${code}: ${stderr}`)));
  });
  return { port: Number(/\d+/u.exec(line)?.[0]), process: child, stderr: () => stderr };
}

interface Places {
  readonly storage: string;
  readonly robot: string;
  readonly proxy: number | undefined;
}

/** The time-out is longer than the pause, so only the lease can stop the request. */
function configText({ storage, robot, proxy }: Places): string {
  return [
    `storage: "${storage}"`,
    `wecom: { base_url: "${robot}", proxy_url: "http://127.0.0.1:${proxy}", timeout: 60s }`,
    `bots: { ops: { key: ${key} } }`,
    "route: { bot: ops }",
  ].join("\n");
}
