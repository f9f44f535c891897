// One line per record, in both formats, and no credential in any of them.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { KnownSecrets } from "../../../src/config/known-secrets.ts";
import { Secret } from "../../../src/config/secret.ts";
import { createLog, type LogFormat, type LogLevel, logFormats, logLevels } from "../../../src/observe/log.ts";

const key = "693a91f6-7aaa-4bc4-97a0-0ec2f1fa5aaa";

function logging(format: LogFormat = "logfmt", level: LogLevel = "debug") {
  const lines: string[] = [];
  return { lines, log: createLog({ level, format, write: (line) => lines.push(line) }) };
}

test("logfmt: time, level and message first, then the fields, quoted where needed", () => {
  const { lines, log } = logging();

  log.info({ bot: "ops", text: 'say "hi" = 你好', empty: "", count: 2, none: null, list: [1, "a b"] }, "all is well");

  assert.match(
    lines[0] ?? "",
    /^time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=info msg="all is well" bot=ops text="say \\"hi\\" = 你好" empty="" count=2 none=null list="\[1,\\"a b\\"\]"\n$/,
  );
});

test("json: the same record as JSON", () => {
  const { lines, log } = logging("json");

  log.warn({ bot: "ops", nested: { a: 1 } }, "careful");

  const { time, ...record } = JSON.parse(lines[0] ?? "");
  assert.deepEqual(record, { level: "warn", msg: "careful", bot: "ops", nested: { a: 1 } });
  assert.equal(new Date(time).toISOString(), time);
});

test("nested fields get dotted names, and a name never breaks the line", () => {
  const { lines, log } = logging();

  log.info({ a: { b: { c: 1 } }, 'odd name="x"\n': 2 }, "m");

  assert.match(lines[0] ?? "", / a\.b\.c=1 odd_name__x__=2\n$/);
});

for (const [index, level] of logLevels.entries()) {
  test(`at level ${level} the lines below it are not written`, () => {
    const { lines, log } = logging("logfmt", level);

    for (const each of logLevels) log[each]({}, each);

    assert.equal(lines.length, logLevels.length - index);
  });
}

test("names are printed in snake_case in both formats, and those inside a field as they are", () => {
  for (const format of logFormats) {
    const { lines, log } = logging(format);

    log.info({ maxBytes: 1, generatorURL: "x", toBot: "dba", labels: { hostName: "a" } }, "m");

    const names = ["max_bytes", "generator_url", "to_bot", "hostName"].map((name) => lines[0]?.includes(name));
    assert.deepEqual(names, [true, true, true, true], lines[0]);
  }
});

test("values that JSON omits are omitted, and values that it rejects are printed", () => {
  for (const format of logFormats) {
    const { lines, log } = logging(format);
    const round: Record<string, unknown> = {};
    round.round = round;

    log.info({ none: undefined, call: () => 1, big: 10n, at: new Date(0), round }, "m");

    assert.doesNotMatch(lines[0] ?? "", /none|call/);
    assert.match(lines[0] ?? "", /big"?[=:]"?10\b.*1970-01-01T00:00:00\.000Z.*\[nested\]/);
  }
});

test("a line is one line, whatever a value holds", () => {
  for (const format of logFormats) {
    const { lines, log } = logging(format);

    log.error({ err: new Error("a\nb\u0085\u0000c"), text: "x\r\ny" }, "m\nn");

    assert.equal((lines[0] ?? "").indexOf("\n"), (lines[0] ?? "").length - 1);
    assert.match(lines[0] ?? "", /^\P{Cc}*\n$/u);
    assert.match(lines[0] ?? "", /a\\nb\\u0085\\u0000c/);
  }
});

test("no character of any text acts on a terminal, hides or turns text around, or ends a line", () => {
  const dangerous = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
  const all = Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((character) => dangerous.test(character));
  assert.ok(all.length > 200);

  for (const format of logFormats) {
    for (const character of all) {
      const { lines, log } = logging(format);
      const text = `a${character}b`;

      log.error({ text, err: new Error(text), nested: { [text]: 1 }, [text]: 2 }, text);

      const line = (lines[0] ?? "").slice(0, -1);
      assert.doesNotMatch(line, dangerous);
      if (format === "json") assert.equal(JSON.parse(line).text, text);
      else assert.ok(line.includes(` text=${asciiJson(text)} `), line);
    }
  }
});

/** JSON in which every code unit beyond ASCII, and DEL, is escaped. */
function asciiJson(text: string): string {
  const unit = (each: string) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, unit);
}

test("a text of other characters is printed as it is", () => {
  const { lines, log } = logging();

  log.info({ text: "磁盘将满：é ü 🔴", bare: "磁盘" }, "m");

  assert.match(lines[0] ?? "", / text="磁盘将满：é ü 🔴" bare=磁盘\n$/);
});

for (const format of logFormats) {
  test(`${format}: a secret that is known is hidden in every text, whatever it looks like`, () => {
    const lines: string[] = [];
    const secrets = new KnownSecrets();
    secrets.add({ bots: new Map([["ops", { keys: [new Secret("key-a-1")] }]]), auth: { token: new Secret('t "k') } });
    const hide = (text: string) => secrets.hideIn(text);
    const log = createLog({ level: "info", format, write: (line) => lines.push(line), hide });

    log.error({ errmsg: 'bare key-a-1, t "k', err: new Error("of key-a-1"), list: ["t%20%22k"] }, "key-a-1\nkey-a-1");

    assert.doesNotMatch(lines[0] ?? "", /key-a-1|t \\?"k|t%20/);
    assert.equal(lines[0]?.match(/<secret>/g)?.length, 7);
  });
}

test("an error is printed with type, code, stack and causes, under any name", () => {
  const { lines, log } = logging("json");
  const cause = Object.assign(new TypeError("inner"), { code: "E_INNER" });

  log.error({ fault: new Error("outer", { cause }), err: new AggregateError([new Error("one")], "many") }, "m");

  const { fault, err } = JSON.parse(lines[0] ?? "");
  assert.equal(fault.message, "outer");
  assert.match(fault.stack, /log\.test\.ts/);
  assert.deepEqual([fault.cause.type, fault.cause.code, fault.cause.message], ["TypeError", "E_INNER", "inner"]);
  assert.equal(err.errors[0].message, "one");
});

test("an error of SQLite is printed with the code that distinguishes I/O errors", () => {
  const { lines, log } = logging("json");

  log.error({ err: Object.assign(new Error("disk I/O error"), { code: "ERR_SQLITE_ERROR", errcode: 6410 }) }, "m");

  assert.equal(JSON.parse(lines[0] ?? "").err.errcode, 6410);
});

test("an error that is its own cause is printed", () => {
  const { lines, log } = logging();
  const error = new Error("round");
  error.cause = error;

  log.error({ err: error }, "m");

  assert.equal(lines.length, 1);
});

const ways: readonly (readonly [string, Record<string, unknown>, string])[] = [
  ["a message", {}, `POST https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`],
  ["a field", { url: `https://x/send?debug=1&key=${key}` }, "m"],
  ["a nested field", { a: { b: [{ c: `wecombot://${key}` }] } }, "m"],
  ["a field called key", { key }, "m"],
  ["an error", { err: new Error(`fetch https://x/?key=${key} failed`) }, "m"],
  ["a cause", { err: new Error("outer", { cause: new Error(`key=${key}`) }) }, "m"],
  ["a line of its own", { text: `first\nkey=${key}\n\ttoken=${key}` }, "m"],
  ["a bare value", { what: key.toUpperCase() }, "m"],
  ["a Secret", { secret: new Secret(key), inner: { secret: new Secret(key) } }, "m"],
];
for (const [way, fields, message] of ways) {
  test(`a key in ${way} is not printed`, () => {
    for (const format of logFormats) {
      const { lines, log } = logging(format);

      log.error(fields, message);

      assert.ok(!(lines[0] ?? "").toLowerCase().includes("693a91f6"), lines[0]);
      assert.ok((lines[0] ?? "").includes("<secret>"), lines[0]);
    }
  });
}

const twoLines = [
  `import { createLog } from ${JSON.stringify(join(import.meta.dirname, "../../../src/observe/log.ts"))};`,
  'const log = createLog({ level: "info", format: "logfmt" });',
  'log.info({}, "one");',
  'setImmediate(() => { log.info({}, "two"); process.stdout.write("alive"); });',
].join("\n");
const program = ["--input-type=module", "--eval", twoLines];

test("a log in a file on a full disk does not end the process", () => {
  const full = openSync("/dev/full", "w");

  const { status, stdout } = spawnSync(process.execPath, program, { stdio: ["ignore", "pipe", full] });

  closeSync(full);
  assert.deepEqual([status, String(stdout)], [0, "alive"]);
});

test("a log in a closed pipe does not end the process", async () => {
  const child = spawn(process.execPath, program, { stdio: ["ignore", "pipe", "pipe"] });

  child.stderr.destroy();

  const [status] = await once(child, "close");
  assert.equal(status, 0);
});
