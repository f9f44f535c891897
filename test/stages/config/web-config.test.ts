// The table of files in exporter-toolkit's format, and what a valid one becomes.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { loadWebConfig } from "../../../src/config/load-web.ts";
import { checkWebConfig } from "../../../src/config/web-config.ts";
import { webFiles } from "../../support/web-files.ts";
import { secretTraces } from "./samples.ts";

const certificates = fileURLToPath(new URL("../../fixtures/tls", import.meta.url));

/** Loads the text as a file beside the certificates. */
function load(text: string) {
  const folder = mkdtempSync(join(tmpdir(), "web-config-"));
  for (const name of readdirSync(certificates)) symlinkSync(join(certificates, name), join(folder, name));
  writeFileSync(join(folder, "web.yml"), text);
  const loaded = loadWebConfig(join(folder, "web.yml"));
  rmSync(folder, { recursive: true });
  return loaded;
}

function webOf(text: string) {
  const checked = checkWebConfig(text, () => ({ kind: "text", text: "" }));
  if (checked.kind === "invalid") throw new Error(JSON.stringify(checked.issues));
  return checked.web;
}

describe("a web config file", () => {
  for (const { what, text, valid } of webFiles) {
    it(`with ${what} is ${valid ? "accepted" : "rejected, with its place and without secrets"}`, () => {
      const loaded = load(text);

      assert.equal(loaded.kind, valid ? "web" : "invalid", inspect(loaded, { depth: 5 }));
      if (loaded.kind === "web") return;
      assert.ok(loaded.issues.length > 0);
      for (const { line, column, message } of loaded.issues) {
        assert.ok(line >= 1 && column >= 1);
        assert.doesNotMatch(message, secretTraces);
      }
    });
  }

  it("that is missing is reported", () => {
    const loaded = loadWebConfig("/nowhere/web.yml");

    assert.match(loaded.kind === "invalid" ? (loaded.issues[0]?.message ?? "") : "", /there is no such file/);
  });

  it("that names a missing certificate is reported with the place, and with every other issue", () => {
    const loaded = load("tls_server_config: { cert_file: absent.pem, key_file: server.key }\nrate_limit: 1");

    const issues = loaded.kind === "invalid" ? loaded.issues : [];
    assert.deepEqual(
      issues.map(({ path, line, column, message }) => [path, line, column, message.replace(/:.*/, "")]),
      [
        ["tls_server_config.cert_file", 1, 33, 'file "absent.pem" cannot be read'],
        ["rate_limit", 2, 13, "rate_limit is not supported"],
      ],
    );
  });

  const unfit: readonly (readonly [what: string, cert: string, key: string, reason: string])[] = [
    ["a key of another certificate", "server.pem", "client.key", "the key is not that of the certificate"],
    ["certificate and key exchanged", "server.key", "server.pem", "the certificate is not PEM, or it is the key"],
    ["a key that is none", "server.pem", "README.md", "the key is not PEM, or of an unknown kind"],
  ];
  for (const [what, cert, key, reason] of unfit) {
    it(`with ${what} is rejected in plain words`, () => {
      const loaded = load(`tls_server_config: { cert_file: ${cert}, key_file: ${key} }`);

      const message = `certificate, key and client authorities do not fit together: ${reason}`;
      assert.equal(loaded.kind === "invalid" ? loaded.issues[0]?.message : "", message);
    });
  }

  it("is plain HTTP for anyone when there is none", () => {
    const loaded = loadWebConfig(null);

    assert.deepEqual(loaded, { kind: "web", web: { tls: null, users: [], headers: {} }, warnings: [], readTls: null });
  });

  it("says why a rate limit is rejected", () => {
    const loaded = load("rate_limit: { interval: 1s }");

    assert.match(loaded.kind === "invalid" ? (loaded.issues[0]?.message ?? "") : "", /an alert that is lost/);
  });

  it("that asks for HTTP/2 is accepted with a warning", () => {
    const loaded = load("http_server_config: { http2: true }");

    assert.match(loaded.kind === "web" ? (loaded.warnings[0]?.message ?? "") : "", /HTTP\/1\.1/);
  });

  it("becomes OpenSSL's names, files or inline text, and headers that are not empty", () => {
    const web = webOf(`
tls_server_config:
  cert: "-----BEGIN CERTIFICATE-----"
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [a.example]
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]
  curve_preferences: [CurveP384]
  prefer_server_cipher_suites: false
http_server_config: { headers: { X-Frame-Options: "", X-XSS-Protection: "1" } }`);

    const { cert, ...tls } = web.tls ?? {};
    assert.equal(JSON.stringify(cert), '{"kind":"inline","text":"<secret>"}');
    assert.deepEqual(tls, {
      key: { kind: "file", path: "server.key" },
      clientCa: { kind: "file", path: "ca.pem" },
      clientCertificate: "verified",
      allowedSans: ["a.example"],
      minVersion: "TLSv1.2",
      maxVersion: "TLSv1.3",
      ciphers: ["ECDHE-RSA-AES256-GCM-SHA384"],
      curves: ["P-384"],
      ownCipherOrder: false,
    });
    assert.deepEqual(web.headers, { "X-XSS-Protection": "1" });
  });
});

it("a choice that may be empty is shown as such", () => {
  const loaded = load("http_server_config: { headers: { X-Frame-Options: maybe } }");

  const [issue] = loaded.kind === "invalid" ? loaded.issues : [];
  assert.equal(issue?.message, 'expected one of: "", deny, sameorigin; found "maybe"');
});
