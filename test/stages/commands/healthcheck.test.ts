// The healthcheck against real servers: plain, with TLS, and with TLS that asks for a client certificate.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fileOf, run } from "./running.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
const pem = (name: string) => readFileSync(fixture(name), "utf8");

const healthy: RequestListener = (req, res) => void res.writeHead(req.url === "/-/healthy" ? 200 : 404).end();
const broken: RequestListener = (_req, res) => void res.writeHead(500).end();

async function started(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function healthcheck(port: number, webFile?: string) {
  const web = webFile === undefined ? [] : [`--web.config.file=${webFile}`];
  return run(["healthcheck", `--web.listen-address=127.0.0.1:${port}`, ...web]);
}

function webFile(t: TestContext, more = ""): string {
  return fileOf(
    t,
    "web.yml",
    `tls_server_config: { cert_file: ${fixture("server.pem")}, key_file: ${fixture("server.key")}${more} }`,
  );
}

const fine = { code: 0, out: "", err: "" };

test("a healthy service is 0, a broken one and none at all are 1", async (t) => {
  const port = await started(t, createServer(healthy));
  const brokenPort = await started(t, createServer(broken));

  assert.deepEqual(await healthcheck(port), fine);
  assert.match((await healthcheck(brokenPort)).err, /answered 500/);
  assert.equal((await healthcheck(brokenPort)).code, 1);
  assert.equal((await healthcheck(1)).code, 1);
});

for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
  test(`over ${maxVersion} a healthy service is 0, with or without client certificates, and a broken one 1`, async (t) => {
    const pair = { cert: pem("server.pem"), key: pem("server.key"), maxVersion };
    const port = await started(t, createTlsServer(pair, healthy));
    const brokenPort = await started(t, createTlsServer(pair, broken));
    const verifying = { ...pair, ca: pem("client-ca.pem"), requestCert: true, rejectUnauthorized: true };
    const verifyingPort = await started(t, createTlsServer(verifying, healthy));
    const verified = webFile(
      t,
      `, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ${fixture("client-ca.pem")}`,
    );

    assert.deepEqual(await healthcheck(port, webFile(t)), fine);
    assert.equal((await healthcheck(brokenPort, webFile(t))).code, 1);
    assert.deepEqual(await healthcheck(verifyingPort, verified), fine);
    assert.equal((await healthcheck(1, verified)).code, 1);
  });
}

test("what does not answer is said in plain words", async (t) => {
  const pair = { cert: pem("server.pem"), key: pem("server.key") };
  const tlsPort = await started(t, createTlsServer(pair, healthy));
  const plainPort = await started(t, createServer(healthy));

  assert.match((await healthcheck(1)).err, /did not answer: nothing listens there$/);
  assert.match(
    (await healthcheck(tlsPort)).err,
    /did not answer: the connection was closed; is it TLS on that port\?$/,
  );
  assert.match((await healthcheck(plainPort, webFile(t))).err, /did not answer: it speaks plain HTTP .*, not TLS$/);
});

test("an invalid web config is 1, with its issue", async () => {
  const { code, err } = await healthcheck(1, "/nowhere/web.yml");

  assert.equal(code, 1);
  assert.match(err, /there is no such file/);
});
