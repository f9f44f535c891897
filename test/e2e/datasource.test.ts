// Graphs and values at recovery from a real Prometheus, for the alerts that it sends: one that fires and recovers, one whose series
// ends, and a forged one.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Alert } from "../../src/domain/alert.ts";
import { alertIdentity } from "../../src/domain/instance.ts";
import { Datasource, type QueryReport } from "../../src/graph/datasource/datasource.ts";
import { createDatasourceClient } from "../../src/graph/datasource/datasource-client.ts";
import { Datasources } from "../../src/graph/datasource/datasources.ts";
import { systemClock } from "../../src/observe/clock.ts";
import { eventually } from "../support/stack.ts";
import { type Prometheus, startPrometheus } from "./alertmanager/prometheus.ts";
import { type Samples, startSamples } from "./alertmanager/samples.ts";
import { findTools } from "./alertmanager/tools.ts";

const expression = 'disk_used_ratio{env="生产"} > 0.9 and on () disk_watched == 1';

const rules = `
groups:
  - name: e2e
    rules:
      - alert: 磁盘将满
        expr: ${expression}
        labels: { severity: critical }
        annotations: { summary: "{{ $labels.path }}" }
`;

/** With what could end a string, a query or a replacement. */
const full = `/data "$1" \\ \${a} 磁盘`;
const ended = "/ended";

interface SentAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

const seriesOf = (path: string) =>
  `disk_used_ratio{env="生产",path="${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"}`;

/** Takes the alerts that Prometheus would send to an Alertmanager. */
async function startReceiver() {
  const sent: SentAlert[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "POST") sent.push(...(JSON.parse(Buffer.concat(chunks).toString("utf8")) as SentAlert[]));
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { sent, server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** As Alertmanager would pass it on. A resolved alert ended in the past. */
function alertFrom({ labels, startsAt, endsAt, generatorURL }: SentAlert): Alert {
  const isResolved = Date.parse(endsAt) <= Date.now();
  const fingerprint = JSON.stringify(labels);
  return {
    status: isResolved ? "resolved" : "firing",
    labels,
    annotations: {},
    startsAt: Date.parse(startsAt),
    endsAt: isResolved ? Date.parse(endsAt) : null,
    startsAtText: startsAt,
    endsAtText: endsAt,
    unreadTimes: [],
    timesAhead: false,
    fingerprint,
    identity: alertIdentity({ fingerprint, labels }),
    links: { generatorURL, silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null },
    values: null,
    valueString: "",
  };
}

describe("a real Prometheus", () => {
  const folder = mkdtempSync(join(tmpdir(), "datasource-e2e-"));
  const reports: QueryReport[] = [];
  let samples: Samples;
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let prometheus: Prometheus;
  let datasources: Datasources;

  before(async () => {
    samples = await startSamples();
    receiver = await startReceiver();
    samples.set("disk_watched", 1);
    for (const [path, value] of [
      [full, 0.65],
      [ended, 0.5],
      ["/var", 0.7],
    ] as const)
      samples.set(seriesOf(path), value);
    const config = `
global: { scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms, external_labels: { cluster: 上海 } }
rule_files: [rules.yml]
alerting: { alertmanagers: [{ static_configs: [{ targets: ["${receiver.address}"] }] }] }
scrape_configs: [{ job_name: samples, static_configs: [{ targets: ["${samples.address}"] }] }]
`;
    const { prometheus: command } = findTools();
    prometheus = await startPrometheus({ command, folder, config, rules, alertmanagers: 1 });
    datasources = await datasourcesOf(prometheus.origin);
  });

  after(async () => {
    await datasources.close();
    await prometheus.stop();
    receiver.server.closeAllConnections();
    receiver.server.close();
    samples.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function datasourcesOf(url: string): Promise<Datasources> {
    const clock = systemClock();
    const timeoutMs = 5_000;
    const settings = {
      ...{ name: "prod", generatorURLs: [url], url, credential: null, headers: new Map(), ca: null },
      expressions: "rules",
    } as const;
    const client = createDatasourceClient(settings, { timeoutMs, clock });
    const report = (one: QueryReport) => void reports.push(one);
    return new Datasources([new Datasource({ settings, client, clock, timeoutMs, report })], clock);
  }

  /** The latest state that it sent of the alert of this path. */
  async function sentAlert(path: string, status: Alert["status"]): Promise<Alert> {
    const latest = () => receiver.sent.findLast(({ labels }) => labels.path === path);
    await eventually(`${path} is ${status}`, () => {
      const found = latest();
      return found !== undefined && alertFrom(found).status === status;
    });
    return alertFrom(latest() as SentAlert);
  }

  async function graphOf(alert: Alert) {
    const result = await datasources.graphOf(
      { alerts: [alert] },
      { language: "zh", timezone: "Asia/Shanghai", signal: new AbortController().signal },
    );
    assert.ok(result.kind === "graph", JSON.stringify([result, reports.at(-1)]));
    return result.content;
  }

  const recoveryOf = async (alert: Alert) =>
    (await datasources.recoveriesOf([alert], new AbortController().signal)).get(alert.identity) ?? null;

  it("gives the graph of an alert that fires, and the value when it has recovered", async () => {
    samples.set(seriesOf(full), 0.95);
    const firing = await sentAlert(full, "firing");

    const graph = await graphOf(firing);

    assert.deepEqual([graph.title, graph.subtitle, graph.value], ["磁盘将满", expression, "95%"]);
    assert.deepEqual(graph.thresholds, [{ op: ">", value: 0.9 }]);
    assert.deepEqual(
      graph.series.map(({ name, isAlert }) => [name, isAlert]),
      [
        [full, true],
        ["/var", false],
        [ended, false],
      ],
    );
    assert.ok(graph.series.every(({ points }) => points.length > 0));
    assert.equal(graph.series[0]?.points.at(-1)?.[1], 0.95);

    samples.set(seriesOf(full), 0.65);
    const resolved = await sentAlert(full, "resolved");
    const recovery = await recoveryOf(resolved);

    assert.ok(recovery?.kind === "value", JSON.stringify([recovery, reports.at(-1)]));
    assert.deepEqual([recovery.value, recovery.thresholds, recovery.isBreaching], ["65%", ["> 90%"], false]);
    assert.ok(recovery.at >= (resolved.endsAt ?? 0) && recovery.at <= Date.now());
    const after = await graphOf(resolved);
    assert.deepEqual([after.status, after.value, after.resolvedAt], ["resolved", "65%", resolved.endsAt]);
  });

  it("says when the series of an alert is gone: that is no recovery by value", async () => {
    samples.set(seriesOf(ended), 0.99);
    await sentAlert(ended, "firing");

    samples.remove(seriesOf(ended));
    const resolved = await sentAlert(ended, "resolved");

    assert.deepEqual(await recoveryOf(resolved), { kind: "gone" });
    assert.equal((await graphOf(resolved)).value, "无数据");
  });

  it("says when the value still breaches: another part of the condition ended the alert", async () => {
    samples.set(seriesOf("/var"), 0.97);
    await sentAlert("/var", "firing");

    samples.set("disk_watched", 0);
    const resolved = await sentAlert("/var", "resolved");
    const recovery = await recoveryOf(resolved);

    assert.ok(recovery?.kind === "value", JSON.stringify([recovery, reports.at(-1)]));
    assert.deepEqual([recovery.value, recovery.isBreaching], ["97%", true]);
  });

  it("is not asked for an expression that is none of its rules", async () => {
    const alert = alertFrom(receiver.sent.at(-1) as SentAlert);
    const generatorURL = `${prometheus.origin}/graph?${new URLSearchParams({ "g0.expr": 'count({__name__=~".+"}) > 0' })}`;
    const forged = { ...alert, links: { ...alert.links, generatorURL } };

    const result = await datasources.graphOf(
      { alerts: [forged] },
      { language: "zh", timezone: "UTC", signal: new AbortController().signal },
    );

    assert.deepEqual(result, { kind: "omitted", reason: "noRule" });
  });

  it("never failed to answer", () => {
    assert.deepEqual(new Set(reports.map(({ result }) => result)), new Set(["answered"]));
  });
});
