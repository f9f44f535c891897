import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { checkConfig } from "../../../src/config/check.ts";
import { linkKeys } from "../../../src/config/links.ts";
import { Secret } from "../../../src/config/secret.ts";
import { sources } from "./samples.ts";

function configOf(text: string) {
  const checked = checkConfig(text, sources);
  assert.equal(checked.kind, "config", JSON.stringify(checked));
  return checked.kind === "config" ? checked.config : assert.fail();
}

const everyKey = readFileSync(new URL("../../fixtures/config/good-every-key.yaml", import.meta.url), "utf8");

describe("links and silence in the config", () => {
  const { links, silence, alertmanagers } = configOf(everyKey);

  it("are read with every key", () => {
    assert.deepEqual(
      { ...links, secrets: links?.secrets.map(({ id }) => id) },
      {
        secrets: ["secret-looking-new-one", "secret-looking-old-one"].map((text) => new Secret(text).id),
        validMs: 12 * 3_600_000,
        userHeader: "X-Forwarded-User",
        trustedProxies: ["10.0.0.0/8", "::1"],
      },
    );
    assert.deepEqual(
      { ...silence, never: silence.never.map((entry) => entry.map(({ name, op, value }) => name + op + value)) },
      {
        durationsMs: [1_800_000, 7_200_000],
        maxMs: 86_400_000,
        scopes: ["alert", "instance", "rule"],
        never: [["alertname=Watchdog"], ["team=~a|b", "env=prod"]],
      },
    );
  });

  it("name each Alertmanager by all its addresses", () => {
    assert.deepEqual(
      [...alertmanagers.values()].map(({ credential, ...one }) => [one, credential?.kind]),
      [
        [
          {
            name: "prod",
            externalURLs: ["http://alertmanager:9093", "https://am.example.cn/prod"],
            urls: ["http://am-0:9093", "http://am-1:9093"],
            headers: new Map([["X-Scope-OrgID", "team-a"]]),
            ca: "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n",
          },
          "bearer",
        ],
        [
          {
            name: "测试",
            externalURLs: ["http://test:9093"],
            urls: ["http://test:9093"],
            headers: new Map(),
            ca: null,
          },
          undefined,
        ],
      ],
    );
  });

  it("derive a key from each secret, in their order, and none is the secret itself", () => {
    const keys = linkKeys(links ?? assert.fail());

    assert.equal(keys.length, 2);
    assert.notDeepEqual(keys[0], keys[1]);
    assert.ok(keys.every((key) => key.length === 32 && !Buffer.from(key).includes("secret-looking")));
  });
});
