// `routes test` prints every node that it visits, and agrees with the walk that routes.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseMatchers } from "../../../src/route/matcher.ts";
import { explainRoutes, matchRoutes, type RouteNode, type VisitedRoute } from "../../../src/route/tree.ts";
import { plainLook } from "../../support/look.ts";
import { fileOf, opsKey, run } from "./running.ts";

const config = `
bots:
  ops: { key: ${opsKey} }
  dba: { key: 0a1b2c3d-0000-4000-8000-00000000dba0 }
route:
  bot: ops
  routes:
    - matchers: [severity="critical"]
      urgent: true
      message: text_notice
      mention: { users: ["{{labels.owner}}"] }
      continue: true
    - matchers: [team=~"db|storage"]
      bot: dba
      send_resolved: false
    - matchers: [team="db"]
      bot: [ops, dba]
`;

test("every visited node is shown with its answer, then each bot with its settings", async (t) => {
  const file = fileOf(t, "config.yaml", config);

  const { code, out } = await run(["routes", "test", `--config.file=${file}`, "severity=critical", "team=db"]);

  assert.equal(code, 0);
  assert.deepEqual(out.split("\n"), [
    'firing {severity="critical", team="db"}',
    "  route: matches",
    '    route.routes[0] {severity="critical"}: matches, delivers here; continue: the next routes are tried too',
    '    route.routes[1] {team=~"db|storage"}: matches, delivers here',
    '    route.routes[2] {team="db"}: not tried, a route before it took the alert',
    "goes to bot ops by route.routes[0]: text_notice, template default, urgent, resolved alerts too, mentions {{labels.owner}} on firing",
    "goes to bot dba by route.routes[1]: markdown, template default, no resolved alerts",
  ]);
});

test("mentions and merging are printed too", async (t) => {
  const settingsOfRoute =
    'group: merge, wait: 1m, mention: { mobiles: ["13800000000"], all: true, on: [firing, resolved] }';
  const file = fileOf(t, "config.yaml", `bots: { ops: { key: ${opsKey} } }\nroute: { bot: ops, ${settingsOfRoute} }\n`);

  const { out } = await run(["routes", "test", `--config.file=${file}`]);

  assert.match(out, /resolved alerts too, merged for 60 s, mentions 13800000000 @all on firing, resolved$/);
});

test("a route that drops is shown, and so is what differs from the root in language, time zone and display", async (t) => {
  const routes = `
    - { matchers: [team="berlin"], language: en, timezone: Europe/Berlin, display: { marks: none }, continue: true }
    - { matchers: [alertname="Watchdog"], drop: true }`;
  const text = `bots: { ops: { key: ${opsKey} } }\nroute:\n  bot: ops\n  routes:${routes}\n`;
  const file = fileOf(t, "config.yaml", text);
  const tested = async (...labels: readonly string[]) =>
    (await run(["routes", "test", `--config.file=${file}`, ...labels])).out.split("\n");

  const both = await tested("alertname=Watchdog", "team=berlin");

  assert.deepEqual(both.slice(1), [
    "  route: matches",
    '    route.routes[0] {team="berlin"}: matches, delivers here; continue: the next routes are tried too',
    '    route.routes[1] {alertname="Watchdog"}: matches, drops the alert',
    "goes to bot ops by route.routes[0]: markdown, template default, resolved alerts too, language en, times in Europe/Berlin, a display of its own",
    "dropped by route.routes[1]: drop is true",
  ]);
  assert.equal((await tested("alertname=Watchdog")).at(-1), "dropped by route.routes[1]: drop is true");
});

test("a route that does not match names the matcher; the root answers when no child takes the alert", async (t) => {
  const file = fileOf(t, "config.yaml", config);

  const { out } = await run(["routes", "test", `--config.file=${file}`, "severity=info"]);

  assert.match(out, /^ {4}route\.routes\[0\] \{severity="critical"\}: does not match severity="critical"$/m);
  assert.match(out, /^ {2}route: matches, delivers here$/m);
  assert.match(out, /^goes to bot ops by route: markdown/m);
});

test("each alert of a payload is printed, also a resolved one that is not delivered", async (t) => {
  const file = fileOf(t, "config.yaml", config);
  const alerts = [
    { status: "firing", labels: { team: "web" } },
    { status: "resolved", labels: { team: "storage" } },
  ];
  const payload = fileOf(t, "body.json", JSON.stringify({ alerts }));

  const { code, out } = await run(["routes", "test", `--config.file=${file}`, `--payload=${payload}`]);

  assert.equal(code, 0);
  assert.match(out, /^firing \{team="web"\}$/m);
  assert.match(out, /^resolved \{team="storage"\}$/m);
  assert.match(out, /^not delivered by route\.routes\[1\]: send_resolved is false$/m);
});

const expectations: readonly (readonly [labels: string, expected: string, mismatch: string])[] = [
  ["team=db", "dba", ""],
  ["severity=critical team=db", "dba, ops", ""],
  ["alertname=Watchdog", "", ""],
  ["team=db", "ops", '{team="db"} goes to dba; expected ops'],
  ["severity=critical team=db", "dba", '{severity="critical", team="db"} goes to dba, ops; expected dba'],
  ["team=web", "", '{team="web"} goes to ops; expected no bot'],
  ["alertname=Watchdog", "ops", '{alertname="Watchdog"} goes to no bot; expected ops'],
];
for (const [labels, expected, mismatch] of expectations) {
  test(`--expect="${expected}" with ${labels} ${mismatch === "" ? "exits 0" : "exits 1"}`, async (t) => {
    const file = fileOf(t, "config.yaml", `${config}    - { matchers: [alertname="Watchdog"], drop: true }\n`);

    const tested = await run(["routes", "test", `--config.file=${file}`, `--expect=${expected}`, ...labels.split(" ")]);

    assert.deepEqual([tested.code, tested.err], [mismatch === "" ? 0 : 1, mismatch]);
  });
}

test("without --config.file the answer says that it is about the built-in defaults", async () => {
  const { code, err } = await run(["routes", "test", "severity=critical"]);

  assert.equal(code, 0);
  assert.match(err, /^no --config\.file: the built-in defaults/);
});

test("what is no label and what is no bot are named", async (t) => {
  const file = fileOf(t, "config.yaml", config);
  const args = ["routes", "test", `--config.file=${file}`];

  const label = await run([...args, "severity"]);
  const bot = await run([...args, "team=db", "--expect=dbaa"]);

  assert.deepEqual([label.code, label.err], [2, '"severity" is no label; write it as name=value']);
  assert.equal(bot.code, 1);
  assert.match(bot.err, /^there is no bot "dbaa"; did you mean "dba"\?; the config has: /);
});

test("wrong use exits 2, a body that is not a webhook exits 1", async (t) => {
  const file = fileOf(t, "config.yaml", config);
  const payload = fileOf(t, "body.json", "{}");

  assert.equal((await run(["routes"])).code, 2);
  assert.equal((await run(["routes", "test", `--config.file=${file}`, "severity"])).code, 2);
  assert.equal((await run(["routes", "test", `--config.file=${file}`, `--payload=${payload}`])).code, 1);
});

const { letrec, record, constantFrom, boolean, array, dictionary } = fc;
const value = constantFrom("x", "y", "");
const matcher = fc.tuple(constantFrom("a", "b"), constantFrom("=", "!="), value).map(([name, op, text]) => {
  const parsed = parseMatchers(`${name}${op}"${text}"`);
  return parsed.kind === "parsed" ? parsed.matchers : [];
});
const settings: RouteNode["settings"] = {
  bots: ["ops"],
  messages: ["markdown"],
  template: "default",
  urgent: false,
  sendResolved: true,
  mention: { users: [], mobiles: [], all: false, on: [], repeats: false },
  group: "as_sent",
  waitMs: 30_000,
  ...plainLook,
};
const { route } = letrec<{ readonly route: RouteNode }>((tie) => ({
  route: record({
    path: fc.uuid(),
    matchers: array(matcher, { maxLength: 2 }).map((each) => each.flat()),
    settings: fc.constant(settings),
    drop: boolean(),
    continue: boolean(),
    routes: fc.oneof({ maxDepth: 3 }, fc.constant([]), array(tie("route"), { maxLength: 3 })),
  }),
}));

function deliveringRoutes({ node, answers, children }: VisitedRoute): readonly RouteNode[] {
  return answers ? [node] : children.flatMap(deliveringRoutes);
}

test("for any tree and any labels, the nodes that answer are those that route", () => {
  fc.assert(
    fc.property(route, dictionary(constantFrom("a", "b"), value), (root, labels) => {
      assert.deepEqual(deliveringRoutes(explainRoutes(root, labels)), matchRoutes(root, labels));
    }),
  );
});
