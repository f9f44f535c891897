// The receiver over real TLS: every kind of credential, client certificates, users of the web config, and certificates that change
// while it runs.

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import type { TLSSocket } from "node:tls";
import bcrypt from "bcryptjs";
import { loadWebConfig } from "../../../src/config/load-web.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { body, credentialKinds, madeAt, rightSecret } from "./credential-kinds.ts";
import { HastyClock, openToAll, type Receiving, receiving, type Sent } from "./receiving.ts";

const fixture = (name: string) => new URL(`../../fixtures/tls/${name}`, import.meta.url);
const pem = (name: string) => readFileSync(fixture(name), "utf8");

interface Client {
  /** Name of a fixture: the certificate and its key. */
  readonly certificate?: string;
  readonly ca?: string;
}

type AskTls = (
  path: string,
  sent?: Sent,
  client?: Client,
) => Promise<{ readonly status: number; readonly server: string }>;

async function receivingTls(t: TestContext, more: string, deps: Receiving = {}) {
  const folder = mkdtempSync(join(tmpdir(), "tls-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ["server.pem", "server.key", "client-ca.pem"]) copyFileSync(fixture(name), join(folder, name));
  const file = join(folder, "web.yml");
  writeFileSync(file, `tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n${more}`);
  const loaded = loadWebConfig(file);
  if (loaded.kind === "invalid" || loaded.readTls === null) throw new Error(JSON.stringify(loaded));
  const running = await receiving(t, { ...deps, web: loaded.web, readTls: loaded.readTls });
  const askTls: AskTls = (path, sent = {}, client = {}) => asked(running.listening.port, { path, ...sent }, client);
  return { ...running, folder, askTls };
}

function asked(port: number, sent: Sent & { readonly path: string }, { certificate, ca = "ca.pem" }: Client) {
  const { path, method = "POST", headers = {}, body: text = "" } = sent;
  const own = certificate === undefined ? {} : { cert: pem(`${certificate}.pem`), key: pem(`${certificate}.key`) };
  return new Promise<{ readonly status: number; readonly server: string }>((resolve, reject) => {
    const options = { host: "localhost", port, path, method, headers, agent: false as const, ca: pem(ca), ...own };
    const asking = request(options, (response) => {
      const server = (response.socket as TLSSocket).getPeerCertificate().serialNumber;
      response.resume().on("end", () => resolve({ status: response.statusCode ?? 0, server }));
    });
    asking.on("error", reject);
    asking.end(method === "GET" ? undefined : text);
  });
}

/** A status, or `refused` when the TLS connection was refused. */
async function statusOf(answer: ReturnType<AskTls>): Promise<number | "refused"> {
  return answer.then(
    ({ status }) => status,
    () => "refused",
  );
}

describe("over HTTPS", () => {
  for (const kind of credentialKinds) {
    it(`${kind.name}: right 200, wrong 401, missing 401, replayed ${kind.replayed}, altered body ${kind.altered}`, async (t) => {
      const auth = { ...openToAll, webhook: [kind.credential] };
      const { askTls } = await receivingTls(t, "", { clock: new HastyClock(madeAt), auth });
      const good = kind.request(rightSecret);
      const bad = kind.request("wrong");

      const statuses = {
        missing: (await askTls("/webhook", { body })).status,
        wrong: (await askTls(bad.path, { headers: bad.headers, body })).status,
        altered: (await askTls(good.path, { headers: good.headers, body: body.replace("盘满", "盘空") })).status,
        right: (await askTls(good.path, { headers: good.headers, body })).status,
        replayed: (await askTls(good.path, { headers: good.headers, body })).status,
      };

      const { replayed, altered } = kind;
      assert.deepEqual(statuses, { missing: 401, wrong: 401, altered, right: 200, replayed });
    });
  }
});

describe("client certificates", () => {
  const ca = "  client_ca_file: client-ca.pem\n";
  const rows: readonly (readonly [string, string, Readonly<Record<string, number | "refused">>])[] = [
    [
      "RequireAndVerifyClientCert",
      ca,
      { none: "refused", client: 200, "other-client": 200, "foreign-client": "refused" },
    ],
    [
      "RequireAndVerifyClientCert",
      `${ca}  client_allowed_sans: [alertmanager.example.cn]\n`,
      { none: "refused", client: 200, "other-client": "refused", "foreign-client": "refused" },
    ],
    ["VerifyClientCertIfGiven", ca, { none: 200, client: 200, "foreign-client": "refused" }],
    ["RequireAnyClientCert", "", { none: "refused", client: 200, "foreign-client": 200 }],
    ["RequestClientCert", "", { none: 200, client: 200, "foreign-client": 200 }],
    ["NoClientCert", "", { none: 200, client: 200 }],
  ];
  for (const [type, more, expected] of rows) {
    for (const version of ["TLS12", "TLS13"]) {
      it(`${type}${more.includes("sans") ? " for one name" : ""}, ${version}: ${JSON.stringify(expected)}`, async (t) => {
        const settings = `${more}  client_auth_type: ${type}\n  min_version: ${version}\n  max_version: ${version}\n`;
        const { askTls, taken, metrics } = await receivingTls(t, settings);

        const found: Record<string, number | "refused"> = {};
        for (const name of Object.keys(expected)) {
          const client = name === "none" ? {} : { certificate: name };
          found[name] = await statusOf(askTls("/webhook", { body }, client));
        }

        assert.deepEqual(found, expected);
        const refused = Object.values(expected).filter((status) => status === "refused").length;
        assert.equal(taken.length, Object.keys(expected).length - refused);
        assert.match(await metrics.text(), new RegExp(`tls_handshake_failures_total ${refused}\\n`));
      });
    }
  }
});

it("plain HTTP on the port is logged in plain words, with the client's address", async (t) => {
  const { listening, lines } = await receivingTls(t, "");

  await fetch(`http://127.0.0.1:${listening.port}/webhook`).catch(() => {});

  const line =
    'level=warn msg="TLS handshake failed" address=127.0.0.1 reason="the client speaks plain HTTP; this port is TLS"';
  assert.ok(lines.join("").includes(line), lines.join(""));
});

describe("certificates that change", () => {
  it("are used by the next connection, at most a second later, and open connections stay open", async (t) => {
    const clock = new ManualClock();
    const { askTls, folder, lines } = await receivingTls(t, "", { clock });
    const before = await askTls("/webhook", { body });

    copyFileSync(fixture("second-server.pem"), join(folder, "server.pem"));
    copyFileSync(fixture("second-server.key"), join(folder, "server.key"));
    await clock.advance(999);
    const within = await askTls("/webhook", { body });
    await clock.advance(1);
    const after = await askTls("/webhook", { body }, { ca: "second-ca.pem" });

    assert.equal(within.server, before.server);
    assert.notEqual(after.server, before.server);
    assert.match(lines.join(""), /TLS certificates reloaded/);
  });

  it("and are invalid are logged and counted, and the old ones stay in use", async (t) => {
    const clock = new ManualClock();
    const { askTls, folder, lines, metrics } = await receivingTls(t, "", { clock });

    copyFileSync(fixture("second-server.pem"), join(folder, "server.pem"));
    await clock.advance(1_000);
    const halfWay = await askTls("/webhook", { body });
    const shownHalfWay = await metrics.text();
    copyFileSync(fixture("second-server.key"), join(folder, "server.key"));
    await clock.advance(1_000);
    const whole = await askTls("/webhook", { body }, { ca: "second-ca.pem" });

    assert.deepEqual([halfWay.status, whole.status], [200, 200]);
    assert.match(shownHalfWay, /tls_last_reload_successful 0/);
    assert.match(await metrics.text(), /tls_last_reload_successful 1/);
    assert.match(lines.join(""), /level=error .*failed to reload TLS certificates/);
    assert.doesNotMatch(lines.join(""), /PRIVATE KEY/);
  });
});

describe("users and headers of the web config", () => {
  const users = `basic_auth_users: { alice: "${bcrypt.hashSync("a:b", 4)}" }\n`;
  const alice = { authorization: `Basic ${btoa("alice:a:b")}` };
  const headers = "http_server_config: { headers: { X-Content-Type-Options: nosniff } }\n";

  it("protect everything but the probes", async (t) => {
    const { askTls } = await receivingTls(t, users);
    const get = { method: "GET" };

    const statuses = [
      (await askTls("/webhook", { body })).status,
      (await askTls("/webhook", { body, headers: alice })).status,
      (await askTls("/metrics", get)).status,
      (await askTls("/metrics", { ...get, headers: alice })).status,
      (await askTls("/-/healthy", get)).status,
      (await askTls("/-/ready", get)).status,
    ];

    assert.deepEqual(statuses, [401, 200, 401, 200, 200, 200]);
  });

  it("are required besides the credentials of auth", async (t) => {
    const header = credentialKinds.find(({ name }) => name === "header");
    if (header === undefined) throw new Error("no such kind");
    const token = header.request(rightSecret).headers;
    const { askTls } = await receivingTls(t, users, { auth: { ...openToAll, webhook: [header.credential] } });

    const statuses = [];
    for (const sent of [token, alice, { ...token, ...alice }]) {
      statuses.push((await askTls("/webhook", { body, headers: sent })).status);
    }

    assert.deepEqual(statuses, [401, 401, 200]);
  });

  it("are set on every response", async (t) => {
    const { web } = loadedPlain(headers);
    const { ask } = await receiving(t, { web });

    for (const path of ["/webhook", "/metrics", "/-/healthy", "/nowhere"]) {
      const answered = await ask(path, { method: "GET" });

      assert.equal(answered.headers["x-content-type-options"], "nosniff", path);
    }
  });
});

function loadedPlain(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "web-"));
  writeFileSync(join(folder, "web.yml"), text);
  const loaded = loadWebConfig(join(folder, "web.yml"));
  rmSync(folder, { recursive: true });
  if (loaded.kind === "invalid") throw new Error(JSON.stringify(loaded));
  return loaded;
}
