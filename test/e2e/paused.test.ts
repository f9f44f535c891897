// A replica is paused for longer than its lease while it connects to WeCom, on a real PostgreSQL server. When it continues, it does not
// send what its successor has sent meanwhile. The clocks run four times as fast: a lease lasts 2.5 seconds.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { connectProxy } from "../stages/wecom/local-robot.ts";
import { startCable } from "../support/cable.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { scaledClock } from "../support/scaled-clock.ts";
import { eventually } from "../support/stack.ts";

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
  const { user, password, port, database } = await postgres.createPlace();
  const storage = `postgres://${user}:${password?.reveal()}@127.0.0.1:${port}/${database}`;
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
  const withheld = `select from ${user}.attempts where outcome = 'connectionError'`;
  const continues = async () => (await postgres.query(withheld)).length > 0 || simulator.accepted().length > 1;
  await eventually("the paused one continues", continues, withinMs);

  const marked = simulator.accepted().map(({ body: message }) => /可能重复/u.test(JSON.stringify(message)));
  assert.equal(answer.status, 200);
  assert.deepEqual(marked, [true]);
  assert.deepEqual(simulator.violations(), []);
  assert.doesNotMatch(paused.stderr() + other.stderr(), new RegExp(key, "u"));
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
