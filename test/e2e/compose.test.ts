// Starts what docs/examples/compose starts, as processes instead of containers: the same programs with the same flags and files, but
// hosts and folders of this machine. The alerts of Prometheus must reach the simulated group.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, it } from "node:test";
import { parse } from "yaml";
import { type Child, freePort, killAll, startServer } from "../support/child.ts";
import { eventually } from "../support/stack.ts";
import { findTools } from "./alertmanager/tools.ts";

interface ComposeService {
  readonly command: readonly string[];
  readonly volumes?: readonly string[];
}

const root = join(import.meta.dirname, "../..");
const examples = join(root, "docs/examples/compose");
const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-compose-"));
const tools = findTools();

after(() => {
  killAll();
  rmSync(folder, { recursive: true, force: true });
});

/** The port of each service in its container, how it is started here, and the URL that answers when it is ready. */
const services = {
  simulator: { port: 8061, ready: "/_sim/clock", program: [process.execPath, join(root, "src/main.ts")] },
  wecom: { port: 8060, ready: "/-/ready", program: [process.execPath, join(root, "src/main.ts"), "serve"] },
  alertmanager: { port: 9093, ready: "/-/ready", program: [tools.alertmanager, "--cluster.listen-address="] },
  prometheus: { port: 9090, ready: "/-/ready", program: [tools.prometheus] },
} as const;

type ServiceName = keyof typeof services;
const names = Object.keys(services) as readonly ServiceName[];

/** So that the queue's alert fires and recovers within a minute, and no alert waits. */
const faster = [
  ["pi() / 300", "pi() / 40"],
  ["for: 1m", "for: 0s"],
  ["for: 20s", "for: 0s"],
] as const;

it("the alerts of compose's rules reach the simulated group through Alertmanager and the service", async () => {
  const compose = parse(readFileSync(join(examples, "compose.yaml"), "utf8")) as {
    readonly services: Readonly<Record<ServiceName, ComposeService>>;
  };
  const ports = new Map<ServiceName, number>();
  for (const name of names) ports.set(name, await freePort());
  assert.deepEqual(Object.keys(compose.services).toSorted(), names.toSorted());

  for (const name of names) await startOne(name, compose.services[name], ports);

  const robot = `http://127.0.0.1:${ports.get("simulator")}`;
  for (const text of [
    /支付服务 payment-1:8080 抓取失败/u,
    /db-1:9100 的 \/data 已用 9\d\.\d %/u,
    /订单队列积压 \d+ 条/u,
  ]) {
    await eventually(`${text} is delivered`, async () => text.test(await textOf(`${robot}/_sim/messages`)), 90_000);
  }
  await eventually(
    "the queue recovers, and the message says to which value",
    async () => /队列积压.*恢复值 \d+（阈值 > 800/su.test(await textOf(`${robot}/_sim/messages`)),
    90_000,
  );
  await eventually("graphs follow", async () => (await textOf(`${robot}/_sim/messages`)).includes('"image"'), 60_000);
  await silenceFromThePhone(`${robot}/_sim/messages`, ports);
  assert.equal(await textOf(`${robot}/_sim/violations`), "[]");
  await eventually(
    "Prometheus scrapes the service",
    async () => {
      const asked = `http://127.0.0.1:${ports.get("prometheus")}/api/v1/query?query=up`;
      return (await textOf(asked)).includes('"1"]');
    },
    20_000,
  );
});

/** By the link in a message: Alertmanager has the silence, and the group reads who made it. */
async function silenceFromThePhone(messages: string, ports: ReadonlyMap<ServiceName, number>): Promise<void> {
  const link = /服务失联.*?(http:[^)]+\/a\/[\w-]+)/su.exec(await textOf(messages))?.[1] ?? assert.fail("no link");
  const page = await textOf(link);
  const body = new URLSearchParams({ act: "3600000", scope: "alert", who: "张三" });

  const answer = await fetch(link, { method: "POST", body });

  assert.match(page, /支付服务 payment-1:8080 抓取失败/u);
  assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
  const silences = await textOf(`http://127.0.0.1:${ports.get("alertmanager")}/api/v2/silences`);
  assert.match(silences, /"createdBy":"[^"]*张三/u);
  await eventually("the group reads it", async () => /张三.*静默.*服务失联/su.test(await textOf(messages)), 60_000);
}

async function startOne(
  name: ServiceName,
  service: ComposeService,
  ports: ReadonlyMap<ServiceName, number>,
): Promise<Child> {
  const home = join(folder, name);
  const here = (text: string) => inside(atLoopback(text, ports), home);
  for (const volume of service.volumes ?? []) {
    const [file = "", path = ""] = volume.split(":");
    if (!file.startsWith("./")) continue;
    mkdirSync(dirname(join(home, path)), { recursive: true });
    const text = readFileSync(join(examples, file), "utf8");
    writeFileSync(join(home, path), here(faster.reduce((changed, [from, to]) => changed.replace(from, to), text)));
  }
  mkdirSync(join(home, "data"), { recursive: true });
  const [command = "", ...first] = services[name].program;
  const address = `127.0.0.1:${ports.get(name)}`;
  const flags = service.command.filter((flag) => !flag.startsWith("--web.listen-address=")).map(here);
  const listening = `--web.listen-address=${address}`;
  return startServer(
    { command, args: [...first, ...flags, listening], cwd: folder },
    `http://${address}${services[name].ready}`,
  );
}

function atLoopback(text: string, ports: ReadonlyMap<ServiceName, number>): string {
  return names.reduce((changed, name) => {
    const { port } = services[name];
    return changed.replaceAll(
      new RegExp(`(?:\\b${name}|127\\.0\\.0\\.1):${port}\\b`, "gu"),
      `127.0.0.1:${ports.get(name)}`,
    );
  }, text);
}

/** Moves the folders of the container into the given one. */
function inside(text: string, home: string): string {
  return text.replace(/(?<==|sqlite:)\/(?=\w)/gu, `${home}/`);
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}
