// Two replicas as separate processes on one PostgreSQL server get webhooks as from two Alertmanager peers, while one is killed, one is
// paused for longer than a lease, and the server is restarted. The clocks run ten times as fast: a lease lasts one second.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { deliveredTexts, repeatMark, sameAlertsAgain } from "../support/delivered.ts";
import { startPostgres, type TestPostgres, urlOf } from "../support/postgres-server.ts";
import { postUntilTaken, webhookOf } from "../support/posting.ts";
import { scaledClock } from "../support/scaled-clock.ts";
import { eventually } from "../support/stack.ts";

const factor = 10;
const originAt = Date.now();
const clock = scaledClock(factor, originAt);
const bots = ["east", "west", "north"] as const;
const keys = bots.map((_, n) => `0000000${n}-5ec2-4e77-9999-000000000000`);
const webhooks = 150;
const withinMs = 90_000;

interface Replica {
  readonly port: number;
  readonly process: ChildProcess;
}

describe("two replicas", () => {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-replicas-"));
  const configFile = join(folder, "config.yaml");
  let postgres: TestPostgres;
  let simulator: Simulator;
  let replicas: Replica[] = [];
  let schema = "";
  let stderr = "";
  /** Webhooks accepted by each replica, and tries that failed. */
  const accepted = [0, 0];
  let refused = 0;

  before(async () => {
    const robots = bots.map((name, n) => ({ name, key: keys[n] ?? "" }));
    [postgres, simulator] = await Promise.all([startPostgres(), startSimulator({ robots, now: () => clock.now() })]);
    const place = await postgres.createPlace();
    schema = place.user;
    writeFileSync(configFile, configText(urlOf(place), simulator.origin));
    replicas = await Promise.all([startReplica(), startReplica()]);
  });

  after(async () => {
    for (const { process: child } of replicas) child.kill("SIGKILL");
    await simulator?.close();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("deliver every alert, copies of peers once, and keep the window, through a kill, a pause and a restart", async () => {
    const ids = Array.from({ length: webhooks }, (_, n) => `w${n}x`);
    const posting = Promise.all([postAll(ids, 0), postAll(ids, 1)]);
    await eventually("both replicas accept", () => accepted.every((count) => count >= webhooks / 5), withinMs);
    replicas[0]?.process.kill("SIGKILL");
    const acceptedAtKill = accepted[1] ?? 0;
    await eventually("the other one accepts alone", () => (accepted[1] ?? 0) > acceptedAtKill, withinMs);
    replicas[0] = await startReplica();
    replicas[1]?.process.kill("SIGSTOP");
    await eventually("the running one holds all lanes", () => holdsAllLanes(replicas[0]), withinMs);
    replicas[1]?.process.kill("SIGCONT");
    await postgres.down();
    const refusedBefore = refused;
    await eventually("webhooks are refused", () => refused >= refusedBefore + 2, withinMs);
    await postgres.up();
    await posting;
    const texts = () => deliveredTexts(simulator);
    await eventually(
      "every alert is delivered",
      () => ids.every((id) => texts().some((text) => text.includes(id))),
      withinMs,
    );

    const repeats = sameAlertsAgain(texts(), /w\d+x/gu);
    console.log(
      `webhooks ${webhooks} to each of 2 replicas, messages ${texts().length}, repeated ${repeats.length}, ` +
        `largest window ${simulator.largestWindow()}`,
    );
    assert.ok(repeats.length <= 3 * keys.length, `${repeats.length} repeats`);
    for (const repeat of repeats) assert.match(repeat, repeatMark);
    assert.ok(simulator.largestWindow() <= 20, `${simulator.largestWindow()}`);
    assert.deepEqual(simulator.violations(), []);
    assert.doesNotMatch(stderr, new RegExp([...keys, "loopback-only"].join("|"), "u"));
  });

  async function startReplica(): Promise<Replica> {
    const script = join(import.meta.dirname, "scaled-service.ts");
    const args = [script, configFile, "0", String(factor), String(originAt)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
      child.once("exit", (code) => reject(new Error(`the service ended with ${code}: ${stderr.slice(-2_000)}`)));
    });
    child.removeAllListeners("exit");
    return { port: Number(/\d+/u.exec(line)?.[0]), process: child };
  }

  /** One peer, which posts each alert to its own replica until the answer is 200. */
  async function postAll(ids: readonly string[], peer: number): Promise<void> {
    for (const id of ids) {
      const url = () => `http://127.0.0.1:${replicas[peer]?.port}/webhook`;
      await postUntilTaken(url, webhook(id), () => {
        refused += 1;
      });
      accepted[peer] = (accepted[peer] ?? 0) + 1;
      await delay(20);
    }
  }

  async function holdsAllLanes(replica: Replica | undefined): Promise<boolean> {
    const lanes = await postgres.query(`select owner from ${schema}.lanes`);
    return lanes.length === bots.length && lanes.every(({ owner }) => owner === `child-${replica?.process.pid}`);
  }
});

/** Every alert differs; each bot has four groups. */
function webhook(id: string): string {
  const number = Number(/\d+/u.exec(id)?.[0]);
  const labels = { alertname: "ReplicaTest", group: String(number % 12), side: bots[number % 3], instance: id };
  return webhookOf([{ labels }], { alertname: "ReplicaTest", group: labels.group }, originAt);
}

function configText(url: string, origin: string): string {
  return [
    `storage: "${url}"`,
    `wecom: { base_url: "${origin}" }`,
    "webhook: { dedup_window: 12h }",
    "outbox: { retention: 7d }",
    "max_age: 24h",
    `bots: { ${bots.map((name, n) => `${name}: { key: ${keys[n]} }`).join(", ")} }`,
    'route: { bot: east, routes: [ { matchers: [side="west"], bot: west }, { matchers: [side="north"], bot: north } ] }',
  ].join("\n");
}
