// check-config reports all issues at once, each with its place, also those that only other files show.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileOf, opsKey, run } from "./running.ts";

const bots = `bots: { ops: { key: ${opsKey} } }`;

const passwordHash = "$2b$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

async function issuesOf(path: string, ...flags: readonly string[]): Promise<readonly string[]> {
  const { code, err } = await run(["check-config", ...flags, path]);
  assert.equal(code, 1, err);
  return err.split("\n").slice(0, -1);
}

test("issues of other files and of templates are reported together, each with line and column", async (t) => {
  const ca = fileOf(t, "ca.pem", "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
  const config = `${bots}
voice_file: absent.amr
pictures: { file: absent.png }
wecom: { ca_file: ${ca} }
route:
  bot: ops
  template: absent
  mention: { users: ["{{labels.owner", "{{labels.owner}}"] }
  routes:
    - mention: { mobiles: ["{{/if}}"] }
      message: text
`;

  const path = fileOf(t, "config.yaml", config);
  const issues = await issuesOf(path);

  const places = issues.map((issue) => issue.slice(path.length).split(": ")[0]);
  // Of templates that are missing: one where it is named, one where text is asked for.
  assert.deepEqual(places, [":2:13", ":4:19", ":3:19", ":7:13", ":10:7", ":8:22", ":10:28"]);
});

test("a font of which graphs cannot tell what it has is an issue", async (t) => {
  const font = fileOf(t, "font.woff2", "wOF2: its tables are compressed");
  const path = fileOf(t, "config.yaml", `${bots}\nroute: { bot: ops }\ngraphs: { font_file: ${font} }\n`);

  const issues = await issuesOf(path);

  assert.deepEqual(issues, [`${path}:3:22: file "${font}" is not a TTF, OTF or TTC font; use another file`]);
});

test("an invalid template does not hide issues of mentions and files", async (t) => {
  const template = fileOf(t, "default.text.hbs", "{{#each alerts}}");
  const path = fileOf(
    t,
    "config.yaml",
    `${bots}
voice_file: absent.amr
templates: [${template}]
route: { bot: ops, mention: { users: ["{{"] } }
`,
  );

  const issues = await issuesOf(path);

  const places = issues.map((issue) => issue.split(": ")[0]);
  assert.deepEqual(places, [`${template}:1:17`, `${path}:2:13`, `${path}:4:39`]);
});

test("a name that mentions nobody is an issue", async (t) => {
  const mentions = 'users: [张三, zhangsan, "@all", 李四], mobiles: ["13800000000", "138 0000"]';
  const config = `${bots}
people: { 张三: { userid: zs } }
route: { bot: ops, mention: { ${mentions} }, routes: [{ message: text }] }
`;
  const path = fileOf(t, "config.yaml", config);

  const issues = await issuesOf(path);

  assert.deepEqual(
    issues.map((issue) => issue.slice(path.length)),
    [
      ":3:53: a name does not mention everyone; set all: true",
      ':3:61: "李四" is not a userid and not in people, so it mentions nobody; add it to people',
      ':3:91: "138" is not a mobile number and not in people, so it mentions nobody; add it to people',
    ],
  );
});

test("a rotation that is not in oncall is an issue where a mention or a template names it", async (t) => {
  const template = fileOf(
    t,
    "own.markdown.hbs",
    `{{this.title}}\n{{oncall "dba"}} {{oncall 'dbaa'}} {{oncall labels.team}}`,
  );
  const oncall = 'dba: { start: 2026-11-02, handover: "Mon 09:00", people: [zhangsan] }';
  const path = fileOf(
    t,
    "config.yaml",
    `${bots}
oncall: { ${oncall} }
templates: [${template}]
route: { bot: ops, mention: { users: ['{{oncall "dba"}}', '{{oncall "web"}}'] } }
`,
  );

  const issues = await issuesOf(path);

  assert.deepEqual(issues, [
    `${template}:2:27: there is no rotation "dbaa" in oncall; did you mean "dba"?`,
    `${path}:4:59: there is no rotation "web" in oncall`,
  ]);
});

test("a rotation of a config with issues is no issue of the templates", async (t) => {
  const template = fileOf(t, "own.markdown.hbs", '{{oncall "dba"}}');
  const path = fileOf(
    t,
    "config.yaml",
    `${bots}\ntemplates: [${template}]\noncall: { dba: {} }\nroute: { bot: ops }\n`,
  );

  const issues = await issuesOf(path);

  assert.deepEqual(
    issues.map((issue) => issue.slice(0, issue.indexOf(": "))),
    Array(3).fill(`${path}:3:11`),
  );
});

test("issues of a web config do not hide those of the config, and each file has its count", async (t) => {
  const web = fileOf(t, "web.yaml", "basic_auth_user: {}\n");
  const path = fileOf(t, "config.yaml", `${bots}\nroute: { bot: op }\n`);

  const issues = await issuesOf(path, `--web.config.file=${web}`);

  assert.deepEqual(
    issues.map((issue) => issue.split(": ")[0]),
    [`${web}:1:1`, web, `${path}:2:15`],
  );
});

test("a config with which anyone may post has a warning, one with auth or users has none", async (t) => {
  const users = fileOf(t, "web.yaml", `basic_auth_users: { prometheus: "${passwordHash}" }\n`);
  const open = fileOf(t, "open.yaml", `${bots}\nroute: { bot: ops }\n`);
  const guarded = fileOf(
    t,
    "guarded.yaml",
    `${bots}\nroute: { bot: ops }\nauth: { webhook: [{ bearer: { token: x } }] }\n`,
  );

  const ran = [
    await run(["check-config", open]),
    await run(["check-config", guarded]),
    await run(["check-config", open, `--web.config.file=${users}`]),
  ];

  assert.deepEqual(
    ran.map(({ err }) => err),
    [`warning: ${open}: auth.webhook is empty: anyone who reaches the port can post to your groups`, "", ""],
  );
});

test("a missing certificate is reported where it is named", async (t) => {
  const web = fileOf(t, "web.yaml", "tls_server_config:\n  cert_file: absent.crt\n  key_file: absent.key\n");
  const path = fileOf(t, "config.yaml", `${bots}\nroute: { bot: ops }\n`);

  const issues = await issuesOf(path, `--web.config.file=${web}`);

  assert.deepEqual(issues, [
    `${web}:2:14: file "absent.crt" cannot be read: there is no such file`,
    `${web}:3:13: file "absent.key" cannot be read: there is no such file`,
  ]);
});

test("a pattern of templates that matches no file is a warning: a folder may be misspelt", async (t) => {
  const path = fileOf(t, "config.yaml", `${bots}\ntemplates: [tempaltes/*]\nroute: { bot: ops }\n`);

  const { code, err } = await run(["check-config", path]);

  assert.equal(code, 0);
  assert.equal(err.split("\n")[0], `warning: ${path}:2:13: no template file matches this`);
});
