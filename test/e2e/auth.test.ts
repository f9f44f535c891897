// Authentication of a real Alertmanager with right, wrong and missing credentials of each kind it supports, over HTTP and over TLS
// with client certificates; signatures across a restart; and promtool's check of web config files.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import bcrypt from "bcryptjs";
import { startSimulator } from "../../src/simulator/server.ts";
import { type Child, freePort, run, start, startServer } from "../support/child.ts";
import { eventually } from "../support/stack.ts";
import { webFiles } from "../support/web-files.ts";
import { findTools } from "./alertmanager/tools.ts";

const certificates = fileURLToPath(new URL("../fixtures/tls", import.meta.url));
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const password = "pa:ss@word";

const withinMs = 90_000;

/** Alertmanager's `http_config` by the credentials in it; the bot is the part before the dash. */
const cases = {
  "basic-right": { http: `basic_auth: { username: am, password: "${password}" }`, arrives: true },
  "basic-wrong": { http: "basic_auth: { username: am, password: pa }", arrives: false },
  "basic-missing": { http: "", arrives: false },
  "bearer-right": { http: "authorization: { credentials: t0ken }", arrives: true },
  "bearer-wrong": { http: "authorization: { credentials: t0ken2 }", arrives: false },
  "bearer-missing": { http: "", arrives: false },
  "scheme-right": { http: "authorization: { type: Token, credentials: t0ken }", arrives: true },
  "scheme-wrong": { http: "authorization: { type: Token, credentials: t0ken2 }", arrives: false },
  "scheme-missing": { http: "authorization: { credentials: t0ken }", arrives: false },
  "tls-right": { http: tlsOf("client"), arrives: true },
  "tls-othername": { http: tlsOf("other-client"), arrives: false },
  "tls-foreign": { http: tlsOf("foreign-client"), arrives: false },
  "tls-missing": { http: tlsOf(null), arrives: false },
} as const;

const bots = ["basic", "bearer", "scheme", "tls"] as const;

function tlsOf(client: string | null): string {
  const own =
    client === null ? "" : `, cert_file: ${certificates}/${client}.pem, key_file: ${certificates}/${client}.key`;
  return `tls_config: { ca_file: ${certificates}/ca.pem${own} }`;
}

function keyOf(index: number): string {
  return `00000000-0a17-4000-8000-00000000000${index}`;
}

describe("a real Alertmanager", () => {
  const folder = mkdtempSync(join(tmpdir(), "auth-e2e-"));
  const children: Child[] = [];
  const origins = { plain: "", tls: "", alertmanager: "" };
  let simulator: Awaited<ReturnType<typeof startSimulator>>;

  before(async () => {
    simulator = await startSimulator({ robots: bots.map((name, index) => ({ name, key: keyOf(index) })) });
    const [plain, tls, alertmanager] = [await freePort(), await freePort(), await freePort()];
    children.push(await startService(plain, []));
    origins.plain = `http://127.0.0.1:${plain}`;
    writeFileSync(join(folder, "web.yml"), webConfig());
    // Its probes need a client certificate too, so the test reads from the log that it listens.
    children.push(start(service(tls, [`--web.config.file=${join(folder, "web.yml")}`])));
    origins.tls = `https://localhost:${tls}`;
    writeFileSync(join(folder, "alertmanager.yml"), alertmanagerConfig(origins));
    origins.alertmanager = `http://127.0.0.1:${alertmanager}`;
    const args = [
      `--config.file=${join(folder, "alertmanager.yml")}`,
      `--storage.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${alertmanager}`,
      "--cluster.listen-address=",
    ];
    children.push(await startServer({ command: findTools().alertmanager, args }, `${origins.alertmanager}/-/ready`));
    await eventually("the TLS service listens", async () => /serving/.test(children[1]?.stderr() ?? ""), withinMs);
    await fire(origins.alertmanager);
  });
  after(async () => {
    await Promise.all(children.map((child) => child.stop("SIGKILL")));
    await simulator.close();
    rmSync(folder, { recursive: true });
  });

  const service = (port: number, flags: readonly string[]) => {
    const file = join(folder, `config-${port}.yaml`);
    writeFileSync(file, serviceConfig(join(folder, `outbox-${port}.db`), simulator.origin));
    const args = [main, "serve", `--config.file=${file}`, `--web.listen-address=127.0.0.1:${port}`, ...flags];
    return { command: process.execPath, args };
  };
  const startService = (port: number, flags: readonly string[]) =>
    startServer(service(port, flags), `http://127.0.0.1:${port}/-/ready`);
  const arrived = () => JSON.stringify(simulator.accepted());

  for (const [name, { arrives }] of Object.entries(cases)) {
    if (!arrives) continue;
    it(`with ${name} credentials is accepted, and its alert reaches the group`, async () => {
      await eventually(name, () => arrived().includes(name), withinMs);
    });
  }

  it("is refused with any other, each counted by its reason, and none of those alerts arrives", async () => {
    const refused = /^alertmanager_wecom_auth_failures_total\{hook="bot",reason="(\w+)"\} (\d+)/gm;
    const metrics = async () => (await fetch(`${origins.plain}/metrics`)).text();
    const counts = async () => {
      const found = new Map(
        [...(await metrics()).matchAll(refused)].map(([, reason, count]) => [reason, Number(count)]),
      );
      return { wrong: found.get("wrong") ?? 0, missing: found.get("missing") ?? 0 };
    };
    const handshakes = () => (children[1]?.stderr().match(/TLS handshake failed/g) ?? []).length;

    // Alertmanager tries once per flush after a 4xx, and many times after a failed handshake; the service logs those once a minute.
    await eventually(
      "all are refused",
      async () => {
        const { wrong, missing } = await counts();
        return wrong >= 3 && missing >= 3 && handshakes() > 0;
      },
      withinMs,
    );
    // By the next flush an alert that was accepted by mistake would have arrived.
    const before = await counts();
    await eventually(
      "all are refused again",
      async () => {
        const { wrong, missing } = await counts();
        return wrong >= before.wrong + 3 && missing >= before.missing + 3;
      },
      withinMs,
    );

    for (const [name, { arrives }] of Object.entries(cases)) {
      if (!arrives) assert.ok(!arrived().includes(name), name);
    }
    const log = children[2]?.stderr() ?? "";
    for (const name of ["basic-wrong", "bearer-missing", "scheme-wrong"]) {
      assert.match(log, new RegExp(`${name}/webhook.*unexpected status code 401`), name);
    }
    for (const name of ["tls-othername", "tls-foreign", "tls-missing"])
      assert.match(log, new RegExp(`receiver=${name} `), name);
    assert.doesNotMatch(children.map((child) => child.stderr()).join(""), /t0ken|pa:ss@/);
  });
});

function serviceConfig(database: string, robot: string): string {
  return [
    `storage: sqlite:${database}`,
    `wecom: { base_url: "${robot}" }`,
    `bots: { ${bots.map((name, index) => `${name}: { key: ${keyOf(index)} }`).join(", ")} }`,
    `route: { bot: [${bots.join(", ")}] }`,
    "auth:",
    "  webhook: [{ bearer: { token: not-used } }]",
    "  bots:",
    `    basic: [{ basic: { username: am, password_hash: "${bcrypt.hashSync(password, 4)}" } }]`,
    "    bearer: [{ bearer: { token: t0ken } }]",
    "    scheme: [{ authorization: { scheme: Token, credentials: t0ken } }]",
    // The client certificate is the credential; every webhook has this header.
    '    tls: [{ header: { name: Content-Type, value: "application/json" } }]',
    "",
  ].join("\n");
}

function webConfig(): string {
  return [
    "tls_server_config:",
    `  cert_file: ${certificates}/server.pem`,
    `  key_file: ${certificates}/server.key`,
    "  client_auth_type: RequireAndVerifyClientCert",
    `  client_ca_file: ${certificates}/client-ca.pem`,
    "  client_allowed_sans: [alertmanager.example.cn]",
  ].join("\n");
}

function alertmanagerConfig({ plain, tls }: { readonly plain: string; readonly tls: string }): string {
  const names = Object.keys(cases);
  const receivers = Object.entries(cases).map(([name, { http }]) => {
    const [bot = ""] = name.split("-");
    const url = `${bot === "tls" ? tls : plain}/webhook/bot/${bot}`;
    return `  - name: ${name}\n    webhook_configs:\n      - url: ${url}\n        http_config:\n          ${http || "follow_redirects: true"}`;
  });
  return [
    "route:",
    `  receiver: ${names[0]}`,
    "  group_by: [alertname]",
    "  group_wait: 0s",
    "  group_interval: 1s",
    "  repeat_interval: 1h",
    "  routes:",
    ...names.map((name) => `    - { matchers: ['alertname="${name}"'], receiver: ${name} }`),
    "receivers:",
    ...receivers,
  ].join("\n");
}

async function fire(alertmanager: string): Promise<void> {
  const alerts = Object.keys(cases).map((alertname) => ({ labels: { alertname } }));
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${alertmanager}/api/v2/alerts`, {
    method: "POST",
    headers,
    body: JSON.stringify(alerts),
  });
  assert.equal(answer.status, 200, await answer.text());
}

describe("a signed request", () => {
  it("that was accepted is rejected after the service was killed and started again; one with a new time is not", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "signed-e2e-"));
    const simulator = await startSimulator({ robots: [{ name: "ops", key: keyOf(0) }] });
    const config = join(folder, "config.yaml");
    writeFileSync(config, signedConfig(join(folder, "outbox.db"), simulator.origin));
    const port = await freePort();
    const args = [main, "serve", `--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`];
    const startAgain = () => startServer({ command: process.execPath, args }, `http://127.0.0.1:${port}/-/ready`);
    let service = await startAgain();
    t.after(async () => {
      await service.stop("SIGKILL");
      await simulator.close();
      rmSync(folder, { recursive: true });
    });
    const signedAt = Math.floor(Date.now() / 1_000);

    const first = await postSigned(port, signedAt);
    const replayed = await postSigned(port, signedAt);
    await service.stop("SIGKILL");
    service = await startAgain();
    const replayedLater = await postSigned(port, signedAt);
    const signedAgain = await postSigned(port, signedAt + 1);

    assert.deepEqual([first.status, signedAgain.status], [200, 200]);
    for (const { status, text } of [replayed, replayedLater]) {
      assert.deepEqual([status, JSON.parse(text).error], [403, "signature_replayed"]);
    }
    assert.deepEqual(JSON.parse(signedAgain.text), { status: "accepted", notifications: 0, duplicates: 1 });
  });
});

function signedConfig(database: string, robot: string): string {
  return [
    `storage: sqlite:${database}`,
    `wecom: { base_url: "${robot}" }`,
    `bots: { ops: { key: ${keyOf(0)} } }`,
    "route: { bot: ops }",
    "auth: { webhook: [{ hmac: { secret: s1gned, header: X-Sig, timestamp_header: X-Time } }] }",
    "",
  ].join("\n");
}

async function postSigned(port: number, signedAt: number): Promise<{ readonly status: number; readonly text: string }> {
  const body = JSON.stringify({
    version: "4",
    status: "firing",
    receiver: "wecom",
    groupKey: "{}",
    alerts: [{ status: "firing", labels: { alertname: "DiskFull" }, startsAt: "2026-11-22T04:00:00Z" }],
  });
  const signature = createHmac("sha256", "s1gned").update(`${signedAt}:${body}`).digest("hex");
  const headers = { "content-type": "application/json", "x-sig": signature, "x-time": `${signedAt}` };
  const answer = await fetch(`http://127.0.0.1:${port}/webhook`, { method: "POST", headers, body });
  return { status: answer.status, text: await answer.text() };
}

describe("promtool check web-config", () => {
  const folder = mkdtempSync(join(tmpdir(), "web-config-e2e-"));
  before(() => {
    for (const name of readdirSync(certificates)) copyFileSync(join(certificates, name), join(folder, name));
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const [index, { what, text, valid, stricter = false }] of webFiles.entries()) {
    it(`${valid || stricter ? "accepts" : "refuses"} a file with ${what}, ${stricter ? "unlike" : "like"} the service`, async () => {
      const file = join(folder, `web-${index}.yml`);
      writeFileSync(file, text);

      const output = await run({ command: findTools().promtool, args: ["check", "web-config", file] });

      assert.equal(output.code === 0, valid || stricter, `${output.stdout}${output.stderr}`);
    });
  }
});
