import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScriptedFault } from "../../../src/simulator/faults.ts";
import type { Simulator } from "../../../src/simulator/server.ts";
import { opsKey, readResponse, send, simulatorFor, text } from "./running-simulator.ts";

/** The time limit of requests that are answered; the machine may be busy. */
const patientMs = 60_000;

/** What the client receives: the answer, or how the connection failed. */
async function seen({ origin }: Simulator, timeoutMs: number): Promise<string> {
  const url = `${origin}/cgi-bin/webhook/send?key=${opsKey}`;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await fetch(url, { method: "POST", body: JSON.stringify(text("x")), signal, redirect: "manual" });
    const { status, text: body } = await readResponse(answer);
    return `${status} ${body.replace(/, hint.*/, "")}`;
  } catch (fault) {
    return (fault as Error).name === "TimeoutError" ? "time-out" : "reset";
  }
}

type Case = readonly [fault: ScriptedFault, seen: RegExp, accepted: number, outcome: string];

const cases: readonly Case[] = [
  [{ kind: "errcode", errcode: -1 }, /^200 {"errcode":-1,"errmsg":"system busy$/, 0, "faulted"],
  [{ kind: "errcode", errcode: 93000 }, /^200 {"errcode":93000,"errmsg":"invalid webhook url$/, 0, "faulted"],
  [{ kind: "errcode", errcode: 1234567, errmsg: "新错误" }, /^200 {"errcode":1234567,"errmsg":"新错误$/, 0, "faulted"],
  [
    { kind: "errcode", errcode: 0, errmsg: "ok. Warning: x" },
    /^200 {"errcode":0,"errmsg":"ok\. Warning: x"}$/,
    1,
    "accepted",
  ],
  [{ kind: "status", status: 502, body: "bad gateway" }, /^502 bad gateway$/, 0, "faulted"],
  [{ kind: "status", status: 302, location: "http://203.0.113.7/" }, /^302 $/, 0, "faulted"],
  [{ kind: "html" }, /^200 <!doctype html>/, 0, "faulted"],
  [{ kind: "empty" }, /^200 $/, 0, "faulted"],
  [{ kind: "not-json" }, /^200 {"errcode":0,"errm$/, 0, "faulted"],
  [{ kind: "hang" }, /^time-out$/, 0, "faulted"],
  [{ kind: "reset" }, /^reset$/, 0, "faulted"],
  [{ kind: "accept-then-hang" }, /^time-out$/, 1, "accepted"],
  [{ kind: "accept-then-reset" }, /^reset$/, 1, "accepted"],
  [{ kind: "latency", ms: 20 }, /^200 {"errcode":0,"errmsg":"ok"}$/, 1, "accepted"],
];

for (const [fault, expected, accepted, outcome] of cases) {
  test(`the fault ${JSON.stringify(fault)} applies once, is not a violation, and ${accepted ? "keeps" : "loses"} the message`, async (t) => {
    const simulator = await simulatorFor(t);
    simulator.script("ops", [fault]);

    const first = await seen(simulator, fault.kind.endsWith("hang") ? 1_000 : patientMs);
    const second = await seen(simulator, patientMs);

    assert.match(first, expected);
    assert.match(second, /"errcode":0,"errmsg":"ok"/);
    assert.equal(simulator.accepted().length, accepted + 1);
    assert.deepEqual(simulator.violations(), []);
    assert.deepEqual(
      simulator.arrivals().map((arrival) => [arrival.outcome, arrival.fault]),
      [
        [outcome, fault.kind],
        ["accepted", null],
      ],
    );
  });
}

test("a fault does not hide the violations of a body, and only a valid message is kept", async (t) => {
  const simulator = await simulatorFor(t);
  simulator.script(null, [{ kind: "errcode", errcode: 0 }, { kind: "html" }]);

  const scriptedSuccess = await send(simulator, text(""));
  await send(simulator, text(""));

  assert.equal(scriptedSuccess.errcode, 44004);
  assert.deepEqual(simulator.accepted(), []);
  assert.equal(simulator.violations().length, 2);
});

test("faulted requests take a slot of the window", async (t) => {
  const simulator = await simulatorFor(t, { switches: { limit: 2 } });
  simulator.script(null, [{ kind: "empty", times: 2 }]);

  await send(simulator, text("x"));
  await send(simulator, text("x"));

  assert.equal((await send(simulator, text("x"))).errcode, 45009);
});

test("close ends requests that hang or are delayed", async (t) => {
  const simulator = await simulatorFor(t);
  simulator.script(null, [{ kind: "hang" }, { kind: "latency", ms: 60_000 }]);
  const waiting = [seen(simulator, 60_000), seen(simulator, 60_000)];
  while (simulator.arrivals().length < 2) await new Promise((resolve) => setImmediate(resolve));

  await simulator.close();

  assert.deepEqual(await Promise.all(waiting), ["reset", "reset"]);
});
