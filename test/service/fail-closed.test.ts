// A secret that is missing or empty is no wish: the service does not start, opens nothing to anybody, sends nothing anywhere, and leaves
// alerts that wait in the outbox as they are. Each start is a process of its own, on the outbox of an earlier one.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { freePort } from "../support/child.ts";
import { eventually } from "../support/stack.ts";
import { cleanEnv, cleanUp, command, type Env, emptyFolder, root, serve, textOf } from "./first-run/newcomer.ts";

const key = "0fa11c10-5ed0-4000-8000-000000000000";

interface Start {
  readonly env?: Env;
  readonly flags?: readonly string[];
  /** Of the config file; none is given when absent. */
  readonly bots?: string;
  readonly auth?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** 1 when absent; 2 for a wrong use. */
  readonly exitCode?: number;
}

const good = `{ default: { key: ${key} } }`;
const withWeb = { bots: good, flags: ["--web.config.file=web.yaml"] };

/** What an optional Secret, an emptied EnvironmentFile or a mistyped name leaves. */
const starts: Readonly<Record<string, Start>> = {
  "no config and no variable": {},
  "no config and an empty variable": { env: { WECOM_BOT_KEY: "" } },
  "no config and a blank variable": { env: { WECOM_BOT_KEY: " \n" } },
  "no config and a mistyped variable": { env: { WECOM_BOTKEY: key } },
  "a path of the config that is empty": { flags: ["--config.file="], env: { WECOM_BOT_KEY: key }, exitCode: 2 },
  "a config file that is missing": { flags: ["--config.file=absent.yaml"], env: { WECOM_BOT_KEY: key } },
  "a config file that is empty": {
    flags: ["--config.file=e.yaml"],
    files: { "e.yaml": "" },
    env: { WECOM_BOT_KEY: key },
  },
  "a key's variable that is not set": { bots: "{ default: { key_env: KEY } }" },
  "a key's variable that is empty": { bots: "{ default: { key_env: KEY } }", env: { KEY: "" } },
  "a key's file that is missing": { bots: "{ default: { key_file: key } }" },
  "a key's file that is empty": { bots: "{ default: { key_file: key } }", files: { key: "\n" } },
  "a key that is empty": { bots: '{ default: { key: "" } }' },
  "a key without a value": { bots: "{ default: { key: } }" },
  "no bots": { bots: "{}" },
  "credentials without a value": { bots: good, auth: "{ webhook: }" },
  "a token's variable that is empty": {
    bots: good,
    auth: "{ webhook: [{ bearer: { token_env: T } }] }",
    env: { T: "" },
  },
  "a token's file that is missing": { bots: good, auth: "{ webhook: [{ bearer: { token_file: t } }] }" },
  "a token that is blank": { bots: good, auth: '{ webhook: [{ query: { name: t, value: " " } }] }' },
  "administrators without a value": { bots: good, auth: "{ admin: }" },
  "a path of the web config that is empty": { bots: good, flags: ["--web.config.file="], exitCode: 2 },
  "a web config that is missing": withWeb,
  "a web config that is empty": { ...withWeb, files: { "web.yaml": "" } },
  "a web config of comments": { ...withWeb, files: { "web.yaml": "---\n  # basic_auth_users:\n" } },
  "users without a value": { ...withWeb, files: { "web.yaml": "basic_auth_users:\n" } },
};

describe("a start with", () => {
  const cwd = emptyFolder();
  const outbox = join(cwd, "data", "outbox.db");
  const write = (origin: string, { bots = good, auth = "{}" }: Start = {}) => {
    const lines = [`wecom: { base_url: "${origin}" }`, "shutdown_delay: 0s", `bots: ${bots}`, `auth: ${auth}`];
    writeFileSync(join(cwd, "config.yaml"), [...lines, "route: { bot: default }", ""].join("\n"));
  };
  let nowhere = "";
  let waiting: Buffer;
  let filesBefore: readonly string[] = [];

  before(async () => {
    nowhere = `http://127.0.0.1:${await freePort()}`;
    write(nowhere);
    const { child, origin } = await serve({ args: ["--config.file=config.yaml"], cwd });
    await textOf(`${origin}/webhook`, '{"alerts":[{"labels":{"alertname":"RealOutageWaiting"}}]}');
    await child.stop("SIGINT");
    waiting = readFileSync(outbox);
    filesBefore = readdirSync(join(cwd, "data"));
  });
  after(cleanUp);

  for (const [what, given] of Object.entries(starts)) {
    const { exitCode = 1 } = given;
    it(`${what} ends with ${exitCode}, and what waits is untouched`, async () => {
      write(nowhere, given);
      for (const [name, text] of Object.entries(given.files ?? {})) writeFileSync(join(cwd, name), text);
      const config = given.bots === undefined ? [] : ["--config.file=config.yaml"];
      const address = `--web.listen-address=127.0.0.1:${await freePort()}`;

      const ended = await command({
        args: ["serve", address, ...config, ...(given.flags ?? [])],
        cwd,
        env: { ...cleanEnv, ...given.env },
      });

      assert.deepEqual([ended.code, ended.stdout], [exitCode, ""], ended.stderr);
      assert.doesNotMatch(ended.stderr, /msg=serving/);
      assert.ok(readFileSync(outbox).equals(waiting));
      assert.deepEqual(readdirSync(join(cwd, "data")), filesBefore);
    });
  }

  it("the key again delivers what waited", async (t) => {
    const simulator = await startSimulator({ robots: [{ name: "default", key }] });
    t.after(() => simulator.close());
    write(simulator.origin);

    const { child } = await serve({ args: ["--config.file=config.yaml"], cwd });
    await eventually("it arrives", () => simulator.accepted().length === 1);
    await child.stop("SIGINT");

    assert.match(JSON.stringify(simulator.accepted()), /RealOutageWaiting/);
  });
});

describe("nothing is simulated unless it is asked for", () => {
  const read = (path: string) => readFileSync(join(root, path), "utf8");

  it("by npm start, the image and the chart", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> };

    assert.equal(scripts.start, "node src/main.ts serve");
    assert.match(read("Dockerfile"), /^ENTRYPOINT \["node", "\/app\/dist\/main\.js"\]\nCMD \["serve"\]$/mu);
    assert.match(read("helm/templates/deployment.yaml"), /args:\n +- serve\n +- --config\.file=/u);
    assert.match(read("helm/values.yaml"), /^simulator:\n(?: +#.*\n)+ +enabled: false$/mu);
    assert.match(read("helm/templates/_config.tpl"), /fail "set bots, for example/u);
  });

  it("by a Secret of the chart that may be missing: none is optional", () => {
    for (const name of readdirSync(join(root, "helm/templates"), { recursive: true, encoding: "utf8" })) {
      if (/\.(?:yaml|tpl)$/u.test(name)) assert.doesNotMatch(read(`helm/templates/${name}`), /optional:/u, name);
    }
  });

  it("by the example for compose without its simulator: a real key is unknown to it, and none is taken from a variable", () => {
    const compose = read("docs/examples/compose/compose.yaml");
    const config = read("docs/examples/compose/config.yaml");

    assert.match(compose, /command: \[simulator, .*--key=00000000-0000-4000-8000-000000000000"\]/u);
    assert.match(config, /key: 00000000-0000-4000-8000-000000000000/u);
    assert.match(config, /base_url: "http:\/\/simulator:8061"/u);
    // A mirror of other people's images is the only variable.
    const others = compose.replaceAll(/image: \$\{REGISTRY:-docker\.io\}\/prom\//gu, "");
    assert.doesNotMatch(others + config, /\$\{?[A-Z]|_env|environment:|env_file:/u);
  });
});
