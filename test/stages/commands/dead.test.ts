// `dead` against a service whose robot refuses a message, running and stopped.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { createServer as createPlainServer } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { eventually, type Stack, startStack } from "../../support/stack.ts";
import { fileOf, opsKey, run } from "./running.ts";

const passwordHash = "$2b$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

const alerts = [{ status: "firing", labels: { alertname: "DiskFull" } }];

interface OneDead {
  readonly stack: Stack;
  readonly id: string;
  /** Stops the service; its folder stays until the test ends. */
  leave(): Promise<void>;
}

/** A service that has given up one message: WeCom refused it and its plain text. */
async function withOneDead(t: TestContext): Promise<OneDead> {
  const stack = await startStack();
  let left: Promise<void> | null = null;
  const leave = () => {
    left ??= stack.stop({ keepFolder: true });
    return left;
  };
  t.after(async () => {
    await leave();
    rmSync(stack.folder, { recursive: true });
  });
  const refusal = { kind: "errcode", errcode: 40008 } as const;
  stack.simulator.script("ops", [refusal, refusal]);
  await stack.post({ alerts });
  const failures = 'notifications_failed_by_bot_total{bot="ops",reason="badContent"}';
  await eventually("the message is given up", async () => (await stack.metric(failures)) === 1);
  const { out } = await run(["dead", "list", `--url=${stack.origin}`, "--output=json"]);
  return { stack, id: String(JSON.parse(out)[0].id), leave };
}

test("a dead message is listed, shown in full, and sent again once it is replayed", async (t) => {
  const { stack, id } = await withOneDead(t);
  const url = `--url=${stack.origin}`;

  const list = await run(["dead", "list", url]);
  const shown = await run(["dead", "show", id, url]);
  const replayed = await run(["dead", "replay", "all", url]);

  assert.match(list.out, new RegExp(`^${id}  20.*Z  bot ops  1 alert  badContent  .*DiskFull`));
  assert.match(shown.out, /--- part 1, badContent\n[\s\S]*DiskFull/);
  assert.deepEqual(replayed, { code: 0, out: `1 queued again: ${id}`, err: "" });
  await eventually("it arrives", () => stack.simulator.accepted().length === 1);
  assert.equal(stack.simulator.accepted()[0]?.msgtype, "markdown");
  assert.equal((await run(["dead", "list", url])).out, "no refused messages");
});

test("--storage reads the file of a stopped service; that of a running one is rejected with the reason", async (t) => {
  const { stack, id, leave } = await withOneDead(t);
  const storage = `--storage=sqlite:${join(stack.folder, "outbox.db")}`;

  const running = await run(["dead", "list", storage]);
  await leave();
  const dropped = await run(["dead", "drop", id, storage]);
  const list = await run(["dead", "list", storage]);

  assert.equal(running.code, 1);
  assert.match(
    running.err,
    /^a running service uses .*outbox\.db: leave --storage out, and the command asks the service$/,
  );
  assert.equal(dropped.out, `1 dropped: ${id}`);
  assert.equal(list.out, "no refused messages");
});

test("an unknown id exits 1 and is named; so does a service that does not answer, or a file that does not exist", async (t) => {
  const { stack } = await withOneDead(t);

  const unknown = await run(["dead", "replay", "99", `--url=${stack.origin}`]);
  const unanswered = await run(["dead", "list", "--url=http://127.0.0.1:1"]);
  const nothing = await run(["dead", "list", `--storage=${join(stack.folder, "other.db")}`]);

  assert.deepEqual([unknown.code, unanswered.code, nothing.code], [1, 1, 1]);
  assert.match(unknown.err, /^no refused message has id 99$/);
  assert.match(nothing.err, /there is no outbox/);
});

const verbs = "expected one of: dead list, dead show ID…|all, dead replay ID…|all, dead drop ID…|all";
const wrongUse: readonly (readonly [args: string, code: number, said: string])[] = [
  ["", 2, verbs],
  ["lst", 2, `${verbs}; did you mean "list"?`],
  ["list 1", 2, "dead list takes no ids; dead show does"],
  ["replay", 2, "name ids, or all: dead replay ID…|all; dead list shows the ids"],
  ["drop x", 2, '"x" is no id; dead list shows the ids'],
  ["list --url=localhost:8060", 1, "--url must begin with http:// or https://, like http://127.0.0.1:8060"],
];
for (const [args, code, said] of wrongUse) {
  test(`wrong use is named: dead ${args}`, async () => {
    const ran = await run(["dead", ...args.split(" ").filter((word) => word !== "")]);

    assert.deepEqual([ran.code, ran.err], [code, said]);
  });
}

test("with auth.admin the command sends the header from its file, and is rejected without it", async (t) => {
  const stack = await startStack({
    config: "route: { bot: ops }\nauth: { admin: [ { bearer: { token: for-the-operator } } ] }",
  });
  t.after(() => stack.stop());
  const header = fileOf(t, "authorization", "Bearer for-the-operator\n");
  const line = fileOf(t, "line", "Authorization: Bearer for-the-operator\n");

  const anonymous = await run(["dead", "list", `--url=${stack.origin}`]);
  const operator = await run(["dead", "list", `--url=${stack.origin}`, `--authorization-file=${header}`]);
  const whole = await run(["dead", "list", `--url=${stack.origin}`, `--authorization-file=${line}`]);

  assert.equal(anonymous.code, 1);
  assert.match(anonymous.err, /answered 401: .*; name the config of the service with --config\.file, or --auth/);
  assert.deepEqual(operator, { code: 0, out: "no refused messages", err: "" });
  assert.deepEqual(whole, operator);
});

test("address, credentials and authority come from the config of the service", async (t) => {
  const asked: (string | undefined)[] = [];
  const tls = (name: string) => fileURLToPath(new URL(`../../fixtures/tls/${name}`, import.meta.url));
  const pair = { cert: readFileSync(tls("server.pem")), key: readFileSync(tls("server.key")) };
  const server = createServer(pair, (req, res) => {
    asked.push(`${req.url} ${req.headers.authorization} ${req.headers["x-token"]}`);
    res.end('{"deliveries":[]}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const listWith = (admin: string, more: string, ...flags: readonly string[]) => {
    const auth = `auth: { admin: ${admin} }\nexternal_url: "https://127.0.0.1:${port}/wecom"\n${more}`;
    const config = `bots: { ops: { key: ${opsKey} } }\nroute: { bot: ops }\n${auth}\n`;
    return run(["dead", "list", `--config.file=${fileOf(t, "config.yaml", config)}`, ...flags]);
  };
  const ca = `wecom: { ca_file: "${tls("ca.pem")}" }`;
  const password = `{ basic: { username: ops, password_hash: "${passwordHash}" } }`;

  const known = await listWith(`[${password}, { bearer: { token: of-config } }]`, ca);
  const named = await listWith("[{ header: { name: X-Token, value: of-config } }]", "", `--ca-file=${tls("ca.pem")}`);
  const unknown = await listWith("[{ bearer: { token: of-config } }]", "");
  const hashOnly = await listWith(`[${password}]`, ca);

  assert.deepEqual([known.out, named.out], ["no refused messages", "no refused messages"]);
  assert.deepEqual(asked, [
    "/wecom/api/v1/dead?limit=1000 Bearer of-config undefined",
    "/wecom/api/v1/dead?limit=1000 undefined of-config",
  ]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /signed by no authority that is known here\); name its authority with --ca-file$/);
  assert.match(hashOnly.err, /no bearer, authorization or header .*--authorization-file$/);
});

const foreign: readonly (readonly [what: string, status: number, body: string, said: string])[] = [
  [
    "a page",
    200,
    "<html>portal</html>",
    "answered 200, not as this service does; name the address of the service with --url",
  ],
  [
    "a page of errors",
    404,
    "<html>",
    "answered 404, not as this service does; name the address of the service with --url",
  ],
  ["an error of the service", 403, '{"error":"x"}', 'answered 403: {"error":"x"}'],
];
for (const [what, status, body, said] of foreign) {
  test(`an answer that is no list is named: ${what}`, async (t) => {
    const server = createPlainServer((_, res) => void res.writeHead(status).end(body));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const { code, err } = await run(["dead", "list", `--url=${origin}`]);

    assert.deepEqual([code, err], [1, `${origin} ${said}`]);
  });
}

test("--ca-file without a certificate is named", async (t) => {
  const file = fileOf(t, "ca.pem", "-----BEGIN PRIVATE KEY-----\n");

  const { code, err } = await run(["dead", "list", `--ca-file=${file}`]);

  assert.deepEqual([code, err], [1, `${file}: it holds no PEM certificate; name one with --ca-file`]);
});

test("--url goes before external_url", async (t) => {
  const config = `bots: { ops: { key: ${opsKey} } }\nroute: { bot: ops }\nexternal_url: "http://127.0.0.1:1"\n`;
  const file = fileOf(t, "config.yaml", `${config}auth: { admin: [{ bearer: { token: of-config } }] }\n`);

  const [given, configured] = [
    await run(["dead", "list", `--config.file=${file}`, "--url=http://127.0.0.1:2"]),
    await run(["dead", "list", `--config.file=${file}`]),
  ];

  assert.match(given.err, /^http:\/\/127\.0\.0\.1:2 does not answer \(nothing listens there\)/);
  assert.match(configured.err, /^http:\/\/127\.0\.0\.1:1 does not answer/);
});
