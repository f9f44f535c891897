// The files of docs/examples in the programs they are for: the receivers in a real Alertmanager, without credentials, with a token and
// with a client certificate. test/e2e/compose.test.ts runs the rest.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { freePort, killAll, run, start, startServer } from "../support/child.ts";
import { eventually } from "../support/stack.ts";
import { findTools } from "./alertmanager/tools.ts";

const root = join(import.meta.dirname, "../..");
const examples = join(root, "docs/examples");
const certificates = join(root, "test/fixtures/tls");
const robotKey = "00000000-0000-4000-8000-000000000000";
const tools = findTools();

type Replacements = Readonly<Record<string, string>>;

/** An example with each given text replaced; each must occur in it. */
function example(name: string, replacements: Replacements): string {
  return Object.entries(replacements).reduce(
    (text, [from, to]) => {
      assert.ok(text.includes(from), `${name} does not contain ${from}`);
      return text.replaceAll(from, to);
    },
    readFileSync(join(examples, name), "utf8"),
  );
}

describe("amtool and promtool accept", () => {
  for (const name of [
    "alertmanager.yml",
    "alertmanager-bearer.yml",
    "alertmanager-mtls.yml",
    "compose/alertmanager.yml",
  ]) {
    it(name, async () => {
      const checked = await run({ command: tools.amtool, args: ["check-config", join(examples, name)] });

      assert.equal(checked.code, 0, checked.stdout + checked.stderr);
    });
  }

  it("compose/prometheus.yml and its rules", async () => {
    const checked = await run({
      command: tools.promtool,
      args: ["check", "config", join(examples, "compose/prometheus.yml")],
    });

    assert.equal(checked.code, 0, checked.stdout + checked.stderr);
    assert.match(checked.stdout, /6 rules found/u);
  });
});

describe("an alert reaches the group through Alertmanager", () => {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-examples-"));
  let simulator: Simulator;

  before(async () => {
    simulator = await startSimulator({ robots: [{ name: "ops", key: robotKey }] });
    writeFileSync(join(folder, "token"), "a-token-for-the-example\n");
  });
  after(async () => {
    killAll();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Example {
    readonly name: string;
    readonly alertmanager: string;
    /** Replacements in Alertmanager's file, besides the address of the service. */
    readonly replaced: Replacements;
    readonly service: { readonly config: string; readonly web: string | null };
    /** The answer to a post without the token or the certificate. */
    readonly unauthenticated: 200 | 401 | "no answer";
  }

  const atOnce = { "group_by: [alertname, cluster]": "group_by: [alertname, cluster]\n  group_wait: 0s" };
  const plainService = "bots: { ops: { key_env: WECOM_OPS_KEY } }\nroute: { bot: ops }\n";
  const cases: readonly Example[] = [
    {
      name: "plain",
      alertmanager: "alertmanager.yml",
      replaced: { "group_wait: 30s": "group_wait: 0s" },
      service: { config: plainService, web: null },
      unauthenticated: 200,
    },
    {
      name: "with a bearer token",
      alertmanager: "alertmanager-bearer.yml",
      replaced: { ...atOnce, "/etc/alertmanager/secrets/wecom-token": join(folder, "token") },
      service: {
        config: example("service-bearer.yaml", { "/run/secrets/wecom-token": join(folder, "token") }),
        web: null,
      },
      unauthenticated: 401,
    },
    {
      name: "with a client certificate",
      alertmanager: "alertmanager-mtls.yml",
      replaced: {
        ...atOnce,
        "/etc/alertmanager/tls/ca.crt": join(certificates, "ca.pem"),
        "/etc/alertmanager/tls/tls.crt": join(certificates, "client.pem"),
        "/etc/alertmanager/tls/tls.key": join(certificates, "client.key"),
      },
      service: {
        config: plainService,
        web: example("web-mtls.yml", {
          "/run/secrets/tls/tls.crt": join(certificates, "server.pem"),
          "/run/secrets/tls/tls.key": join(certificates, "server.key"),
          "/run/secrets/tls/client-ca.crt": join(certificates, "client-ca.pem"),
        }),
      },
      unauthenticated: "no answer",
    },
  ];

  for (const { name, alertmanager, replaced, service, unauthenticated } of cases) {
    it(name, async () => {
      const address = `127.0.0.1:${await freePort()}`;
      const serving = await serve(service, address);
      const config = example(alertmanager, { ...replaced, "alertmanager-wecom.example.cn:8060": address });
      const sender = await alertmanagerOf(config);
      const alertname = `Example${alertmanager.replaceAll(/\W/gu, "")}`;

      const added = await run({
        command: tools.amtool,
        args: [`--alertmanager.url=${sender.origin}`, "alert", "add", alertname, "severity=critical"],
      });

      assert.equal(added.code, 0, added.stderr);
      await eventually("it is delivered", () => JSON.stringify(simulator.accepted()).includes(alertname), 90_000);
      assert.equal(await authFailureAnswer(config), unauthenticated);
      await Promise.all([sender.child.stop("SIGKILL"), serving.stop("SIGKILL")]);
    });
  }

  /** Posts to the address in Alertmanager's config. */
  async function authFailureAnswer(config: string) {
    const url = /url: (\S+)/u.exec(config)?.[1] ?? "";
    const body = JSON.stringify({ alerts: [{ status: "firing", labels: { alertname: "FailingAddress" } }] });
    return fetch(url, { method: "POST", body }).then(
      ({ status }) => status,
      () => "no answer",
    );
  }

  async function serve({ config, web }: Example["service"], address: string) {
    const own = mkdtempSync(join(folder, "service-"));
    writeFileSync(
      join(own, "config.yaml"),
      `${config}storage: sqlite:${join(own, "outbox.db")}\nwecom: { base_url: "${simulator.origin}" }\n`,
    );
    if (web !== null) writeFileSync(join(own, "web.yml"), web);
    const flags = [`--config.file=${join(own, "config.yaml")}`, `--web.listen-address=${address}`];
    const child = start({
      command: process.execPath,
      args: [
        join(root, "src/main.ts"),
        "serve",
        ...flags,
        ...(web === null ? [] : [`--web.config.file=${join(own, "web.yml")}`]),
      ],
      env: { PATH: process.env.PATH ?? "", WECOM_OPS_KEY: robotKey },
    });
    await eventually("the service serves", () => child.stderr().includes("msg=serving") || !child.running, 90_000);
    assert.ok(child.running, child.stderr());
    return child;
  }

  async function alertmanagerOf(config: string) {
    const own = mkdtempSync(join(folder, "alertmanager-"));
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    writeFileSync(join(own, "alertmanager.yml"), config);
    const args = [
      `--config.file=${join(own, "alertmanager.yml")}`,
      `--storage.path=${own}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ];
    return { origin, child: await startServer({ command: tools.alertmanager, args }, `${origin}/-/ready`) };
  }
});
