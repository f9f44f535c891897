import assert from "node:assert/strict";
import { test } from "node:test";
import { startSimulator } from "../../../src/simulator/server.ts";
import {
  dbaKey,
  inspect,
  opsKey,
  opsSecondKey,
  readResponse,
  send,
  simulatorFor,
  startAt,
  text,
  upload,
} from "./running-simulator.ts";

test("an accepted message is answered 200, errcode 0 and ok, and is listed in order with its robot", async (t) => {
  const simulator = await simulatorFor(t);

  const first = await send(simulator, text("one"));
  await send(simulator, text("two"), opsSecondKey);
  await send(simulator, text("three"), dbaKey);

  assert.deepEqual([first.status, first.text], [200, '{"errcode":0,"errmsg":"ok"}']);
  assert.equal(first.headers.get("error-code"), "0");
  const listed = simulator.accepted().map(({ robot, keyNumber, msgtype, body }) => [robot, keyNumber, msgtype, body]);
  assert.deepEqual(listed, [
    ["ops", 1, "text", text("one")],
    ["ops", 2, "text", text("two")],
    ["dba", 1, "text", text("three")],
  ]);
  assert.equal(simulator.accepted()[0]?.at, startAt);
  assert.deepEqual(simulator.violations(), []);
});

test("a rejection is answered HTTP 200 with errcode, hint, address and link in body and headers", async (t) => {
  const simulator = await simulatorFor(t);

  const answer = await send(simulator, text(""));

  assert.equal(answer.status, 200);
  assert.equal(answer.errcode, 44004);
  const seconds = startAt / 1000;
  const shape = `^empty content, hint: \\[${seconds}\\d+\\], from ip: 203\\.0\\.113\\.7, more info at https://open\\.work\\.weixin\\.qq\\.com/devtool/query\\?e=44004$`;
  assert.match(answer.errmsg, new RegExp(shape));
  assert.equal(answer.headers.get("error-code"), "44004");
  assert.equal(answer.headers.get("error-msg"), answer.errmsg);
  assert.match(answer.headers.get("x-w-no") ?? "", /^\d$/);
  assert.equal(answer.headers.get("content-type"), "application/json; charset=UTF-8");
  assert.deepEqual(simulator.accepted(), []);
});

test("an unknown key is answered 93000 before any other check and is not an arrival", async (t) => {
  const simulator = await simulatorFor(t);

  const answer = await send(simulator, "not a message", "wrong-key-123");

  assert.match(answer.text, /"errcode":93000,"errmsg":"invalid webhook url, hint/);
  assert.deepEqual(simulator.arrivals(), []);
  assert.deepEqual(
    simulator.violations().map(({ robot, rule, errcode }) => [robot, rule, errcode]),
    [["(unknown)", "send/key", 93000]],
  );
});

test("GET on send is answered 40058 and counts as an arrival", async (t) => {
  const simulator = await simulatorFor(t);

  const answer = await readResponse(await fetch(`${simulator.origin}/cgi-bin/webhook/send?key=${opsKey}`));

  assert.equal(answer.errcode, 40058);
  assert.deepEqual(
    simulator.arrivals().map(({ outcome }) => outcome),
    ["rejected"],
  );
});

test("a body over 4 MiB is answered 45002 (guessed)", async (t) => {
  const simulator = await simulatorFor(t);

  assert.equal((await send(simulator, text("x".repeat(4 * 1024 * 1024)))).errcode, 45002);
});

test("observed: a number as content is accepted with a warning in errmsg", async (t) => {
  const simulator = await simulatorFor(t, { profile: "observed" });

  const answer = await send(simulator, { msgtype: "text", text: { content: 5 } });

  assert.equal(answer.text, '{"errcode":0,"errmsg":"ok. Warning: wrong json format. "}');
  assert.equal(simulator.accepted().length, 1);
});

test("reset deletes messages, violations, arrivals, files and faults, and empties the window", async (t) => {
  const simulator = await simulatorFor(t, { switches: { limit: 1 } });
  await send(simulator, text("x"));
  await send(simulator, text("x"));
  await upload(simulator, new File(["hello world"], "a.txt"));
  simulator.script(null, [{ kind: "hang" }]);

  simulator.reset();

  const left = [simulator.accepted(), simulator.violations(), simulator.arrivals(), simulator.files()];
  assert.deepEqual(left, [[], [], [], []]);
  assert.equal(simulator.largestWindow(), 0);
  assert.equal((await send(simulator, text("x"))).errcode, 0);
});

test("the inspection API returns over HTTP what the process has recorded", async (t) => {
  const simulator = await simulatorFor(t);
  await send(simulator, text("x"));
  await send(simulator, text(""));
  await upload(simulator, new File(["hello world"], "a.txt"));

  assert.deepEqual(await inspect(simulator, "messages"), simulator.accepted());
  assert.deepEqual(await inspect(simulator, "violations"), simulator.violations());
  assert.deepEqual(await inspect(simulator, "arrivals"), simulator.arrivals());
  assert.deepEqual(await inspect(simulator, "files"), simulator.files());
  assert.deepEqual(await inspect(simulator, "window"), { largest: 2 });
  assert.deepEqual(await inspect(simulator, "robots"), [
    { robot: "ops", keyNumber: 1, slotsTaken: 2, slots: 20 },
    { robot: "ops", keyNumber: 2, slotsTaken: 0, slots: 20 },
    { robot: "dba", keyNumber: 1, slotsTaken: 0, slots: 20 },
  ]);
});

test("the inspection API adds faults, moves the clock and resets", async (t) => {
  const simulator = await simulatorFor(t);

  await inspect(simulator, "faults", { robot: "ops", faults: [{ kind: "errcode", errcode: 45033 }] });
  const clock = await inspect(simulator, "clock", { advance_ms: 1000 });
  const answer = await send(simulator, text("x"));
  const refused = await inspect(simulator, "faults", { faults: [{ kind: "explode" }] });
  const backwards = await inspect(simulator, "clock", { advance_ms: -1 });

  assert.equal(answer.errcode, 45033);
  assert.deepEqual(clock, { now: startAt + 1000 });
  assert.equal(simulator.arrivals()[0]?.at, startAt + 1000);
  assert.match(JSON.stringify(refused), /error/);
  assert.match(JSON.stringify(backwards), /error/);
  await inspect(simulator, "reset", {});
  assert.deepEqual(simulator.arrivals(), []);
});

test("two robots with the same key fail the start, and the error does not show the key", async () => {
  const robots = [
    { name: "a", key: opsKey },
    { name: "b", key: opsKey },
  ];

  await assert.rejects(startSimulator({ robots }), (fault: Error) => !fault.message.includes(opsKey));
});
