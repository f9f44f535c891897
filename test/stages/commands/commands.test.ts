// What the commands print and how they exit: check-config with its samples, render as a page, schema, and wrong use.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { isLoopback, parseListenAddress } from "../../../src/commands/flags.ts";
import { fileOf, opsKey, run } from "./running.ts";

const config = `bots: { ops: { key: ${opsKey} } }\nroute: { bot: ops }\n`;

test("check-config tries every template with every sample and prints the bytes of each kind", async (t) => {
  const { code, out, err } = await run(["check-config", "--verbose", fileOf(t, "config.yaml", config)]);

  assert.equal(code, 0, err);
  assert.match(out, /^markdown "default": markdown \d+ to \d+ of 4096 bytes; at most \d+ messages? for a sample$/m);
  assert.match(out, /^text_notice "default": .*template_card \d+ to \d+ bytes.*$/m);
  assert.match(out, /config\.yaml: OK: 1 bot, 1 route$/);
});

test("check-config: a template that compiles and fails with an alert is an issue", async (t) => {
  const template = fileOf(t, "bad.markdown.hbs", '{{#each alerts}}{{reReplaceAll "(" "" labels.alertname}}{{/each}}');
  const file = fileOf(t, "config.yaml", `${config}templates: ["${dirname(template)}/*"]\n`);

  const { code, out, err } = await run(["check-config", file]);

  assert.equal(code, 1);
  assert.equal(out, "");
  assert.match(err, /^template bad fails with every sample: /m);
});

test("render shows a body as text, as JSON and as the chat looks, with everything escaped", async (t) => {
  const file = fileOf(t, "config.yaml", config);
  const labels = { alertname: "<script>alert(1)</script>" };
  const payload = fileOf(t, "body.json", JSON.stringify({ alerts: [{ labels }] }));
  const args = ["render", `--config.file=${file}`, payload];

  const [text, json, html] = [
    await run(args),
    await run([...args, "--output=json"]),
    await run([...args, "--output=html"]),
  ];

  assert.match(text.out, /^--- bot ops, markdown, part 1 of 1, \d+ bytes$/m);
  assert.equal(JSON.parse(json.out)[0].body.msgtype, "markdown");
  assert.match(html.out, /^<article class="entry">/);
  assert.doesNotMatch(html.out, /<script/);
});

test("render names the bots when there is none of this name", async (t) => {
  const file = fileOf(t, "config.yaml", config);

  const { code, err } = await run(["render", `--config.file=${file}`, "--bot=opps", file]);

  assert.deepEqual([code, err], [1, 'there is no bot "opps"; did you mean "ops"?; the config has: ops']);
});

const addresses: readonly (readonly [string, boolean])[] = [
  [":8060", false],
  ["0.0.0.0:8060", false],
  ["10.0.0.1:8060", false],
  ["127.0.0.1:8060", true],
  ["localhost:8060", true],
  ["[::1]:8060", true],
];
for (const [text, expected] of addresses) {
  test(`only this machine reaches ${text}: ${expected}`, () => {
    const parsed = parseListenAddress({ kind: "flags", values: new Map([["web.listen-address", text]]), operands: [] });

    assert.equal(parsed.kind === "address" && isLoopback(parsed.address), expected);
  });
}

test("schema prints config.schema.json", async () => {
  const { code, out } = await run(["schema"]);

  assert.equal(code, 0);
  assert.equal(`${out}\n`, readFileSync(new URL("../../../config.schema.json", import.meta.url), "utf8"));
});

for (const args of [
  ["schema", "x"],
  ["send-test"],
  ["send-test", "ops", "--all"],
  ["check-config"],
  ["render", "--output=xml", "x"],
  ["nothing"],
]) {
  test(`wrong use exits 2 and prints no result: ${args.join(" ")}`, async () => {
    const { code, out, err } = await run(args);

    assert.equal(code, 2);
    assert.equal(out, "");
    assert.notEqual(err, "");
  });
}

const wrongWords: readonly (readonly [readonly string[], RegExp])[] = [
  [["serve", "--log.level=loud"], /^--log\.level: expected one of: debug, info, warn, error; found "loud"$/m],
  [["serve", "--log.format=xml"], /^--log\.format: expected one of: logfmt, json; found "xml"$/m],
  [["render", "--output=pdf", "body.json"], /^--output: expected one of: text, json, html; found "pdf"$/m],
  [["dead", "list", "--output=pdf"], /^--output: expected one of: text, json; found "pdf"$/m],
];
const wrongNames: readonly (readonly [readonly string[], string])[] = [
  [["chek-config", "x"], 'unknown command "chek-config"; did you mean "check-config"?'],
  [["verison"], 'unknown command "verison"; did you mean "version"?'],
  [["nothing"], 'unknown command "nothing"'],
  [["--confg.file=x"], 'unknown flag --confg.file; did you mean "--config.file"?'],
  [["send-test", "--al"], 'unknown flag --al; did you mean "--all"?'],
  [["check-config", "-c", "x"], "unknown flag -c"],
  [["render", "--output"], "--output needs a value: --output=VALUE"],
  [["render", "--output", "--bot", "x"], "--output needs a value: --output=VALUE"],
  [["check-config", "--config.file="], "--config.file needs a value; it is empty"],
  [["--hlep"], 'unknown flag --hlep; did you mean "--help"?'],
];
for (const [args, words] of wrongNames) {
  test(`a wrong word is named with the one that was meant, and one line says where the others are: ${args.join(" ")}`, async () => {
    const { code, err } = await run(args);

    assert.equal(code, 2);
    assert.match(err, /\nalertmanager-wecom .*--help lists the (?:commands|flags)$/);
    assert.equal(err.split("\n").slice(0, -1).join("\n"), words);
  });
}

for (const [args, words] of wrongWords) {
  test(`an unknown value of a flag is named with the known ones: ${args.join(" ")}`, async () => {
    const { code, err } = await run(args);

    assert.equal(code, 2);
    assert.match(err, words);
  });
}

test("render as text prints whom a message mentions", async (t) => {
  const people = '{ users: [zhangsan], mobiles: ["13800000000"], all: true }';
  const file = fileOf(
    t,
    "config.yaml",
    `bots: { ops: { key: ${opsKey} } }\nroute: { bot: ops, message: text, mention: ${people} }\n`,
  );
  const payload = fileOf(t, "body.json", JSON.stringify({ alerts: [{ labels: { alertname: "Disk" } }] }));

  const { out } = await run(["render", `--config.file=${file}`, payload]);

  assert.match(out, /^<@zhangsan>\nmentions: @all, 13800000000$/m);
});

test("a service that does not answer is named by its address", async () => {
  const { code, err } = await run(["dead", "list", "--url=http://127.0.0.1:1"]);

  assert.equal(code, 1);
  assert.match(err, /^http:\/\/127\.0\.0\.1:1 does not answer \(.*\); name the address of the service with --url$/);
});
