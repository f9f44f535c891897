// What operators write by mistake, and what check-config says about it: the whole of its diagnostics, without the last line.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { opsKey, run } from "./running.ts";

const bots = `bots: { ops: { key: ${opsKey} } }`;
const ops = "route: { bot: ops }";

/** In the fifth line, at column 18. */
const withMatcher = (matcher: string) => `${bots}\nroute:\n  bot: ops\n  routes:\n    - matchers: [${matcher}]\n`;

const withAuth = (entry: string) => `${bots}\n${ops}\nauth:\n  webhook:\n    - ${entry}\n`;

type Row = readonly [what: string, config: string | Buffer, ...said: readonly string[]];

const chinese = `these are Chinese quotation marks; write " or '`;
const putInQuotes = "expected text, found a number; put it in quotes";
const aliens = "copy the webhook URL from the robot";
const gbk = "it is not UTF-8, perhaps GBK; save it as UTF-8";

const inConfigs: readonly Row[] = [
  // Of a Chinese keyboard.
  ["Chinese quotes in a matcher", withMatcher("team=“db”"), `5:18: ${chinese}`],
  ["single Chinese quotes in a matcher", withMatcher("team=~‘db.*’"), `5:18: ${chinese}`],
  [
    "Chinese quotes around a name",
    `${bots}\nroute: { bot: “ops” }`,
    `2:15: unknown bot "“ops”"; did you mean "ops"?; ${chinese}`,
  ],
  ["Chinese quotes around a key", `${bots}\n${ops}\n“language”: zh`, `3:1: unknown key "“language”"; ${chinese}`],
  ["Chinese quotes around a matcher", withMatcher("“team=db”"), `5:18: ${chinese}`],
  ["a full-width =", withMatcher("team＝db"), "5:18: ＝ ！ ～ are full-width; write = ! ~"],
  ["a full-width comma between matchers", withMatcher("a=b，c=d"), "5:18: ， is full-width; write ,"],
  [
    "a full-width colon at the top",
    `bots：\n  ops: { key: ${opsKey} }\n${ops}\n`,
    "1:1: ： is a full-width colon; write : and a space",
  ],
  [
    "a full-width colon below",
    `bots:\n  ops：\n    key: ${opsKey}\n${ops}\n`,
    "2:3: ： is a full-width colon; write : and a space",
  ],
  [
    "a full-width colon in braces",
    `${bots}\nroute: { bot： ops }`,
    '2:1: missing key "bot"',
    '2:10: unknown key "bot： ops"; ： is a full-width colon; write : and a space',
  ],
  [
    "a full-width colon in place of the only one",
    `${bots}\nroute:\n  bot：ops\n`,
    "3:3: expected a mapping like { bot: … }, found text; ： is a full-width colon; write : and a space",
  ],
  [
    "full-width white space",
    `${bots}\nroute:\n　bot: ops\n`,
    "2:1: expected a mapping like { bot: … }, found nothing; indent the lines that belong to it",
    '3:1: unknown key "　bot"; the space before it is not the space of YAML; write plain spaces',
  ],
  [
    "a file in GBK",
    Buffer.concat([Buffer.from('bots: { "'), Buffer.from([0xd4, 0xcb, 0xce, 0xac]), Buffer.from('": 1 }')]),
    `1:1: the config file cannot be read: ${gbk}`,
  ],
  ["a file in UTF-16", Buffer.from("\ufeffbots: {}", "utf16le"), `1:1: the config file cannot be read: ${gbk}`],

  // Layout.
  [
    "no space behind a colon",
    `${bots}\nroute:\n  bot:ops\n`,
    "3:3: expected a mapping like { bot: … }, found text; a colon needs a space after it",
  ],
  [
    "an indent between two levels",
    `bots:\n  ops:\n    key: ${opsKey}\n   fallback: dba\n${ops}\n`,
    "4:4: wrong indentation: 3 spaces, but the lines above have 2 or 4",
  ],
  [
    "an indent that is too deep",
    `${bots}\nroute:\n  bot: ops\n   urgent: true\n`,
    "4:4: wrong indentation: 3 spaces, but the lines above have 2",
  ],
  [
    "an indent beside a dash",
    `${bots}\nroute:\n  bot: ops\n  routes:\n  - matchers: [a=b]\n   bot: ops\n`,
    "6:4: wrong indentation: 3 spaces, but the lines above have 2 or 4",
  ],
  [
    "a brace that is not closed",
    `bots:\n  ops: { key: ${opsKey}\nroute:\n  bot: ops\n`,
    "3:1: wrong indentation; or a { or [ before this place is not closed",
  ],

  [
    "a bot's key beside its name",
    `bots:\n  ops:\n  key: ${opsKey}\n${ops}\n`,
    "2:3: expected a mapping like { key: … }, found nothing; indent the lines that belong to it",
    "3:8: expected a mapping like { key: … }, found text",
  ],

  // Matchers of PromQL and of other tools.
  ["==", withMatcher("severity == critical"), "5:18: there is no == in matchers; write ="],
  ["<>", withMatcher("severity <> info"), "5:18: there is no <> in matchers; write !="],
  ["~", withMatcher("team~db"), "5:18: there is no ~ in matchers; write =~"],
  ["and", withMatcher("a=b and c=d"), "5:18: there is no `and` in matchers; put a comma between them"],
  ["&&", withMatcher(`'a="b" && c="d"'`), "5:18: there is no `and` in matchers; put a comma between them"],
  ["||", withMatcher(`'a="b" || c="d"'`), '5:18: there is no `or` in matchers; write name=~"a|b", or a route for each'],
  ["single quotes", withMatcher(`"team='db'"`), `5:18: a value is quoted with ", not with '`],
  ["a mapping", withMatcher("team: db"), '5:18: expected a matcher like team="db", found a mapping'],
  [
    "a route that takes all before others",
    `${bots}\nroute:\n  bot: ops\n  routes:\n    - bot: ops\n    - matchers: [a=b]\n    - matchers: [c=d]\n`,
    "warning: 5:7: takes every alert of route.routes[1], route.routes[2]; move it behind, or set continue: true",
  ],
  [
    "a route whose matcher takes all before others",
    `${bots}\nroute:\n  bot: ops\n  routes:\n    - matchers: [a=~".*"]\n    - matchers: [c=d]\n`,
    "warning: 5:7: takes every alert of route.routes[1]; move it behind, or set continue: true",
  ],
  ["a variable in a matcher", withMatcher(`'a="\${TEAM}"'`), "5:18: nothing is expanded: write the value"],
  [
    "a route with some of the matchers of one behind it",
    `${bots}\nroute:\n  bot: ops\n  routes:\n    - matchers: [a=b]\n    - matchers: [c=d, a="b"]\n    - matchers: [c=d]\n`,
    "warning: 5:7: takes every alert of route.routes[1]; move it behind, or set continue: true",
  ],

  // Keys of robots.
  [
    "a key without a key's shape",
    `bots: { ops: { key: abc } }\n${ops}`,
    "warning: 1:9: its key does not look like one of WeCom's, 8-4-4-4-12 letters and digits; copy it from the robot again",
  ],
  [
    "a webhook URL that ends in key=",
    `bots: { ops: { key: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" } }\n${ops}`,
    "1:21: the webhook URL ends before its key; copy it from the robot again",
  ],
  [
    "Feishu",
    `bots: { ops: { key: "https://open.feishu.cn/open-apis/bot/v2/hook/${opsKey}" } }\n${ops}`,
    `1:21: this is the address of a Feishu (飞书) robot, not of WeCom's group robot; ${aliens}`,
  ],
  [
    "DingTalk",
    `bots: { ops: { key: "https://oapi.dingtalk.com/robot/send?access_token=${opsKey}" } }\n${ops}`,
    `1:21: this is the address of a DingTalk (钉钉) robot, not of WeCom's group robot; ${aliens}`,
  ],
  [
    "an app of WeCom",
    `bots: { ops: { key: "https://qyapi.weixin.qq.com/cgi-bin/message/send?access_token=x" } }\n${ops}`,
    `1:21: this is the address of a WeCom app, not of WeCom's group robot; ${aliens}`,
  ],
  [
    "a variable in place of a key",
    `bots: { ops: { key: $OPS_KEY } }\n${ops}`,
    "1:21: a placeholder, not a key; nothing is expanded: write key_env: OPS_KEY",
  ],
  [
    "a variable in place of a token",
    withAuth(`bearer: { token: "\${TOKEN}" }`),
    "5:24: a placeholder, not a secret; nothing is expanded: write token_env: TOKEN",
  ],
  [
    "a variable in place of a time zone",
    `${bots}\n${ops}\ntimezone: $TZ`,
    '3:11: unknown time zone "$TZ"; nothing is expanded: write the value',
  ],
  [
    "a blank in a bot's name",
    `bots: { "on call": { key: ${opsKey} } }\nroute: { bot: on call }`,
    "1:9: a bot name is 1 to 64 letters (Chinese too), digits, _, . or - without blanks; it starts with a letter or digit",
  ],

  // Words.
  ["language: cn", `${bots}\n${ops}\nlanguage: cn`, '3:11: expected zh or en; found "cn"; did you mean "zh"?'],
  ["language: 中文", `${bots}\n${ops}\nlanguage: 中文`, '3:11: expected zh or en; found "中文"; did you mean "zh"?'],
  ...["Beijing", "Asia/Beijing", "UTC+8", "北京", "CST"].map(
    (zone): Row => [
      `timezone: ${zone}`,
      `${bots}\n${ops}\ntimezone: ${zone}`,
      `3:11: unknown time zone "${zone}"; did you mean "Asia/Shanghai"?`,
    ],
  ),

  [
    "timezone: +08:00",
    `${bots}\n${ops}\ntimezone: "+08:00"`,
    '3:11: "+08:00" is an offset; give an IANA name like Asia/Shanghai',
  ],

  // Shapes.
  [
    "a password in place of its hash",
    withAuth("basic: { username: a, password: b }"),
    "5:7: give exactly one of password_hash, password_hash_env and password_hash_file",
    '5:29: unknown key "password"; write password_hash: what `alertmanager-wecom hash-password` prints',
  ],
  ["a token in place of its section", withAuth("bearer: x"), "5:15: expected a mapping like { token: … }, found text"],
  [
    "a key in place of its section",
    `bots: { ops: ${opsKey} }\n${ops}`,
    "1:14: expected a mapping like { key: … }, found text",
  ],
  [
    "one credential in place of a list",
    `${bots}\n${ops}\nauth: { webhook: { bearer: { token: x } } }`,
    "3:18: expected a list, found a mapping; write it as a list, [ … ]",
  ],
  [
    "a merge key",
    `x-common: &c { message: text }\n${bots}\nroute: { bot: ops, <<: *c }`,
    '3:20: unknown key "<<"; merge keys are not supported: write the keys out, or name a whole value with & and *',
  ],
  ["an alias of a key that begins with x-", `x-common: &m [text]\n${bots}\nroute: { bot: ops, message: *m }`],
  ["a number as mobile", `${bots}\nroute: { bot: ops, mention: { mobiles: [13800000000] } }`, `2:41: ${putInQuotes}`],
  ["a number as userid", `${bots}\n${ops}\npeople: { a: { userid: 1001 } }`, `3:24: ${putInQuotes}`],
  [
    "{{…}} without quotes",
    `${bots}\nroute: { bot: ops, mention: { users: [{{labels.owner}}] } }`,
    "2:39: expected text, found a mapping; put {{…}} in quotes",
  ],
  [
    "a folder in place of a file",
    `${bots}\n${ops}\nvoice_file: .`,
    '3:13: file "FOLDER" cannot be read: it is a folder',
  ],

  [
    "a template that no file has, in a route and inherited",
    `${bots}\nroute: { bot: ops, template: own, routes: [{ matchers: [a=b] }] }\ntemplates: [own/*.hbs]\n`,
    '2:30: there is no template "own" for markdown messages (own.markdown.hbs); there are: default',
    "3:13: no template file matches this",
  ],

  // Of alertmanager.yml.
  [
    "the receiver of a route",
    `${bots}\nroute: { receiver: ops, repeat_interval: 4h }`,
    '2:1: missing key "bot"',
    '2:10: unknown key "receiver"; did you mean "bot"?',
    '2:25: unknown key "repeat_interval"; it stays in alertmanager.yml: the sender decides when it sends',
  ],
  [
    "receivers under bots",
    `bots: { ops: { webhook_configs: [{ url: "http://x" }] } }\n${ops}`,
    "1:9: give exactly one of key, key_env, key_file, keys and keys_file",
    '1:16: unknown key "webhook_configs"; it stays in alertmanager.yml; here a bot has the key of its robot',
  ],
  [
    "a setting of a route in a bot",
    `bots: { ops: { key: ${opsKey}, send_resolved: true } }\n${ops}`,
    '1:59: unknown key "send_resolved"; it is a setting of a route',
  ],
  [
    "basic_auth",
    withAuth("basic_auth: { username: a, password: b }"),
    '5:7: unknown key "basic_auth"; write basic: { username: …, password_hash: … }',
    "5:7: give exactly one of bearer, authorization, basic, hmac, header and query",
  ],
  [
    "the type of an authorization",
    withAuth("authorization: { type: Bearer, credentials: x }"),
    '5:7: missing key "scheme"',
    '5:24: unknown key "type"; write scheme, like Bearer',
  ],
];

async function diagnosticsOf(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const { code, err } = await run(["check-config", join(folder, "config.yaml")]);
  const lines = err
    .replaceAll(`${folder}/`, "")
    .replaceAll(folder, "FOLDER")
    .split("\n")
    .filter((line) => line !== "" && !line.includes("auth.webhook is empty"));
  const issues = code === 0 ? lines : lines.slice(0, -1);
  assert.equal(
    code === 0,
    issues.every((line) => line.startsWith("warning: ")),
  );
  return issues.map((line) => line.replace("config.yaml:", ""));
}

type TemplateRow = readonly [what: string, file: string, text: string | Buffer, ...said: readonly string[]];

const hbs = "own.markdown.hbs";
const page = 'docs/templates.md, "From Go templates"';
const kinds =
  "<name>.markdown.hbs, <name>.markdown_v2.hbs, <name>.text.hbs, <name>.text_notice.yaml, <name>.news_notice.yaml";

const inTemplates: readonly TemplateRow[] = [
  [
    "a layout of Java",
    hbs,
    '{{name}}{{#each alerts}}{{date "yyyy-MM-dd HH:mm" startsAt}}{{/each}}',
    `${hbs}:1:32: "yyyy-MM-dd HH:mm" is no layout of Go; write "2006-01-02 15:04"`,
  ],
  [
    "a layout of strftime",
    hbs,
    '{{name}}{{#each alerts}}{{format startsAt "%m月%d日 %H:%M"}}{{/each}}',
    `${hbs}:1:43: "%m月%d日 %H:%M" is no layout of Go; write "01月02日 15:04"`,
  ],
  [
    "a field that there is not",
    hbs,
    "{{name}}\n{{#each alerts}}\n{{lable.instance}} {{labels.absent}}{{/each}}",
    `warning: ${hbs}:3:3: there is no field "lable" here; did you mean "labels"?`,
  ],
  [
    "a field of an alert in the group",
    hbs,
    "{{name}}{{startsAt}}",
    `warning: ${hbs}:1:11: there is no field "startsAt" here; did you mean "start"?`,
  ],
  [
    "a field in a partial",
    "_alert.hbs",
    "{{Labels.instance}}",
    'warning: _alert.hbs:1:3: there is no field "Labels" here; did you mean "labels"?',
  ],
  [
    "a verb of printf for another kind of value",
    hbs,
    '{{name}}{{#each alerts}}{{printf "%f" labels.alertname}}{{/each}}',
    "warning: template own.markdown prints %!f(string=Watchdog): its value is not of the kind that printf asks for",
  ],
  [
    "a Go template",
    hbs,
    "{{ range .Alerts }}{{ .Labels.instance }}{{ end }}",
    `${hbs}:1:23: unexpected . or /: a path starts with a name; Go's .Status is {{status}}: ${page}`,
  ],
  [
    "a pipe",
    hbs,
    "{{ title commonLabels.x | safeHtml }}",
    `${hbs}:1:25: unexpected |; Go's | is {{toUpper status}}, and calls nest in parentheses: ${page}`,
  ],
  [
    "a condition without dots",
    hbs,
    '{{ if eq status "firing" }}x{{ end }}',
    `${hbs}:1:4: if needs a block: {{#if …}}…{{/if}}; Go's if is {{#if (eq status "firing")}}…{{/if}}: ${page}`,
  ],
  [
    "a function of Prometheus's rules",
    hbs,
    '{{ query "up" }}',
    `${hbs}:1:4: there is no helper "query"; Go's query is not available outside of Prometheus's rules: ${page}`,
  ],
  [
    "a function of PrometheusAlert",
    hbs,
    "{{ GetCSTtime startsAt }}",
    `${hbs}:1:4: there is no helper "GetCSTtime"; Go's GetCSTtime is {{date "2006-01-02 15:04:05" (tz "Asia/Shanghai" startsAt)}}: ${page}`,
  ],
  [
    "a function of Sprig",
    hbs,
    "{{ upper name }}",
    `${hbs}:1:4: there is no helper "upper"; Go's upper is {{toUpper status}}: ${page}`,
  ],
  [
    "the file of a Go template",
    "own.tmpl",
    '{{ define "x" }}{{ end }}',
    `own.tmpl:1:1: the file of a template must be named ${kinds}, <name>.news.yaml or _<partial>.hbs; Go templates are not read: ${page}`,
  ],
  [
    "{{…}} without quotes in a card",
    "own.text_notice.yaml",
    "main_title: {{name}}",
    'own.text_notice.yaml:1:14: put {{…}} in quotes: "{{…}}"',
  ],
  [
    "{{…}} and text without quotes in a card",
    "own.text_notice.yaml",
    "main_title:\n  title: {{name}} down",
    'own.text_notice.yaml:2:19: put {{…}} in quotes: "{{…}}"',
  ],
  [
    "a field that there is not, and nothing else",
    hbs,
    "{{lable.instance}}",
    `warning: ${hbs}:1:3: there is no field "lable" here; did you mean "labels"?`,
    "template own fails with every sample: the template prints nothing",
  ],
  [
    "two helpers that there are not",
    hbs,
    "{{toUper name}}\n{{foo name}}",
    `${hbs}:1:3: there is no helper "toUper"; did you mean "toUpper"?`,
    `${hbs}:2:3: there is no helper "foo"`,
  ],
  ["GBK", hbs, Buffer.from([0xd4, 0xcb, 0xce, 0xac]), `${hbs}:1:1: ${gbk}`],
];

for (const [what, file, text, ...said] of inTemplates) {
  test(`in a template: ${what}`, async (t) => {
    const config = `${bots}\n${ops}\ntemplates: [${file}]\n`;

    assert.deepEqual(await diagnosticsOf(t, { "config.yaml": config, [file]: text }), said);
  });
}

test("templates and shapes are checked in one run", async (t) => {
  const config = `${bots}\nroute: { bot: 5 }\ntemplates: [own.*]\n`;

  const said = await diagnosticsOf(t, { "config.yaml": config, [hbs]: "{{toUper name}}" });

  assert.deepEqual(said, [
    `${hbs}:1:3: there is no helper "toUper"; did you mean "toUpper"?`,
    "2:15: expected a bot name or a list of them, found a number",
  ]);
});

test("a mention that asks for a field that there is not", async (t) => {
  const config = `${bots}\nroute: { bot: ops, mention: { users: ["{{label.owner}}"] } }\n`;

  const said = await diagnosticsOf(t, { "config.yaml": config });

  assert.deepEqual(said, [
    'warning: mention "{{label.owner}}":1:3: there is no field "label" here; did you mean "labels"?',
  ]);
});

test("a success says what was read, and the bytes of the operator's own templates", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, hbs), "{{name}}");
  writeFileSync(join(folder, "config.yaml"), `${bots}\n${ops}\ntemplates: [own.*]\n`);

  const { out } = await run(["check-config", join(folder, "config.yaml")]);

  const [own, summary, ...more] = out.split("\n");
  assert.match(own ?? "", /^markdown "own": markdown \d+ to \d+ of 4096 bytes/);
  assert.match(summary ?? "", /config\.yaml: OK: 1 bot, 1 route, 1 own template$/);
  assert.deepEqual(more, []);
});

for (const [what, config, ...said] of inConfigs) {
  test(what, async (t) => {
    assert.deepEqual(await diagnosticsOf(t, { "config.yaml": config }), said);
  });
}
