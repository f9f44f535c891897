// The program as it is in the image: bundled, in a folder with its templates and no packages, with the licences of what is in it.

import assert from "node:assert/strict";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { stubs } from "../../scripts/bundle.ts";
import { allCommands } from "../../src/commands/command-line.ts";
import type { DrawingSetup } from "../../src/graph/drawing-worker.ts";
import type { GraphContent } from "../../src/graph/graph-content.ts";
import { QuestionThread } from "../../src/threads/question-thread.ts";
import { firing } from "../stages/graph/svg/samples.ts";
import { freePort, run, start } from "../support/child.ts";
import { eventually } from "../support/stack.ts";
import { cleanEnv, cleanUp, command, demo, emptyFolder, perform, root, serve, textOf } from "./first-run/newcomer.ts";
import { findOldNode } from "./first-run/old-node.ts";

const folder = emptyFolder();
const commands = await allCommands();
const program = join(folder, "dist/main.js");

before(async () => {
  const args = ["--outdir", join(folder, "dist"), "--papers", join(folder, "papers")];
  const bundled = await run({ command: process.execPath, args: [join(root, "scripts/bundle.ts"), ...args] });
  assert.equal(bundled.code, 0, bundled.stderr);
  for (const name of ["package.json", "templates"]) cpSync(join(root, name), join(folder, name), { recursive: true });
});

after(cleanUp);

describe("the bundle", () => {
  it("runs the demo: an alert arrives at the simulated robot, its link leads to the phone page, and it stops", async () => {
    const shown = await demo(program);

    await perform(shown.curlLine);

    await eventually("it arrives", async () => /磁盘将满/u.test(await textOf(`${shown.robot}/_sim/messages`)), 20_000);
    assert.equal(await textOf(`${shown.robot}/_sim/violations`), "[]");
    const [link = ""] =
      /http:\/\/127\.0\.0\.1:\d+\/a\/[\w-]+/u.exec(await textOf(`${shown.robot}/_sim/messages`)) ?? [];
    assert.match(await textOf(link), /<h1>磁盘将满<\/h1>/u);
    await fetch(link, { method: "POST", body: new URLSearchParams({ act: "acknowledge", name: "张三" }) });
    await eventually("it is announced", async () =>
      (await textOf(`${shown.robot}/_sim/messages`)).includes("张三（自称） 在处理 磁盘将满"),
    );
    assert.equal((await shown.child.stop("SIGINT")).code, 0);
  });

  it("draws a graph in its thread", async (t) => {
    const file = pathToFileURL(join(folder, "dist/chunks/drawing-worker.js"));
    const setup: DrawingSetup = { fontFile: join(root, "fonts/NotoSansSC-gb2312.ttf") };
    const thread = new QuestionThread<GraphContent, Uint8Array>({ file, setup });
    t.after(() => thread.close());

    const png = Buffer.from(await thread.ask(firing));

    assert.equal(png.toString("latin1", 1, 4), "PNG");
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [1068, 640]);
  });

  it("compares passwords in its thread", async () => {
    const basic = `{ username: am, password_hash: "$2b$04$Dm5y7ctqqUm7P3B4s0kXCew.o.ZW1vC1wNTj/H2k6KBcbzaJOtgmu" }`;
    const config = `bots: { ops: { key: some-robot-key } }\nwecom: { base_url: "http://127.0.0.1:9" }\nauth: { webhook: [ { basic: ${basic} } ] }\nroute: { bot: ops }\n`;
    const cwd = emptyFolder({ "c.yaml": config });
    const env = { ...cleanEnv, WECOM_BOT_KEY: "unused-beside-a-config" };
    const service = await serve({ program, args: ["--config.file=c.yaml"], cwd, env });
    const post = (password: string) =>
      fetch(`${service.origin}/webhook`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`am:${password}`)}` },
        body: '{"alerts":[{"status":"firing","labels":{"alertname":"A"}}]}',
      });

    const answers = [await post("right"), await post("wrong")];

    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 401],
    );
    await service.child.stop("SIGINT");
  });

  it("loads RE2 with the first expression: it delivers without its file", async () => {
    const without = emptyFolder();
    cpSync(folder, without, { recursive: true });
    rmSync(join(without, "dist/node_modules"), { recursive: true });
    const withExpression = { "c.yaml": configWith('matchers: [team=~"db.*"]') };

    const shown = await demo(join(without, "dist/main.js"));
    await perform(shown.curlLine);
    await eventually("it arrives", async () => /磁盘将满/u.test(await textOf(`${shown.robot}/_sim/messages`)), 20_000);
    await shown.child.stop("SIGINT");
    const checked = await command({
      program: join(without, "dist/main.js"),
      args: ["check-config", "c.yaml"],
      cwd: emptyFolder(withExpression),
    });

    assert.match(checked.stderr, /Cannot find module 're2js'/u);
    assert.match(await output(["check-config", "c.yaml"], withExpression), /^c\.yaml: OK: 1 bot, 2 routes$/mu);
  });

  it("has the grammar of PromQL where the first expression loads it", () => {
    const require = createRequire(join(folder, "dist/chunks/any.js"));

    const { parser }: typeof import("@prometheus-io/lezer-promql") = require("@prometheus-io/lezer-promql");

    assert.equal(String(parser.parse("up")), "PromQL(VectorSelector(Identifier))");
  });

  it("reports line and column of an expression that RE2 refuses", async () => {
    const cwd = emptyFolder({ "c.yaml": configWith('matchers: [team=~"db("]') });

    const checked = await command({ program, args: ["check-config", "c.yaml"], cwd });

    assert.equal(checked.code, 1);
    assert.match(checked.stderr + checked.stdout, /^c\.yaml:4:26: not a matcher: .* missing closing \)/mu);
  });

  it("collects the garbage of the start", async () => {
    const cwd = emptyFolder({ "c.yaml": configWith("matchers: [team=db]") });
    const address = `127.0.0.1:${await freePort()}`;
    const args = ["--trace-gc", program, "serve", "--config.file=c.yaml", `--web.listen-address=${address}`];

    const child = start({ command: process.execPath, args, cwd, env: cleanEnv });
    await eventually("it collects", async () => /Mark-Compact \(reduce\) .*testing/u.test(child.stdout()), 60_000);

    assert.equal((await child.stop("SIGINT")).code, 0);
  });

  it("works where a package has a stub: process metrics, and JSON in UTF only", async () => {
    const cwd = emptyFolder({ "c.yaml": configWith("matchers: [team=db]") });
    const { child, origin } = await serve({ program, args: ["--config.file=c.yaml"], cwd });
    const replay = async (charset: string) => {
      const headers = { "content-type": `application/json; charset=${charset}` };
      return (await fetch(`${origin}/api/v1/dead/replay`, { method: "POST", headers, body: '{"ids":[1]}' })).status;
    };

    const answers = [await replay("utf-8"), await replay("utf-16"), await replay("gbk"), await replay("big5")];
    const metrics = await textOf(`${origin}/metrics`);

    assert.deepEqual(answers, [200, 400, 415, 415]);
    assert.match(metrics, /^process_cpu_user_seconds_total \d/mu);
    await child.stop("SIGINT");
  });

  for (const { name } of commands) {
    it(`has the command ${name}`, async () => {
      const printed = await output([name, "--help"]);

      assert.match(printed, new RegExp(`Usage: alertmanager-wecom ${name}`, "u"));
    });
  }

  it("knows its version, its samples and the time zones", async () => {
    const config = "bots: { ops: { key: some-robot-key } }\nroute: { bot: ops }\ntimezone: Europe/Berlin\n";

    assert.match(await output(["--version"]), /version \d+\.\d+\.\d+/u);
    assert.match(await output(["check-config", "c.yaml"], { "c.yaml": config }), /^c\.yaml: OK: 1 bot, 1 route$/mu);
  });

  it("keeps the names of functions, for stack traces", async () => {
    const text = readdirSync(join(folder, "dist/chunks")).map((file) =>
      readFileSync(join(folder, "dist/chunks", file), "utf8"),
    );

    assert.ok(text.some((code) => code.includes("function startService(")));
    assert.ok(text.every((code) => code.split("\n").length > code.length / 2_000));
  });

  it("prints one line when Node is too old", async (t) => {
    const old = await findOldNode();
    if (old === null) return t.diagnostic("no older Node on this machine");

    const ended = await run({ command: old.path, args: [program, "--version"] });

    assert.deepEqual([ended.code, ended.stdout], [1, ""]);
    assert.match(ended.stderr, /^alertmanager-wecom needs Node 24 or newer; this is .*\n$/u);
  });
});

describe("the stubs of the bundle", () => {
  const built = (contents: string) =>
    build({
      stdin: { contents, resolveDir: root },
      bundle: true,
      write: false,
      platform: "node",
      logLevel: "silent",
      plugins: [stubs],
    });

  it("fail the build when another file imports the package", async () => {
    await assert.rejects(built('import "handlebars"; import "source-map";'), /<stdin> imports source-map/u);
  });

  it("fail the build when nothing imports the package", async () => {
    await assert.rejects(built('import "handlebars";'), /processCpuTotal\.js no longer imports .*opentelemetry/u);
  });
});

describe("the papers of a bundle", () => {
  it("are those of packages that run, each with its licence", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
    };
    const manifests = readdirSync(join(folder, "papers"), { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith("package.json"),
    );

    const developmentPackages = manifests
      .map((path) => dirname(path))
      .filter((path) => packages[path]?.dev !== undefined);
    const unlicensed = manifests.filter((path) => !/"licen[cs]es?":/u.test(paper(path)));

    assert.ok(manifests.includes("node_modules/express/package.json"));
    assert.deepEqual([developmentPackages, unlicensed], [[], []]);
    assert.ok(existsSync(join(folder, "papers/node_modules/express/LICENSE")));
    assert.ok(!existsSync(join(folder, "papers/node_modules/express/index.js")));
  });
});

async function output(args: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<string> {
  const ended = await command({ program, args, cwd: emptyFolder(files) });
  assert.equal(ended.code, 0, ended.stderr);
  return ended.stdout;
}

/** A second route with these settings. */
function configWith(settings: string): string {
  const route = `route:\n  bot: ops\n  routes: [ { ${settings} } ]\n`;
  return `bots: { ops: { key: some-robot-key } }\n${route}`;
}

function paper(path: string): string {
  return readFileSync(join(folder, "papers", path), "utf8");
}
