// What `auth` becomes; its issues and warnings are in files beside the fixtures.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import { checkConfig } from "../../../src/config/check.ts";
import type { Credential } from "../../../src/config/config.ts";
import { Secret } from "../../../src/config/secret.ts";
import { secretTraces, sources } from "./samples.ts";

const text = readFileSync(new URL("../../fixtures/config/good-auth.yaml", import.meta.url), "utf8");

function readAuth() {
  const checked = checkConfig(text, sources);
  if (checked.kind === "invalid") throw new Error(JSON.stringify(checked.issues));
  return checked.config.auth;
}

/** The credential with each secret as its id. */
function plain(credential: Credential): unknown {
  return Object.fromEntries(
    Object.entries(credential).map(([name, value]) => [name, value instanceof Secret ? value.id : value]),
  );
}

function idOf(secret: string): string {
  return new Secret(secret).id;
}

const hash = "10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

test("each kind of entry is read, with what a file or a variable holds freed of white space around it", () => {
  const { webhook, bots, admin } = readAuth();

  assert.deepEqual(webhook.map(plain), [
    { kind: "authorization", scheme: "Bearer", credentials: idOf("secret-looking-token") },
    { kind: "authorization", scheme: "Token", credentials: idOf("secret-looking credentials") },
    { kind: "basic", username: "alertmanager", passwordHash: idOf(`$2y$${hash}`) },
    {
      kind: "hmac",
      secret: idOf("secret-looking"),
      header: "X-Grafana-Alerting-Signature",
      timestampHeader: "X-Grafana-Alerting-Timestamp",
      maxAgeMs: 300_000,
    },
    { kind: "header", name: "X-Hook-Token", value: idOf("secret-looking") },
  ]);
  assert.deepEqual([...bots.keys()], ["dba"]);
  assert.deepEqual(bots.get("dba")?.map(plain), [
    { kind: "hmac", secret: idOf("secret-looking"), header: "X-Sig", timestampHeader: "X-Time", maxAgeMs: 30_000 },
  ]);
  assert.deepEqual(admin.map(plain), [{ kind: "basic", username: "ops", passwordHash: idOf(`$2b$${hash}`) }]);
});

test("nothing that auth holds can be printed", () => {
  const auth = readAuth();

  assert.doesNotMatch(JSON.stringify(auth) + inspect(auth, { depth: 9 }), secretTraces);
  assert.doesNotMatch(inspect(auth, { depth: 9 }), /mDwo/);
});
