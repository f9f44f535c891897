// Kills the service with SIGKILL at random instants while webhooks arrive, many times on one outbox, then checks what the robot
// received. CRASH_ROUNDS sets how often (default 50). The clocks of service and robot run 300 times as fast.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { freePort } from "../support/child.ts";
import { deliveredTexts, repeatMark, sameAlertsAgain } from "../support/delivered.ts";
import { postUntilTaken, webhookOf } from "../support/posting.ts";
import { scaledClock } from "../support/scaled-clock.ts";
import { eventually } from "../support/stack.ts";

const rounds = Number(process.env.CRASH_ROUNDS ?? 50);
const webhooksPerRound = 200;
const concurrency = 20;
const factor = 300;
const originAt = Date.now();
const clock = scaledClock(factor, originAt);
const bots = ["east", "west"] as const;
const keys = bots.map((_, i) => `0000000${i}-5ec2-4e77-9999-000000000000`);

describe(`kill -9, ${rounds} rounds of ${webhooksPerRound} webhooks`, () => {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-crash-"));
  const acknowledged = new Set<string>();
  const killedAt: number[] = [];
  let simulator: Simulator;
  let port = 0;
  let child: ChildProcess;
  let stderr = "";

  before(async () => {
    simulator = await startSimulator({
      robots: bots.map((name, i) => ({ name, key: keys[i] ?? "" })),
      now: () => clock.now(),
    });
    port = await freePort();
    writeFileSync(join(folder, "config.yaml"), configText(simulator.origin, folder));
    child = await startChild();
  });

  after(async () => {
    child.kill("SIGKILL");
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("every acknowledged webhook is delivered; repeats are marked and at most one per key and kill; never a 21st in 60 s", async () => {
    for (let round = 0; round < rounds; round++) {
      const ids = Array.from({ length: webhooksPerRound }, (_, i) => `r${round}w${i}x`);
      const posting = postAll(ids);
      // A kill may come at any instant, also while no webhook is being posted.
      await delay(Math.random() * 900);
      child.kill("SIGKILL");
      killedAt.push(clock.now());
      child = await startChild();
      await posting;
    }
    await eventually("nothing is queued", async () => (await queued()) === 0, 300_000);

    const messages = simulator.accepted();
    const texts = deliveredTexts(simulator);
    const missing = [...acknowledged].filter((id) => !texts.some((text) => text.includes(id)));
    const repeats = sameAlertsAgain(texts, /r\d+w\d+x/gu);
    const killsTimesKeys = killedAt.length * keys.length;
    console.log(
      `kills ${killedAt.length}, webhooks acknowledged ${acknowledged.size}, messages ${messages.length}, ` +
        `lost ${missing.length}, repeated ${repeats.length} (limit ${killsTimesKeys}), ` +
        `largest window ${simulator.largestWindow()}, violations ${simulator.violations().length}`,
    );
    assert.equal(acknowledged.size, rounds * webhooksPerRound);
    assert.deepEqual(missing, []);
    assert.ok(repeats.length <= killsTimesKeys, `${repeats.length} repeats in ${killedAt.length} kills`);
    for (const repeat of repeats) assert.match(repeat, repeatMark);
    assert.ok(simulator.largestWindow() <= 20);
    assert.deepEqual(simulator.violations(), []);
    assert.doesNotMatch(stderr, new RegExp(keys.join("|"), "u"));
  });

  async function startChild(): Promise<ChildProcess> {
    const script = join(import.meta.dirname, "scaled-service.ts");
    const args = [script, join(folder, "config.yaml"), String(port), String(factor), String(originAt)];
    const started = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    started.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    await new Promise<void>((resolve, reject) => {
      started.stdout.once("data", () => resolve());
      started.once("exit", (code) => reject(new Error(`the service ended with ${code}: ${stderr.slice(-2_000)}`)));
    });
    started.removeAllListeners("exit");
    return started;
  }

  async function postAll(ids: readonly string[]): Promise<void> {
    const queue = [...ids];
    const posters = Array.from({ length: concurrency }, async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        await postUntilTaken(() => `http://127.0.0.1:${port}/webhook`, webhook(id));
        acknowledged.add(id);
      }
    });
    await Promise.all(posters);
  }

  async function queued(): Promise<number> {
    const text = await fetch(`http://127.0.0.1:${port}/metrics`).then((answer) => answer.text());
    const rows = text.split("\n").filter((row) => row.startsWith("alertmanager_wecom_outbox_notifications{"));
    return rows.reduce((sum, row) => sum + Number(row.split(" ").at(-1)), 0);
  }
});

/** Every alert differs; they belong to forty groups of two bots. */
function webhook(id: string): string {
  const number = Number(/w(\d+)x/u.exec(id)?.[1]);
  const labels = { alertname: "CrashTest", group: String(number % 40), side: bots[number % 2], instance: id };
  return webhookOf([{ labels }], { alertname: "CrashTest", group: labels.group }, originAt);
}

function configText(origin: string, folder: string): string {
  return [
    `storage: sqlite:${join(folder, "outbox.db")}`,
    `wecom: { base_url: "${origin}" }`,
    "webhook: { dedup_window: 12h }",
    "max_age: 24h",
    `bots: { ${bots.map((name, i) => `${name}: { key: ${keys[i]} }`).join(", ")} }`,
    'route: { bot: east, routes: [ { matchers: [side="west"], bot: west } ] }',
  ].join("\n");
}
