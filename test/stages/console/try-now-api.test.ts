// `/api/v1/try-now` of the whole service, in front of the simulator. A key that WeCom rejects is tested after a minute at the earliest.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { ServiceStatus } from "../../../src/console/status.ts";
import { eventually, type Stack, startStack } from "../../support/stack.ts";

/** Below the minute after which a key that is off is tested. The planner's pace takes 12 s of it. */
const withinMs = 45_000;

const alert = { alerts: [{ status: "firing", labels: { alertname: "磁盘将满" } }] };

/** A stack whose bot `ops` has one waiting alert, and a key that WeCom rejected once and takes from now on. */
async function withOffKey(t: TestContext): Promise<Stack> {
  const stack = await startStack({ bots: ["ops", "dba"], config: "route: { bot: ops }" });
  t.after(() => stack.stop());
  stack.simulator.script("ops", [{ kind: "errcode", errcode: 93000 }]);
  await stack.post(alert);
  await eventually("the key is off", async () => {
    const { bots } = (await (await fetch(`${stack.origin}/api/v1/status`)).json()) as ServiceStatus;
    return bots[0]?.state === "allKeysRejected";
  });
  return stack;
}

async function tryNow(stack: Stack, body: string, type = "application/json") {
  const headers = { "Content-Type": type };
  const answer = await fetch(`${stack.origin}/api/v1/try-now`, { method: "POST", headers, body });
  return { status: answer.status, json: (await answer.json()) as unknown };
}

const isDelivered = (stack: Stack) => stack.log.some((line) => / msg=delivered bot=ops /u.test(line));

describe("what waits because a key is off", { concurrency: true }, () => {
  for (const [body, asked] of [
    ['{"bots":["ops"]}', "its bot"],
    ["{}", "all bots"],
  ]) {
    it(`is tried at once when ${asked} shall try now`, async (t) => {
      const stack = await withOffKey(t);

      const answer = await tryNow(stack, body ?? "");

      assert.deepEqual(answer, { status: 200, json: { bots: ["ops"] } });
      await eventually("it is delivered", () => isDelivered(stack), withinMs);
      assert.ok(stack.log.some((line) => line.includes('msg="operator asked to try again now" bots="[\\"ops\\"]"')));
    });
  }

  it("is tried at once after a reload", async (t) => {
    const stack = await withOffKey(t);

    await stack.reload({});

    await eventually("it is delivered", () => isDelivered(stack), withinMs);
  });
});

it("nothing that is not asked for in JSON, for configured bots, is tried", async (t) => {
  const stack = await startStack({ bots: ["ops"], config: "route: { bot: ops }" });
  t.after(() => stack.stop());

  const answers = [
    await tryNow(stack, "{}", "text/plain"),
    await tryNow(stack, '{"bots":"ops"}'),
    await tryNow(stack, '{"bots":["nobody"]}'),
    await tryNow(stack, "[]"),
  ];

  assert.deepEqual(
    answers.map(({ status }) => status),
    [415, 400, 404, 400],
  );
  assert.equal((await fetch(`${stack.origin}/api/v1/try-now`)).status, 405);
});
