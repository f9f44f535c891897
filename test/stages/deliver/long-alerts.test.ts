// How many messages a group takes is known once it is rendered: the estimate by its alerts may be wrong.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, startStack } from "../../support/stack.ts";

/** One alert nearly fills a message. */
function longAlerts(count: number) {
  return Array.from({ length: count }, (_, n) => ({
    status: "firing",
    labels: { alertname: "CrashLoop", pod: `web-${n}` },
    annotations: { description: `${n} 段错误，堆栈如下。`.repeat(110) },
  }));
}

test("a group of few alerts that would take more messages than slots are free is delivered as a digest", async (t) => {
  const stack = await startStack();
  t.after(() => stack.stop());

  await stack.post({ alerts: longAlerts(45) });

  const delivered = 'alerts_delivered_total{bot="ops",mode="digest"}';
  await eventually("all are delivered", async () => (await stack.metric(delivered)) === 45);
  const messages = stack.simulator.accepted();
  const text = messages.map(({ body }) => JSON.stringify(body)).join("");
  assert.ok(messages.length <= 3, `${messages.length} messages`);
  for (let n = 0; n < 45; n++) assert.match(text, new RegExp(`web-${n}\\b`));
});

test("one that fits the free slots is delivered in full", async (t) => {
  const stack = await startStack();
  t.after(() => stack.stop());

  await stack.post({ alerts: longAlerts(9) });

  await eventually(
    "all are delivered",
    async () => (await stack.metric('alerts_delivered_total{bot="ops",mode="full"}')) === 9,
  );
  assert.equal(stack.simulator.accepted().length, 9);
});
