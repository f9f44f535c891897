// A storm from a real Alertmanager on the real clock: three hundred alerts in sixty groups at once, then again with a robot that
// answers "busy" while all of them recover. Prints what the group received.

import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { type Child, freePort, startServer } from "../support/child.ts";
import { eventually } from "../support/stack.ts";
import { type Alertmanager, startAlertmanager } from "./alertmanager/alertmanager.ts";
import { findTools } from "./alertmanager/tools.ts";

const groups = 60;
const alertsPerGroup = 5;
/** The machine may be busy; a window and the pause of a failing key take at most about a minute each. */
const withinMs = 180_000;

const seen: string[] = [];
after(() => console.log(["", "seen:", ...seen.map((line) => `  ${line}`), ""].join("\n")));

describe("a storm of 300 alerts in 60 groups", () => {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-storm-"));
  const key = randomUUID();
  let simulator: Simulator;
  let alertmanager: Alertmanager;
  let service: Child;

  before(async () => {
    simulator = await startSimulator({ robots: [{ name: "ops", key }] });
    const address = `127.0.0.1:${await freePort()}`;
    const configFile = join(folder, "config.yaml");
    writeFileSync(configFile, configText({ folder, key, robot: simulator.origin }));
    const main = join(import.meta.dirname, "../../src/main.ts");
    const args = [main, "serve", `--config.file=${configFile}`, `--web.listen-address=${address}`];
    service = await startServer({ command: process.execPath, args }, `http://${address}/-/ready`);
    const command = findTools().alertmanager;
    alertmanager = await startAlertmanager({ command, folder, config: alertmanagerConfig(address), peers: null });
  });

  after(async () => {
    await alertmanager?.stop();
    await service?.stop("SIGKILL");
    await simulator?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is delivered in full while there are many slots, then as a digest and a file, within one window", async () => {
    const names = instancesOf("first");
    const [rack] = names.map(rackOf);
    const alone = names.filter((name) => rackOf(name) === rack);
    const startedAt = Date.now();

    // Only the first group has all the slots. How many of the others are planned together depends on the machine.
    await post(alertmanager, alone, { resolved: false });
    await eventually(
      "the first group is delivered",
      () => countIn(deliveries(simulator), alone) === alone.length,
      withinMs,
    );
    await post(alertmanager, names, { resolved: false });
    await eventually(
      "every alert is delivered",
      () => countIn(deliveries(simulator), names) === names.length,
      withinMs,
    );

    const delivered = deliveries(simulator);
    const page = await (await fetch(simulator.pageUrl)).text();
    const kinds = delivered.map(({ kind }) => kind);
    assert.ok(delivered.length <= 20, `${delivered.length} messages`);
    assert.equal(kinds[0], "full");
    assert.deepEqual([...new Set(kinds)].sort(), ["digest", "file", "full"]);
    assert.match(page, /告警汇总/u);
    assert.match(page, /alerts-ops-[\d-]+\.csv/u);
    assert.equal(new Set(delivered.flatMap(({ states }) => [...states.values()])).has("resolved"), false);
    seen.push(
      `firing     ${names.length} alerts in ${groups} groups: ${summary(kinds)}, the last after ${since(startedAt)}`,
    );
  });

  it("all recover while a busy robot delays them: each is delivered as recovered, and none stays firing", async () => {
    const names = instancesOf("second");
    const pilot = [nameOf("pilot", 0)];
    const before = deliveries(simulator).length;
    // Three quick tries fail, then the key is tried after about 1, 2, 4 and 8 seconds.
    simulator.script("ops", [{ kind: "errcode", errcode: -1, times: 7 }]);
    const startedAt = Date.now();

    // One is sent first and finds the robot busy, so all others stay queued.
    await post(alertmanager, pilot, { resolved: false });
    await eventually("it is refused", () => simulator.arrivals().some(({ errcode }) => errcode === -1), withinMs);
    await post(alertmanager, names, { resolved: false });
    await post(alertmanager, [...pilot, ...names, ...instancesOf("first")], { resolved: true });
    const all = [...instancesOf("first"), ...pilot, ...names];
    const recovered = () => all.filter((name) => lastStates(deliveries(simulator)).get(name) === "resolved");
    await eventually("every alert is delivered as recovered", () => recovered().length === all.length, withinMs);

    const delivered = deliveries(simulator).slice(before);
    const firing = delivered.flatMap(({ states }) => [...states].filter(([, state]) => state === "firing"));
    assert.ok(delivered.length <= 40, `${delivered.length} messages`);
    assert.deepEqual(
      firing.map(([name]) => name),
      pilot,
      "delivered as firing although they had recovered",
    );
    assert.ok(delivered.some(({ text }) => text.includes("消息等待发送期间已恢复")));
    seen.push(`recovering ${all.length} alerts while the robot is busy: ${summary(delivered.map(({ kind }) => kind))}`);
    seen.push(`           ${firing.length} of them delivered as firing first, the last after ${since(startedAt)}`);
  });

  it("breaks no rule of WeCom, logs no error and shows no key", () => {
    assert.deepEqual(simulator.violations(), []);
    assert.ok(simulator.largestWindow() <= 20);
    const output = service.stdout() + service.stderr();
    assert.doesNotMatch(output, /level=error/u);
    assert.ok(!output.includes(key));
    seen.push(`in total   at most ${simulator.largestWindow()} requests in 60 s, 0 violations`);
  });
});

type State = "firing" | "resolved";

interface Delivery {
  readonly kind: "full" | "digest" | "file";
  readonly text: string;
  /** By instance, in the order delivered. */
  readonly states: ReadonlyMap<string, State>;
}

const recoveredWord = "已恢复";
const instance = /(?:first|pilot|second)-\d+-\d+\.example\.[\da-f]{40}/gu;

function deliveries(simulator: Simulator): readonly Delivery[] {
  const files = new Map(simulator.files().map(({ mediaId, text }) => [mediaId, text ?? ""]));
  return simulator.accepted().map(({ body }) => {
    const { markdown, file } = body as {
      readonly markdown?: { readonly content: string };
      readonly file?: { readonly media_id: string };
    };
    const text = markdown?.content ?? files.get(file?.media_id ?? "") ?? "";
    const kind = file !== undefined ? "file" : text.includes("告警汇总") ? "digest" : "full";
    return { kind, text, states: statesIn(text, kind) };
  });
}

/** A full message has one group in one state; a digest lists firing alerts before recovered ones; a file has a state in each row. */
function statesIn(text: string, kind: Delivery["kind"]): ReadonlyMap<string, State> {
  const states = new Map<string, State>();
  let section: State = "firing";
  for (const [i, line] of text.split("\n").entries()) {
    if (kind === "full" && i === 0 && line.includes(recoveredWord)) section = "resolved";
    if (kind === "digest" && line.startsWith(`✅ ${recoveredWord}`)) section = "resolved";
    if (kind === "file") section = line.startsWith(`"${recoveredWord}`) ? "resolved" : "firing";
    for (const [name] of line.matchAll(instance)) states.set(name, section);
  }
  return states;
}

function lastStates(delivered: readonly Delivery[]): ReadonlyMap<string, State> {
  return new Map(delivered.flatMap(({ states }) => [...states]));
}

function countIn(delivered: readonly Delivery[], names: readonly string[]): number {
  const states = lastStates(delivered);
  return names.filter((name) => states.has(name)).length;
}

function instancesOf(storm: string): readonly string[] {
  return Array.from({ length: groups * alertsPerGroup }, (_, i) => nameOf(storm, i));
}

/** So long, and without an ending that all share, that a digest of all of them needs a file. */
function nameOf(storm: string, i: number): string {
  const name = `${storm}-${i % groups}-${i}.example`;
  return `${name}.${createHash("sha1").update(name).digest("hex")}`;
}

/** `first-7` of `first-7-67.example`; Alertmanager groups by rack. */
function rackOf(name: string): string {
  return name.slice(0, name.lastIndexOf("-"));
}

async function post(
  { origin }: Alertmanager,
  names: readonly string[],
  { resolved }: { readonly resolved: boolean },
): Promise<void> {
  const alerts = names.map((name) => ({
    labels: { alertname: "节点失联", severity: "warning", rack: rackOf(name), instance: name },
    annotations: { summary: `${name} 没有心跳` },
    ...(resolved ? { endsAt: new Date().toISOString() } : {}),
  }));
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${origin}/api/v2/alerts`, { method: "POST", headers, body: JSON.stringify(alerts) });
  assert.equal(answer.status, 200, await answer.text());
}

function summary(kinds: readonly Delivery["kind"][]): string {
  const counts = (["full", "digest", "file"] as const).map((kind) => [
    kind,
    kinds.filter((one) => one === kind).length,
  ]);
  return `${kinds.length} messages (${counts.map(([kind, count]) => `${count} ${kind}`).join(", ")})`;
}

function since(startedAt: number): string {
  return `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;
}

interface ConfigParts {
  readonly folder: string;
  readonly key: string;
  readonly robot: string;
}

function configText({ folder, key, robot }: ConfigParts): string {
  return `
storage: sqlite:${folder}/outbox.db
wecom: { base_url: "${robot}" }
webhook: { dedup_window: 2s }
digest: { max_messages: 2 }
bots: { ops: { key: ${key} } }
route: { bot: ops }
`;
}

function alertmanagerConfig(service: string): string {
  return `
route: { receiver: wecom, group_by: [alertname, rack], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: wecom
    webhook_configs: [ { url: "http://${service}/webhook" } ]
`;
}
