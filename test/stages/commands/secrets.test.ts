// A secret in the wrong place of a command line, or in the environment, is not printed back.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { loadSetup } from "../../../src/commands/setup.ts";
import { fileOf, opsKey as key, run } from "./running.ts";

const otherKey = key.replace("0a1b", "0a1c");
const webhookURL = `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`;
const password = "hunter2pw";
const config = `bots: { ops: { key: ${key} } }\nroute: { bot: ops }\n`;
const keyAsName = `bots: { ops: { key: ${key} }, ${otherKey}: { key: another-key } }\nroute: { bot: ops }\n`;

type Mistake = readonly [string, (t: TestContext) => readonly string[], Readonly<Record<string, string>>?];

const mistakes: readonly Mistake[] = [
  ["a key where a bot's name belongs", (t) => ["send-test", key, `--config.file=${fileOf(t, "c.yaml", config)}`]],
  ["a webhook URL where a config belongs", () => ["check-config", webhookURL]],
  ["a webhook URL where a payload belongs", () => ["render", webhookURL]],
  ["a key where a command belongs", () => [key]],
  ["a key as the name of a bot", (t) => ["check-config", fileOf(t, "c.yaml", keyAsName)]],
  ["an outbox with a password", () => ["dead", "list", `--storage=postgres://usr:${password}@host/db`]],
  ["a service with a password", () => ["dead", "list", `--url=http://usr:${password}@127.0.0.1:1`]],
  [
    "a proxy of the environment with a password",
    (t) => ["send-test", "ops", `--config.file=${fileOf(t, "c.yaml", config)}`],
    { HTTPS_PROXY: `http://usr:${password}@127.0.0.1:99999` },
  ],
];

describe("a secret in the wrong place", () => {
  for (const [mistake, argsOf, env = {}] of mistakes) {
    it(`${mistake} is rejected and not printed`, async (t) => {
      const { code, out, err } = await run(argsOf(t), env);

      assert.notEqual(code, 0);
      assert.notEqual(err, "");
      for (const secret of [key, otherKey, password]) assert.ok(!`${out}${err}`.includes(secret), err);
    });
  }
});

it("a failed command prints one line, without a stack", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;

  const { code, err } = await run(["simulator", `--web.listen-address=127.0.0.1:${port}`]);

  assert.equal(code, 1);
  assert.match(err, /in use/);
  assert.doesNotMatch(err, /\n/);
});

it("dead: credentials belong in a file", async () => {
  const { err } = await run(["dead", "list", `--url=http://usr:${password}@127.0.0.1:1`]);

  assert.match(err, /--authorization-file/);
});

it("dead: a PostgreSQL outbox is read through the service", async () => {
  const { err } = await run(["dead", "list", "--storage=postgres://usr@host/db"]);

  assert.match(err, /--url/);
});

it("a proxy of the environment that is not a URL is an issue, named by its variable", async (t) => {
  const file = fileOf(t, "c.yaml", config);

  const { code, err } = await run(["check-config", file], { https_proxy: "http://proxy:99999" });

  assert.equal(code, 1);
  assert.match(err, /https_proxy.*http:\/\//);
});

describe("the hash of the config, which everybody may see", () => {
  it("tells nothing about the secrets in it, and differs with all else", (t) => {
    const hashOf = (botKey: string, token: string, bot = "ops") => {
      const auth = `auth: { admin: [{ bearer: { token: "${token}" } }] }`;
      const text = `bots: { ${bot}: { key: ${botKey} } }\nroute: { bot: ${bot} }\n${auth}\n`;
      const loaded = loadSetup(fileOf(t, "c.yaml", text), {});
      return loaded.kind === "setup" ? loaded.setup.configHash : loaded.issues.join();
    };

    const hashes = [hashOf("key-a-1", "t0ken"), hashOf("key-b-2", "other token"), hashOf("key-a-1", "t0ken", "dba")];

    assert.match(hashes[0] ?? "", /^[0-9a-f]{64}$/);
    assert.deepEqual([hashes[0] === hashes[1], hashes[0] === hashes[2]], [true, false]);
  });

  it("differs with the text of a template, and not with its folder", (t) => {
    const hashOf = (text: string) => {
      const folder = dirname(fileOf(t, "own.markdown.hbs", text));
      const config = join(folder, "c.yaml");
      writeFileSync(config, `bots: { ops: { key: ${key} } }\nroute: { bot: ops }\ntemplates: [own.*]\n`);
      const loaded = loadSetup(config, {});
      return loaded.kind === "setup" ? loaded.setup.configHash : loaded.issues.join();
    };

    const [hash, again, changed] = [hashOf("{{name}}"), hashOf("{{name}}"), hashOf("{{name}}!")];

    assert.match(hash ?? "", /^[0-9a-f]{64}$/);
    assert.deepEqual([hash === again, hash === changed], [true, false]);
  });
});
