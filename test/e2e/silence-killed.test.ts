// kill -9 while the phone page sets a silence: Alertmanager has it, and no message says so. The group gets one after the next start.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { type Child, freePort, startServer } from "../support/child.ts";
import { type LocalAlertmanager, startLocalAlertmanager } from "../support/local-alertmanager.ts";
import { scaledClock } from "../support/scaled-clock.ts";
import { eventually } from "../support/stack.ts";

/** A minute passes in half a second. */
const factor = 120;
const originAt = Date.now();
const clock = scaledClock(factor, originAt);
const key = "00000000-5ec2-4e77-9999-000000000000";
const queue = { alertname: "队列积压", queue: "orders" };
const folder = mkdtempSync(join(tmpdir(), "silence-killed-"));

let simulator: Simulator;
let alertmanager: LocalAlertmanager;
let port = 0;
let child: Child;

before(async () => {
  simulator = await startSimulator({ robots: [{ name: "ops", key }], now: () => clock.now() });
  alertmanager = await startLocalAlertmanager(() => clock.now());
  port = await freePort();
  writeFileSync(
    join(folder, "config.yaml"),
    `storage: "sqlite:${join(folder, "outbox.db")}"
wecom: { base_url: "${simulator.origin}" }
bots: { ops: { key: ${key} } }
route: { bot: ops }
external_url: https://alerts.example.cn
links: { secret: "a secret of links that nobody guesses", valid: 30d }
people: { 张三: { userid: zhangsan } }
alertmanagers: { prod: { external_urls: ["http://am:9093"], urls: ["${alertmanager.origin}"] } }
silence: { durations: [3d], max: 3d }
`,
  );
  child = await startService();
});
after(async () => {
  await child?.stop("SIGKILL");
  alertmanager?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true, force: true });
});

function startService(): Promise<Child> {
  const args = [
    join(import.meta.dirname, "scaled-service.ts"),
    ...[join(folder, "config.yaml"), String(port), String(factor), String(originAt)],
  ];
  return startServer({ command: process.execPath, args }, `http://127.0.0.1:${port}/-/ready`);
}

function texts(): readonly string[] {
  return simulator.accepted().map(({ body }) => JSON.stringify(body));
}

it("a silence that was set and not announced is announced after the next start, once, and then watched", async () => {
  const origin = `http://127.0.0.1:${port}`;
  const alert = { status: "firing", labels: queue, annotations: {}, startsAt: new Date(originAt).toISOString() };
  const group = { version: "4", groupKey: "{}:{}", receiver: "wecom", externalURL: "http://am:9093", status: "firing" };
  alertmanager.alerts = [queue];
  await fetch(`${origin}/webhook`, { method: "POST", body: JSON.stringify({ ...group, alerts: [alert] }) });
  await eventually("the alert is delivered", () => texts().length === 1);
  const path = /alerts\.example\.cn(\/a\/[\w-]+)/u.exec(texts()[0] ?? "")?.[1] ?? assert.fail("no link");

  // The questions before it are answered; then it does what it is asked, and the answer never comes.
  const form = new URLSearchParams({ act: String(3 * 86_400_000), scope: "alert", who: "张三" });
  alertmanager.beforeSilence = () => {
    alertmanager.answer = "silent";
  };
  const asking = fetch(origin + path, { method: "POST", body: form, redirect: "manual" }).catch(() => null);
  await eventually("Alertmanager has the silence", () => alertmanager.silences.length === 1);
  await child.stop("SIGKILL");
  await asking;
  alertmanager.answer = "normal";
  const before = texts().length;

  child = await startService();
  await eventually("the group gets a message", () =>
    texts().some((text) => text.includes("张三（自称） 已静默 队列积压")),
  );
  alertmanager.alerts = [];
  await eventually("the recovery is announced", () => texts().some((text) => text.includes("静默期间已恢复")));

  assert.equal(before, 1, "nothing was announced before");
  assert.equal(alertmanager.silences.length, 1);
  assert.equal(texts().filter((text) => text.includes("已静默")).length, 1);
});
