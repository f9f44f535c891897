import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { loadConfig } from "../../../src/config/load.ts";
import { Secret } from "../../../src/config/secret.ts";

let folder = "";

before(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "secrets", "dba"), "dba-robot\n");
  writeFileSync(join(folder, "ca.pem"), "-----BEGIN CERTIFICATE-----\n");
});

after(() => {
  rmSync(folder, { recursive: true });
});

function load(text: string, env: Readonly<Record<string, string>> = {}) {
  const path = join(folder, "config.yaml");
  writeFileSync(path, text);
  return loadConfig(path, env);
}

describe("loadConfig", () => {
  it("reads variables, and files relative to the folder of the config file", () => {
    const checked = load(
      `wecom: { ca_file: ca.pem }
bots: { ops: { key_env: OPS }, dba: { key_file: secrets/dba } }
templates: [templates/*, /etc/wecom/*]
route: { bot: [ops, dba] }`,
      { OPS: "ops-robot" },
    );

    assert.equal(checked.kind, "config");
    if (checked.kind !== "config") return;
    assert.equal(checked.keyless, false);
    assert.deepEqual(
      [...checked.config.bots.values()].flatMap((bot) => bot.keys.map((key) => key.id)),
      [new Secret("ops-robot").id, new Secret("dba-robot").id],
    );
    assert.equal(checked.config.wecom.caFile, join(folder, "ca.pem"));
    assert.deepEqual(checked.config.templates, [join(folder, "templates/*"), "/etc/wecom/*"]);
    assert.deepEqual(checked.config.storage, { engine: "sqlite", path: "data/outbox.db" });
  });

  it("says which file cannot be read, and why", () => {
    const checked = load("bots: { ops: { key_file: secrets } }\nroute: { bot: ops }");

    assert.deepEqual(checked, {
      kind: "invalid",
      issues: [
        {
          code: "secret_unreadable",
          path: "bots.ops.key_file",
          line: 1,
          column: 26,
          message: 'file "secrets" cannot be read: it is a folder',
        },
      ],
      templates: [],
      files: [join(folder, "config.yaml"), join(folder, "secrets")],
    });
  });

  it("reports a config file that is not there", () => {
    assert.deepEqual(loadConfig(join(folder, "absent.yaml"), {}), {
      kind: "invalid",
      issues: [
        {
          code: "file_unreadable",
          path: "",
          line: 1,
          column: 1,
          message: "the config file cannot be read: there is no such file",
        },
      ],
      templates: [],
      files: [join(folder, "absent.yaml")],
    });
  });
});

describe("loadConfig without a file", () => {
  it("has one bot with the key of WECOM_BOT_KEY", () => {
    const checked = loadConfig(null, {
      WECOM_BOT_KEY: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=robot-1",
    });

    assert.equal(checked.kind, "config");
    if (checked.kind !== "config") return;
    assert.equal(checked.keyless, false);
    assert.deepEqual(checked.config.route.settings.bots, ["default"]);
    assert.equal(checked.config.bots.get("default")?.keys[0]?.id, new Secret("robot-1").id);
  });

  it("rejects an invalid WECOM_BOT_KEY", () => {
    assert.equal(loadConfig(null, { WECOM_BOT_KEY: "no key" }).kind, "invalid");
  });

  for (const env of [{}, { WECOM_BOT_KEY: " " }]) {
    it(`has a bot without a key for ${JSON.stringify(env)}`, () => {
      const checked = loadConfig(null, env);

      assert.equal(checked.kind, "config");
      if (checked.kind !== "config") return;
      assert.equal(checked.keyless, true);
      assert.deepEqual([...checked.config.bots.values()], [{ name: "default", keys: [], fallback: null }]);
    });
  }
});
