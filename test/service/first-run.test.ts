// What a newcomer does in the first minutes, each step as a process of its own: start, copy the printed line, look, stop,
// start again, ask for help, make mistakes; and the built program, on this Node and on one that is too old.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { cpSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { type Ended, freePort, run, start } from "../support/child.ts";
import { eventually as within } from "../support/stack.ts";
import {
  cleanEnv,
  cleanUp,
  command,
  demo,
  emptyFolder,
  main,
  perform,
  root,
  serve,
  textOf,
} from "./first-run/newcomer.ts";
import { findOldNode } from "./first-run/old-node.ts";

/** Processes start side by side on few processors. */
const eventually = (what: string, holds: () => boolean | Promise<boolean>) => within(what, holds, 20_000);

after(cleanUp);

describe("the first run", () => {
  it("npm run demo: the printed line sends an alert to the printed page; Ctrl-C ends it at once and leaves nothing", async () => {
    const shown = await demo();
    const folders = shown.ownFolders();

    const answer = await perform(shown.curlLine);
    await eventually("it arrives", async () => (await textOf(`${shown.robot}/_sim/messages`)) !== "[]");

    assert.deepEqual(JSON.parse(answer), { status: "accepted", notifications: 1, duplicates: 0 });
    assert.match(await textOf(`${shown.robot}/_sim/messages`), /磁盘将满.*\/data 只剩 5%，预计 2 小时后写满/u);
    assert.match(await textOf(`${shown.robot}/`), /磁盘将满/u);
    assert.equal(await textOf(`${shown.robot}/_sim/violations`), "[]");
    assert.match(shown.child.stderr(), /level=warn msg="demo: messages go to the simulator/u);
    assert.match(await textOf(`${shown.origin}/metrics`), /^alertmanager_wecom_demo 1$/mu);
    assert.equal(JSON.parse(await textOf(`${shown.origin}/api/v1/status`)).demo, true);
    assert.match(await textOf(`${shown.origin}/`), /不会离开这台机器/u);
    for (const address of [shown.origin, shown.robot]) assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/u);
    assertEndsAtOnce(await shown.child.stop("SIGINT"));
    assert.equal(folders.length, 1);
    assert.deepEqual(shown.ownFolders(), []);
  });

  it("a demo that is stopped while it starts leaves nothing", async () => {
    const cwd = emptyFolder();
    const child = start({ command: process.execPath, args: [main, "demo"], cwd, env: { ...cleanEnv, TMPDIR: cwd } });
    await eventually("its folder is made", () => readdirSync(cwd).length > 0);

    await child.stop("SIGTERM");

    assert.deepEqual(readdirSync(cwd), []);
  });

  it("a second demo beside the first takes other ports and another outbox", async () => {
    const [first, second] = [await demo(main), await demo(main)];

    await perform(second.curlLine);
    await eventually("it arrives", async () => (await textOf(`${second.robot}/_sim/messages`)) !== "[]");

    assert.notEqual(first.origin, second.origin);
    assert.equal(await textOf(`${first.robot}/_sim/messages`), "[]");
    assertEndsAtOnce(await first.child.stop("SIGINT"));
    assertEndsAtOnce(await second.child.stop("SIGINT"));
  });

  for (const [what, env, reason] of [
    ["no WECOM_BOT_KEY", cleanEnv, /^WECOM_BOT_KEY is not set/u],
    ["an empty WECOM_BOT_KEY", { ...cleanEnv, WECOM_BOT_KEY: "" }, /^WECOM_BOT_KEY is empty/u],
    ["a blank WECOM_BOT_KEY", { ...cleanEnv, WECOM_BOT_KEY: " " }, /^WECOM_BOT_KEY is empty/u],
  ] as const) {
    it(`serve with no config file and ${what} exits 1, names three ways on and simulates nothing`, async () => {
      const cwd = emptyFolder();

      const { code, stdout, stderr } = await command({ args: ["serve"], cwd, env });

      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, reason);
      for (const way of ["WECOM_BOT_KEY=", "--config.file=", "alertmanager-wecom demo", "npm start", "npm run demo"]) {
        assert.ok(stderr.includes(way), stderr);
      }
      assert.deepEqual(readdirSync(cwd), []);
    });
  }

  it("starts again on the same folder, and delivers only what is new", async (t) => {
    const { cwd, simulator } = await configured(t);
    const first = await serve({ args: ["--config.file=config.yaml"], cwd });
    await textOf(`${first.origin}/webhook`, alertBody("A"));
    await eventually("it arrives", () => simulator.accepted().length === 1);
    await first.child.stop("SIGINT");

    const second = await serve({ args: ["--config.file=config.yaml"], cwd });
    await textOf(`${second.origin}/webhook`, alertBody("B"));
    await eventually("it arrives", () => simulator.accepted().length === 2);

    assert.equal(simulator.arrivals().length, 2);
    assertEndsAtOnce(await second.child.stop("SIGINT"));
  });

  it("says where it listens, what it stores in and who needs credentials", async () => {
    const { child, port } = await serve({ args: [], env: { ...cleanEnv, WECOM_BOT_KEY: randomUUID() } });

    const access = "auth_webhook=false auth_admin=false";
    assert.match(
      child.stderr(),
      new RegExp(`msg=serving address=127\\.0\\.0\\.1:${port} tls=false storage=sqlite:\\S+ ${access} bots=1 `, "u"),
    );
    assertEndsAtOnce(await child.stop("SIGINT"));
  });

  it("a second process on the same outbox, or on a busy port, exits 1 at once with the reason", async (t) => {
    const { cwd } = await configured(t);
    const { child, port } = await serve({ args: ["--config.file=config.yaml"], cwd });
    const args = ["serve", "--config.file=config.yaml"];

    const sameOutbox = await command({ args: [...args, `--web.listen-address=127.0.0.1:${await freePort()}`], cwd });
    const { cwd: other } = await configured(t);
    const samePort = await command({ args: [...args, `--web.listen-address=127.0.0.1:${port}`], cwd: other });

    assert.deepEqual([sameOutbox.code, samePort.code], [1, 1]);
    assert.match(sameOutbox.stderr, /outbox\.db is in use by another process.* like storage: sqlite:/u);
    assert.match(samePort.stderr, new RegExp(`127\\.0\\.0\\.1:${port} is in use: .*--web\\.listen-address`, "u"));
    assert.ok(sameOutbox.tookMs < 10_000 && samePort.tookMs < 10_000, `${sameOutbox.tookMs}, ${samePort.tookMs} ms`);
    assertEndsAtOnce(await child.stop("SIGINT"));
  });

  it("SIGUSR1 opens no inspector", async (t) => {
    const { cwd } = await configured(t);
    const { child, origin } = await serve({ args: ["--config.file=config.yaml"], cwd });

    process.kill(child.pid, "SIGUSR1");
    await eventually("it still answers", async () => (await textOf(`${origin}/-/ready`)) === "ready\n");
    const ended = await child.stop("SIGINT");

    assert.equal(ended.code, 0);
    assert.doesNotMatch(child.stderr(), /Debugger|inspector/iu);
  });

  it("healthcheck is 0 while it runs and 1 after", async (t) => {
    const { cwd } = await configured(t);
    const { child, port } = await serve({ args: ["--config.file=config.yaml"], cwd });
    const healthcheck = () => command({ args: ["healthcheck", `--web.listen-address=127.0.0.1:${port}`] });

    const during = await healthcheck();
    await child.stop("SIGINT");
    const afterwards = await healthcheck();

    assert.deepEqual([during.code, during.stderr], [0, ""]);
    assert.equal(afterwards.code, 1);
    assert.match(afterwards.stderr, new RegExp(`http://127.0.0.1:${port}/-/healthy`, "u"));
  });

  it("a key appears in no output, metric, page or answer, whatever goes wrong", async (t) => {
    const key = randomUUID();
    const simulator = await startSimulator({ robots: [{ name: "ops", key }] });
    t.after(() => simulator.close());
    simulator.script("ops", [{ kind: "errcode", errcode: 93000 }]);
    const text = `wecom: { base_url: "${simulator.origin}" }\nbots: { ops: { key_env: WECOM_BOT_KEY } }\nroute: { bot: ops }\n`;
    const wholeURL = `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`;

    const defaults = await serve({ args: [], env: { ...cleanEnv, WECOM_BOT_KEY: wholeURL } });
    const configured = await serve({
      args: ["--config.file=config.yaml"],
      cwd: emptyFolder({ "config.yaml": text }),
      env: { ...cleanEnv, WECOM_BOT_KEY: key },
    });
    const misplaced = await command({
      args: ["check-config", "config.yaml"],
      cwd: emptyFolder({ "config.yaml": `bots: { ops: ${key} }` }),
    });
    const answers = await Promise.all([
      textOf(`${defaults.origin}/metrics`),
      textOf(`${defaults.origin}/webhook/bot/${key}`, "{}"),
      textOf(`${defaults.origin}/webhook?key=${key}`, "not JSON"),
      textOf(`${configured.origin}/webhook`, JSON.stringify({ labels: { alertname: "A", key }, status: "firing" })),
    ]);
    await eventually("WeCom has refused the key", () => /keyInvalid/u.test(configured.child.stderr()));
    const pages = await Promise.all([textOf(simulator.pageUrl), textOf(`${configured.origin}/metrics`)]);
    for (const { child } of [defaults, configured]) await child.stop("SIGINT");

    const outputs = [defaults.child, configured.child].flatMap((child) => [child.stdout(), child.stderr()]);
    assert.equal(defaults.child.stdout(), "");
    assert.equal(misplaced.code, 1);
    for (const shown of [...outputs, ...answers, ...pages, misplaced.stderr]) assert.ok(!shown.includes(key), shown);
  });
});

describe("the command line", () => {
  const fixture = "test/fixtures/webhooks/captured/captured-am025-chinese-multiline.json";
  const example = readFileSync(join(root, "config.example.yaml"), "utf8");
  const files = {
    "config.example.yaml": example.replaceAll("/run/secrets/", ""),
    "dba-key": randomUUID(),
    "broken.yaml": "bots:\n  ops: { key: 0000 }\nroute:\n  bto: ops\n",
  };
  const env = { ...cleanEnv, WECOM_OPS_KEY: randomUUID(), WECOM_ONCALL_KEY: randomUUID() };
  const nothing = /^$/u;

  for (const [line, code, stdout, stderr] of [
    ["--version", 0, /^alertmanager-wecom, version \d+\.\d+\.\d+\n/u, nothing],
    ["--help", 0, /^ {2}check-config /mu, nothing],
    ["serve --help", 0, /--web\.listen-address/u, nothing],
    ["--no-such-flag", 2, nothing, /^unknown flag --no-such-flag$/mu],
    ["no-such-command", 2, nothing, /unknown command "no-such-command"/u],
    [
      "check-config --config.file=config.example.yaml",
      0,
      /OK: 3 bots/u,
      /^warning: [^\n]*auth\.webhook is empty[^\n]*\n$/u,
    ],
    ["check-config broken.yaml", 1, nothing, /^broken\.yaml:4:3: unknown key "bto"/mu],
    ["serve --config.file=broken.yaml", 1, nothing, /^broken\.yaml:4:3: unknown key "bto"/mu],
    [
      `render ${fixture}`,
      0,
      /^--- bot default, markdown, part 1 of \d, \d+ bytes\n🔴 严重 2 条/u,
      /^no --config\.file: [^\n]*\n$/u,
    ],
    ["render no-such-file.json", 1, nothing, /no-such-file\.json/u],
  ] as const) {
    it(`${line}: exit ${code}`, async () => {
      const args = line.replace(fixture, join(root, fixture)).split(" ");

      const ended = await command({ args, cwd: emptyFolder(files), env });

      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stdout, stdout);
      assert.match(ended.stderr, stderr);
    });
  }
});

describe("the built program", () => {
  const folder = emptyFolder();

  it("runs from dist beside templates and package.json", async () => {
    const tsc = join(root, "node_modules/.bin/tsc");
    const built = await run({
      command: tsc,
      args: ["-p", join(root, "tsconfig.build.json"), "--outDir", join(folder, "dist")],
    });
    for (const name of ["package.json", "templates"]) cpSync(join(root, name), join(folder, name), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));

    const payload = join(root, "test/fixtures/webhooks/captured/captured-am025-chinese-multiline.json");
    const rendered = await run({ command: process.execPath, args: [join(folder, "dist/main.js"), "render", payload] });

    assert.equal(built.code, 0, built.stdout);
    assert.equal(rendered.code, 0, rendered.stderr);
    assert.match(rendered.stdout, /🔴 严重 2 条/u);
  });

  it("prints one line when Node is too old", async (t) => {
    const old = await findOldNode();
    if (old === null) return t.diagnostic("no older Node on this machine");

    const ended = await run({ command: old.path, args: [join(folder, "dist/main.js"), "--version"] });

    assert.deepEqual([ended.code, ended.stdout], [1, ""]);
    assert.equal(ended.stderr, `alertmanager-wecom needs Node 24 or newer; this is ${old.version}\n`);
  });
});

interface Configured {
  /** A folder with a config.yaml for the simulator. */
  readonly cwd: string;
  readonly simulator: Simulator;
}

async function configured(t: TestContext): Promise<Configured> {
  const key = randomUUID();
  const simulator = await startSimulator({ robots: [{ name: "ops", key }] });
  t.after(() => simulator.close());
  const text = `wecom: { base_url: "${simulator.origin}" }\nbots: { ops: { key: ${key} } }\nroute: { bot: ops }\n`;
  return { cwd: emptyFolder({ "config.yaml": text }), simulator };
}

function alertBody(alertname: string): string {
  return JSON.stringify({ alerts: [{ status: "firing", labels: { alertname } }] });
}

function assertEndsAtOnce({ code, tookMs }: Ended): void {
  assert.equal(code, 0);
  assert.ok(tookMs < 3_000, `it took ${tookMs} ms to end`);
}
