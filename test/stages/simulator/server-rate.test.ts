import assert from "node:assert/strict";
import { test } from "node:test";
import { opsKey, opsSecondKey, readResponse, send, simulatorFor, text, upload } from "./running-simulator.ts";

test("rate: the 21st arrival of a key in 60 s is answered 45009; another key is free; this one is free 60 s later", async (t) => {
  const simulator = await simulatorFor(t);
  const codes: (number | null)[] = [];

  for (let count = 0; count < 21; count += 1) codes.push((await send(simulator, text("x"))).errcode);
  const other = await send(simulator, text("x"), opsSecondKey);
  simulator.advanceClock(59_999);
  const early = await send(simulator, text("x"));
  simulator.advanceClock(1);
  const later = await send(simulator, text("x"));

  assert.deepEqual(codes, [...Array(20).fill(0), 45009]);
  assert.deepEqual([other.errcode, early.errcode, later.errcode], [0, 45009, 0]);
  assert.equal(simulator.largestWindow(), 22);
  assert.equal(simulator.arrivals()[20]?.outcome, "rateLimited");
  assert.deepEqual(
    simulator.violations().map(({ rule }) => rule),
    ["rate/per-minute", "rate/per-minute"],
  );
});

test("rate: over the rate an invalid body is answered 45009 too", async (t) => {
  const simulator = await simulatorFor(t, { switches: { limit: 1 } });

  await send(simulator, text("x"));
  const answer = await send(simulator, text(""));

  assert.equal(answer.errcode, 45009);
  const rules = simulator.violations().map(({ rule }) => rule);
  assert.deepEqual(rules, ["rate/per-minute", "text.content/required"]);
});

test("rate: uploads take no slot, or one by switch", async (t) => {
  const free = await simulatorFor(t, { switches: { limit: 1 } });
  const counted = await simulatorFor(t, { switches: { limit: 1, countUploads: true } });
  const file = new File(["hello world"], "a.txt");

  for (const simulator of [free, counted]) await upload(simulator, file);

  assert.equal((await send(free, text("x"))).errcode, 0);
  assert.equal((await send(counted, text("x"))).errcode, 45009);
  assert.equal((await upload(counted, file)).errcode, 45009);
});

test("debug=1 is flagged and lowers the rate to 5", async (t) => {
  const simulator = await simulatorFor(t);
  const url = `${simulator.origin}/cgi-bin/webhook/send?key=${opsKey}&debug=1`;
  const codes: (number | null)[] = [];

  for (let count = 0; count < 6; count += 1) {
    codes.push((await readResponse(await fetch(url, { method: "POST", body: JSON.stringify(text("x")) }))).errcode);
  }

  assert.deepEqual(codes, [0, 0, 0, 0, 0, 45009]);
  assert.equal(simulator.violations()[0]?.rule, "send/debug");
});

test("arrivals record how many requests of a key were unanswered at once", async (t) => {
  const simulator = await simulatorFor(t);
  simulator.script(null, [{ kind: "latency", ms: 30, times: 2 }]);

  await Promise.all([send(simulator, text("a")), send(simulator, text("b"))]);
  await send(simulator, text("c"));

  assert.deepEqual(
    simulator
      .arrivals()
      .map(({ inFlight }) => inFlight)
      .sort(),
    [1, 1, 2],
  );
});
