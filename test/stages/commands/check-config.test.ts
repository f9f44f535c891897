// check-config says everything at once and where it is written, also what only other files show.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileOf, opsKey, run } from "./running.ts";

const bots = `bots: { ops: { key: ${opsKey} } }`;

async function faultsOf(path: string, ...flags: readonly string[]): Promise<readonly string[]> {
  const { code, err } = await run(["check-config", ...flags, path]);
  assert.equal(code, 1, err);
  return err.split("\n").slice(0, -1);
}

test("what other files show is told with the faults of templates, each with line and column", async (t) => {
  const ca = fileOf(t, "ca.pem", "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
  const config = `${bots}
siren_file: absent.amr
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
  const faults = await faultsOf(path);

  const places = faults.map((fault) => fault.slice(path.length).split(": ")[0]);
  // Of templates that are missing: one where it is named, one where text is asked for.
  assert.deepEqual(places, [":2:13", ":4:19", ":3:19", ":7:13", ":10:7", ":8:22", ":10:28"]);
});

test("a faulty template does not hide what is wrong with mentions and files", async (t) => {
  const template = fileOf(t, "default.text.hbs", "{{#each alerts}}");
  const path = fileOf(
    t,
    "config.yaml",
    `${bots}
siren_file: absent.amr
templates: [${template}]
route: { bot: ops, mention: { users: ["{{"] } }
`,
  );

  const faults = await faultsOf(path);

  const places = faults.map((fault) => fault.split(": ")[0]);
  assert.deepEqual(places, [`${template}:1:17`, `${path}:2:13`, `${path}:4:39`]);
});

test("a name in a mention that would ring nobody is a fault", async (t) => {
  const mentions = 'users: [张三, zhangsan, "@all", 李四], mobiles: ["13800000000", "138 0000"]';
  const config = `${bots}
people: { 张三: { userid: zs } }
route: { bot: ops, mention: { ${mentions} }, routes: [{ message: text }] }
`;
  const path = fileOf(t, "config.yaml", config);

  const faults = await faultsOf(path);

  assert.deepEqual(
    faults.map((fault) => fault.slice(path.length)),
    [
      ":3:53: everyone is rung by all: true, not by a name",
      ':3:61: "李四" is no userid and not in people: it would ring nobody',
      ':3:91: "138" is no mobile number and not in people: it would ring nobody',
    ],
  );
});

test("a web config with faults does not hide those of the config", async (t) => {
  const web = fileOf(t, "web.yaml", "basic_auth_user: {}\n");
  const path = fileOf(t, "config.yaml", `${bots}\nroute: { bot: op }\n`);

  const faults = await faultsOf(path, `--web.config.file=${web}`);

  assert.deepEqual(
    faults.map((fault) => fault.split(": ")[0]),
    [`${web}:1:1`, `${path}:2:15`],
  );
});

test("a certificate that is not there is told where it is named", async (t) => {
  const web = fileOf(t, "web.yaml", "tls_server_config:\n  cert_file: absent.crt\n  key_file: absent.key\n");
  const path = fileOf(t, "config.yaml", `${bots}\nroute: { bot: ops }\n`);

  const faults = await faultsOf(path, `--web.config.file=${web}`);

  assert.deepEqual(faults, [
    `${web}:2:14: file "absent.crt" cannot be read: ENOENT`,
    `${web}:3:13: file "absent.key" cannot be read: ENOENT`,
  ]);
});

test("a pattern of templates that matches no file is a warning: a folder may be misspelt", async (t) => {
  const path = fileOf(t, "config.yaml", `${bots}\ntemplates: [tempaltes/*]\nroute: { bot: ops }\n`);

  const { code, err } = await run(["check-config", path]);

  assert.equal(code, 0);
  assert.equal(err, `warning: ${path}:2:13: no template file matches this`);
});
