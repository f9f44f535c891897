// From a rule to its graph in the group chat: a real Prometheus, a real Alertmanager, the service as a separate process, and a strict
// robot. Prints what it measured.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { type Child, freePort, startServer } from "../support/child.ts";
import { eventually } from "../support/stack.ts";
import { type Alertmanager, startAlertmanager } from "./alertmanager/alertmanager.ts";
import { type Prometheus, startPrometheus } from "./alertmanager/prometheus.ts";
import { type Samples, startSamples } from "./alertmanager/samples.ts";
import { findTools } from "./alertmanager/tools.ts";

const withinMs = 90_000;
/** Half of the window of a robot is left to text: the restart has a robot of its own. */
const keys = { ops: randomUUID(), restarts: randomUUID() };

const rules = `
groups:
  - name: e2e
    rules:
      - alert: 磁盘将满
        expr: disk_used_ratio > 0.9
        labels: { severity: critical }
        annotations: { summary: "{{ $labels.path }} 将满" }
`;

const seen: string[] = [];
after(() => console.log(["", "seen:", ...seen.map((line) => `  ${line}`), ""].join("\n")));

interface Shown {
  readonly at: number;
  readonly text: string;
  /** Null for a text. */
  readonly png: Buffer | null;
}

function shownBy(simulator: Simulator): readonly Shown[] {
  type Body = { readonly markdown?: { readonly content: string }; readonly image?: { readonly base64: string } };
  return simulator.accepted().map(({ at, body }) => {
    const { markdown, image } = body as Body;
    return { at, text: markdown?.content ?? "", png: image === undefined ? null : Buffer.from(image.base64, "base64") };
  });
}

/** A server that takes requests and never answers. */
async function startSilence() {
  let asked = 0;
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    asked += 1;
    sockets.push(socket.on("error", () => undefined));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { close, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

describe("a graph in the group chat", () => {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-graph-"));
  const configFile = join(folder, "config.yaml");
  let address: string;
  let simulator: Simulator;
  let samples: Samples;
  let alertmanager: Alertmanager;
  let prometheus: Prometheus;
  let service: Child;

  async function startWith(datasourceURL: string): Promise<void> {
    const datasource = `{ generator_urls: ["${prometheus.origin}"], url: "${datasourceURL}" }`;
    const lines = [
      `storage: "sqlite:${join(folder, "outbox.db")}"`,
      `wecom: { base_url: "${simulator.origin}" }`,
      "timezone: Asia/Shanghai",
      `datasources: { prod: ${datasource} }`,
      `bots: { ops: { key: ${keys.ops} }, restarts: { key: ${keys.restarts} } }`,
      'route: { bot: ops, routes: [ { matchers: [path=~"/restart.*"], bot: restarts } ] }',
    ];
    writeFileSync(configFile, `${lines.join("\n")}\n`);
    const main = join(import.meta.dirname, "../../src/main.ts");
    const args = [main, "serve", `--config.file=${configFile}`, `--web.listen-address=${address}`];
    service = await startServer({ command: process.execPath, args }, `http://${address}/-/ready`);
  }

  async function resultOf(kind: string): Promise<string> {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    const rows = text.matchAll(/_optional_parts_total\{kind="(\w+)",result="(\w+)"\} ([1-9]\d*)/gu);
    return [...rows].flatMap(([, of, result, count]) => (of === kind ? [`${result} ${count}`] : [])).join(", ");
  }

  const latencyOf = (): string => /latency_ms=(\d+)/u.exec(service.stderr() + service.stdout())?.[1] ?? "?";

  before(async () => {
    const tools = findTools();
    address = `127.0.0.1:${await freePort()}`;
    simulator = await startSimulator({ robots: Object.entries(keys).map(([name, key]) => ({ name, key })) });
    samples = await startSamples();
    samples.set('disk_used_ratio{path="/data"}', 0.5);
    alertmanager = await startAlertmanager({
      command: tools.alertmanager,
      folder,
      peers: null,
      config: `
route: { receiver: wecom, group_by: [path], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers: [ { name: wecom, webhook_configs: [ { url: "http://${address}/webhook" } ] } ]
`,
    });
    const config = `
global: { scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["${new URL(alertmanager.origin).host}"] }] }] }
scrape_configs: [{ job_name: samples, static_configs: [{ targets: ["${samples.address}"] }] }]
`;
    prometheus = await startPrometheus({ command: tools.prometheus, folder, config, rules, alertmanagers: 1 });
    await startWith(prometheus.origin);
  });

  after(async () => {
    await service?.stop("SIGKILL");
    await prometheus?.stop();
    await alertmanager?.stop();
    samples?.close();
    await simulator?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = () => shownBy(simulator);
  const pairs = (count: number) =>
    eventually(`${count} texts, each with its graph`, () => shown().length === 2 * count, withinMs);

  function assertGraphAfterText([text, graph]: readonly Shown[], step: string): void {
    assert.equal(text?.png, null);
    const png = graph?.png;
    assert.ok(png !== null && png !== undefined, "the second message is the graph");
    assert.deepEqual([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)], ["PNG", 1068, 640]);
    assert.ok(png.length < 100_000, `${png.length} bytes`);
    if (process.env.KEEP_GRAPHS) writeFileSync(join(process.env.KEEP_GRAPHS, `${step}.png`), png);
    const afterMs = (graph?.at ?? 0) - (text?.at ?? 0);
    seen.push(`${step.padEnd(12)} graph ${afterMs} ms after its text, ${png.length} bytes`);
  }

  it("follows the text of an alert that fires", async () => {
    samples.set('disk_used_ratio{path="/data"}', 0.95);
    await pairs(1);

    assertGraphAfterText(shown(), "firing");
    assert.match(shown()[0]?.text ?? "", /🔴.*磁盘将满/su);
    assert.equal(await resultOf("graph"), "sent 1");
    seen.push(`             text ${latencyOf()} ms after its webhook`);
  });

  it("follows the text of its recovery, which says the value", async () => {
    samples.set('disk_used_ratio{path="/data"}', 0.65);
    await pairs(2);

    assertGraphAfterText(shown().slice(2), "resolved");
    assert.match(shown()[2]?.text ?? "", /恢复值 65%（阈值 > 90%/u);
  });

  it("says of an alert whose series ended that there is no data, and claims no value", async () => {
    samples.set('disk_used_ratio{path="/old"}', 0.97);
    await pairs(3);
    samples.remove('disk_used_ratio{path="/old"}');
    await pairs(4);

    assertGraphAfterText(shown().slice(6), "series ended");
    assert.match(shown()[6]?.text ?? "", /序列已消失/u);
    assert.doesNotMatch(shown()[6]?.text ?? "", /恢复值/u);
  });

  it("is not sent after kill -9 between the two, and the text is not sent again", async (t) => {
    const silence = await startSilence();
    t.after(silence.close);
    await service.stop("SIGTERM");
    await startWith(silence.url);
    samples.set('disk_used_ratio{path="/restart"}', 0.99);
    await eventually("its text is sent, and the datasource is asked", () => silence.asked() > 0, withinMs);
    const before = shown().length;

    await service.stop("SIGKILL");
    await startWith(prometheus.origin);
    samples.set('disk_used_ratio{path="/restarted"}', 0.99);
    await eventually("a later alert and its graph are sent", () => shown().length === before + 2, withinMs);

    assert.equal(shown().filter(({ text }) => text.includes("path=/restart\n")).length, 1);
    assert.match(shown()[before]?.text ?? "", /\/restarted/u);
    assert.ok(shown()[before + 1]?.png);
    assert.equal(await resultOf("graph"), "sent 1");
  });

  it("breaks no rule of WeCom, and shows no key", () => {
    assert.deepEqual(simulator.violations(), []);
    for (const key of Object.values(keys)) assert.ok(!(service.stdout() + service.stderr()).includes(key));
  });
});
