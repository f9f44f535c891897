// `send-test` against the simulator: the answer explained, the exit code a script can act on, and never the key.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { ScriptedFault } from "../../../src/simulator/faults.ts";
import { startSimulator } from "../../../src/simulator/server.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, keyOf, startStack } from "../../support/stack.ts";
import { fileOf, opsKey, run } from "./running.ts";

async function sendTest(t: TestContext, faults: readonly ScriptedFault[] = [], key = opsKey) {
  const simulator = await startSimulator({ robots: [{ name: "ops", key: opsKey }] });
  t.after(() => simulator.close());
  simulator.script("ops", faults);
  const config = `bots: { ops: { key: ${key} } }\nroute: { bot: ops }\nwecom: { base_url: "${simulator.origin}" }\n`;
  const file = fileOf(t, "config.yaml", config);
  const ran = await run(["send-test", `--config.file=${file}`, "--url=http://127.0.0.1:9", "ops"]);
  return { ...ran, messages: simulator.accepted() };
}

test("a delivered message exits 0 and is in the group, saying what it is", async (t) => {
  const { code, out, messages } = await sendTest(t);

  assert.equal(code, 0);
  assert.match(out, /^ops: delivered\n {2}answer: {2}errcode 0: ok$/);
  assert.match(JSON.stringify(messages), /测试消息 test message \(bot ops\)/);
});

const refusals = [
  {
    what: "over the rate",
    errcode: 45009,
    code: 4,
    explained: /rateLimited.*\n.*45009.*\n.*20 messages.*\n.*other program/,
  },
  {
    what: "WeCom is busy",
    errcode: -1,
    code: 4,
    explained: /busy.*\n.*-1.*\n.*WeCom is busy.*\n.*try again in a minute/,
  },
  {
    what: "the robot is disabled",
    errcode: 93004,
    code: 1,
    explained: /keyDisabled.*\n.*93004.*\n.*\n.*enable the robot/,
  },
];

for (const { what, errcode, code, explained } of refusals) {
  test(`${what}: errcode ${errcode} exits ${code}, with its meaning and what to do`, async (t) => {
    const ran = await sendTest(t, [{ kind: "errcode", errcode }]);

    assert.equal(ran.code, code);
    assert.match(ran.out, explained);
    assert.equal(ran.messages.length, 0);
  });
}

test("an unknown key exits 1 and is not printed", async (t) => {
  const wrong = "ffffffff-0000-4000-8000-00000000c0de";

  const { code, out, err } = await sendTest(t, [], wrong);

  assert.equal(code, 1);
  assert.match(out, /keyInvalid[\s\S]*93000[\s\S]*valid key/);
  assert.doesNotMatch(out + err, new RegExp(wrong));
});

test("a robot that cannot be reached exits 4", async (t) => {
  const config = `bots: { ops: { key: ${opsKey} } }\nroute: { bot: ops }\nwecom: { base_url: "http://127.0.0.1:1" }\n`;

  const { code, out } = await run(["send-test", `--config.file=${fileOf(t, "config.yaml", config)}`, "ops"]);

  assert.equal(code, 4);
  assert.match(out, /connectionError\n {2}answer: {2}no answer: ECONNREFUSED\n {2}meaning: nothing listens there\n/);
});

test("an unknown bot exits 1 and the known ones are named", async (t) => {
  const config = `bots: { ops: { key: ${opsKey} } }\nroute: { bot: ops }\n`;

  const { code, err } = await run(["send-test", `--config.file=${fileOf(t, "config.yaml", config)}`, "opps"]);

  assert.equal(code, 1);
  assert.match(err, /^there is no bot "opps"; did you mean "ops"\?; the config has: ops$/);
});

test("--all sends to each robot of every bot, and the exit code is that of the worst answer", async (t) => {
  const [first, second] = ["0a1b2c3d-0000-4000-8000-0000000db001", "0a1b2c3d-0000-4000-8000-0000000db002"];
  const robots = [opsKey, first, second].map((key, index) => ({ name: `robot ${index}`, key }));
  const simulator = await startSimulator({ robots });
  t.after(() => simulator.close());
  simulator.script("robot 2", [{ kind: "errcode", errcode: 45009 }]);
  const bots = `bots: { ops: { key: ${opsKey} }, dba: { keys: [${first}, ${second}] } }`;
  const config = `${bots}\nroute: { bot: ops }\nwecom: { base_url: "${simulator.origin}" }\n`;

  const { code, out } = await run(["send-test", `--config.file=${fileOf(t, "config.yaml", config)}`, "--all"]);

  assert.equal(code, 4);
  assert.deepEqual(
    out.split("\n").filter((line) => !line.startsWith(" ")),
    ["ops: delivered", "dba, key 1 of 2: delivered", "dba, key 2 of 2: not delivered: rateLimited"],
  );
});

test("a delivered message has a running service send what waits: it need not find out by itself that the key is accepted again", async (t) => {
  const clock = new ManualClock();
  const stack = await startStack({ clock });
  t.after(() => stack.stop());
  stack.simulator.script("ops", [{ kind: "errcode", errcode: 93000 }]);
  await stack.post({ alerts: [{ status: "firing", labels: { alertname: "DiskFull" } }] });
  await eventually("its key is off", () => stack.log.some((line) => line.includes("reason=keyInvalid")));
  const { origin } = stack.simulator;
  const config = `bots: { ops: { key: ${keyOf("ops")} } }\nroute: { bot: ops }\nwecom: { base_url: "${origin}" }\n`;

  const ran = await run([
    "send-test",
    `--config.file=${fileOf(t, "config.yaml", config)}`,
    `--url=${stack.origin}`,
    "ops",
  ]);
  // The planner's pace: a key that is off is tested a minute after its failure, without a command.
  for (let s = 0; s < 20; s += 1) await clock.advance(1_000);
  await eventually("what waited is sent", () => stack.simulator.accepted().length === 2);

  assert.equal(ran.code, 0);
  assert.match(ran.out, /^the service sends now what waits for ops$/mu);
});

test("that no service runs is said, and fails nothing", async (t) => {
  const { code, err } = await sendTest(t);

  assert.equal(code, 0);
  assert.match(err, /^no service was asked to send what waits: http:\/\/127\.0\.0\.1:9 does not answer/);
});
