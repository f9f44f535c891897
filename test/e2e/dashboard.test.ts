// deploy/ with a real Prometheus: the rules pass promtool's unit tests, load, and do not fire for a healthy service; every expression
// of the dashboard returns data while the service is scraped under load.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { killAll } from "../support/child.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";
import { type Prometheus, startPrometheus } from "./alertmanager/prometheus.ts";
import { findTools } from "./alertmanager/tools.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
const rules = join(deploy, "alertmanager-wecom.rules.yaml");

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(readFileSync(join(deploy, "dashboard.json"), "utf8")) as {
  readonly panels: readonly Panel[];
};

const expressions = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

/** Fills in what Grafana uses for "All", and an interval in which a bot with 20 messages a minute has sent some. */
function filledIn(expression: string): string {
  return expression.replaceAll("$__rate_interval", "1m").replaceAll(/\$(?:bot|job)\b/g, ".*");
}

/** Evaluates every second. */
function configOf(target: string, folder: string): string {
  return `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [${join(folder, "alertmanager-wecom.rules.yaml")}]
scrape_configs: [{ job_name: alertmanager-wecom, static_configs: [{ targets: ["${target}"] }] }]
`;
}

describe("deploy", () => {
  const folder = mkdtempSync(join(tmpdir(), "dashboard-"));
  const tools = findTools();
  let stack: Stack;
  let prometheus: Prometheus;

  before(async () => {
    cpSync(rules, join(folder, "alertmanager-wecom.rules.yaml"));
    stack = await startStack({ bots: ["ops", "dba"], config: "route: { bot: [ops, dba] }" });
    const config = configOf(new URL(stack.origin).host, folder);
    prometheus = await startPrometheus({ command: tools.prometheus, folder, config, alertmanagers: 0 });
  });

  after(async () => {
    await prometheus?.stop();
    await stack?.stop();
    killAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it("promtool's unit tests of the rules pass", () => {
    const output = execFileSync(tools.promtool, ["test", "rules", "alertmanager-wecom.rules.test.yaml"], {
      cwd: deploy,
      encoding: "utf8",
    });

    assert.match(output, /SUCCESS/);
  });

  it("every expression of the dashboard returns data while the service is under load", async () => {
    // A rate needs two scrapes.
    await eventually("the first scrape", async () => (await prometheus.query("up"))[0] === 1, 90_000);
    let posted = 0;
    let loading = true;
    const load = (async () => {
      while (loading) {
        const alerts = [{ status: "firing", labels: { alertname: "DiskFull", instance: `node-${posted}` } }];
        await stack.post({ alerts, groupKey: `{}:{n="${posted++}"}` });
        // A load of about 50 webhooks a second.
        await delay(20);
      }
    })();
    await eventually(
      "the metrics show delivered messages",
      async () => posted >= 200 && (await rates("From webhook to receipt")) > 0,
      30_000,
    );

    const answers = await Promise.all(
      expressions.map(async ({ title, expr }) => ({ title, expr, values: await prometheus.query(filledIn(expr)) })),
    );

    loading = false;
    await load;
    const empty = answers.filter(({ values }) => values.length === 0 || values.every(Number.isNaN));
    console.log(
      `${answers.length - empty.length} of ${answers.length} expressions return data after ${posted} webhooks`,
    );
    assert.deepEqual(empty, []);
    assert.ok(answers.length > 25);
  });

  it("no rule fires for a healthy service", async () => {
    assert.deepEqual(await prometheus.query('ALERTS{alertstate="firing"}'), []);
    assert.deepEqual(await prometheus.query("count(up)"), [1]);
  });

  async function rates(title: string): Promise<number> {
    const wanted = expressions.filter((each) => each.title === title);
    const values = await Promise.all(wanted.map(({ expr }) => prometheus.query(filledIn(expr))));
    return values.flat().filter((value) => value > 0).length;
  }
});
