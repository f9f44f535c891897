// A real Alertmanager says nothing when a silenced alert recovers, and nothing when a silence ends: the service does. Alerts are posted
// to Alertmanager as Prometheus posts them; the clock of the service is advanced.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";
import { type Alertmanager, startAlertmanager } from "./alertmanager/alertmanager.ts";
import { findTools } from "./alertmanager/tools.ts";

type Labels = Readonly<Record<string, string>>;

const hourMs = 3_600_000;

/** Starts with the real time: the silences are in force where they are made. */
const clock = new ManualClock(Date.now());
const config = `
route: { bot: ops }
external_url: https://alerts.example.cn
links: { secret: "a secret of links that nobody guesses" }
people: { 张三: { userid: zhangsan } }
`;

let folder: string;
let stack: Stack;
let alertmanager: Alertmanager;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "silences-"));
  stack = await startStack({ clock, config });
  alertmanager = await startAlertmanager({
    command: findTools().alertmanager,
    folder,
    peers: null,
    config: `
route: { receiver: wecom, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 4h }
receivers: [ { name: wecom, webhook_configs: [ { url: "${stack.origin}/webhook" } ] } ]
`,
  });
  const { origin } = alertmanager;
  assert.equal(
    await stack.reload({
      config: `${config}alertmanagers: { lab: { external_urls: ["${origin}"], urls: ["${origin}"] } }\n`,
    }),
    0,
  );
});
after(async () => {
  await alertmanager?.stop();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function api<T>(path: string, method = "GET", body: unknown = undefined): Promise<T> {
  const init = { method, headers: { "Content-Type": "application/json" } };
  const answer = await fetch(`${alertmanager.origin}/api/v2${path}`, {
    ...init,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return (text === "" ? null : JSON.parse(text)) as T;
}

const startsAt = new Date(Date.now() - 60_000).toISOString();

function send(labels: Labels, endsAt: number): Promise<unknown> {
  return api("/alerts", "POST", [{ labels, startsAt, endsAt: new Date(endsAt).toISOString() }]);
}

function texts(): readonly string[] {
  return stack.simulator.accepted().map(({ body }) => JSON.stringify(body));
}

/** Time passes until the group has a message with both. */
async function announced(name: string, what: string): Promise<void> {
  await eventually(`${name}: ${what}`, async () => {
    if (texts().some((text) => text.includes(name) && text.includes(what))) return true;
    await clock.advance(10_000);
    return false;
  });
}

/** The alert fires, and the group has its message. Returns the address of its page. */
async function fire(labels: Labels): Promise<string> {
  const { alertname = "" } = labels;
  await send(labels, Date.now() + hourMs);
  await eventually("the alert is delivered", () => texts().some((text) => text.includes(alertname)));
  const text = texts().find((one) => one.includes(alertname)) ?? "";
  return /alerts\.example\.cn(\/a\/[\w-]+)/u.exec(text)?.[1] ?? assert.fail(`no link in ${text}`);
}

async function silence(path: string, act: string): Promise<void> {
  const body = new URLSearchParams({ act, scope: "alert", who: "张三" });
  const { status } = await fetch(stack.origin + path, { method: "POST", body, redirect: "manual" });
  assert.equal(status, 303);
}

interface Silence {
  readonly id: string;
  readonly status: { readonly state: string };
  readonly matchers: readonly { readonly name: string; readonly value: string; readonly isRegex: boolean }[];
}

async function silenceOf(alertname: string): Promise<Silence> {
  const all = await api<readonly Silence[]>("/silences");
  return all.find(({ matchers }) => matchers.some(({ value }) => value === alertname)) ?? assert.fail(alertname);
}

describe("a silence in a real Alertmanager", () => {
  it("until it recovers: the recovery is announced, and the silence is removed", async () => {
    const labels = { alertname: "队列积压", queue: "orders", severity: "critical" };
    const path = await fire(labels);
    await silence(path, "recovered");
    await announced("队列积压", "张三（自称） 已静默");
    const { matchers, status } = await silenceOf("队列积压");
    const isSilenced = async () => (await api<readonly object[]>("/alerts?active=false&silenced=true")).length === 1;
    await eventually("Alertmanager silences it", isSilenced);

    await send(labels, Date.now() - 1_000);
    await announced("队列积压", "静默期间已恢复，静默已解除");

    assert.equal(status.state, "active");
    assert.deepEqual(Object.fromEntries(matchers.map(({ name, value }) => [name, value])), labels);
    assert.ok(matchers.every(({ isRegex }) => !isRegex));
    assert.equal((await silenceOf("队列积压")).status.state, "expired");
    assert.equal(texts().filter((text) => text.includes("已恢复")).length, 1);
  });

  it("that ends while the alert fires: that is announced at once", async () => {
    const path = await fire({ alertname: "磁盘将满", instance: "db-1", severity: "warning" });
    await silence(path, String(hourMs));
    await announced("磁盘将满", "已静默");
    const { id } = await silenceOf("磁盘将满");

    await api(`/silence/${id}`, "DELETE");
    await announced("磁盘将满", "静默已结束，仍在告警");

    assert.equal(texts().filter((text) => text.includes("静默已结束")).length, 1);
  });
});
