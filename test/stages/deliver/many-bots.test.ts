// A process with very many bots: the delivery of one waits for none of the others.

import assert from "node:assert/strict";
import { it } from "node:test";
import { startSimulator } from "../../../src/simulator/server.ts";
import { eventually, keyOf, startStack } from "../../support/stack.ts";

// Four characters: a stack makes a bot's key of as many.
const bots = Array.from({ length: 1_500 }, (_, n) => String(n).padStart(4, "0"));
const last = "1499";

it("of 1,500 bots that look for work at the start, the last can deliver at once", async (t) => {
  const simulator = await startSimulator({ robots: [{ name: last, key: keyOf(last) }] });
  t.after(() => simulator.close());
  const before = process.cpuUsage();
  const stack = await startStack({ bots, simulator, config: `route: { bot: "${last}" }` });

  const { status } = await stack.post({ alerts: [{ status: "firing", labels: { alertname: "Disk" } }] });
  await eventually("it is delivered", () => simulator.accepted().length === 1);

  const { user } = process.cpuUsage(before);
  await stack.stop();
  assert.equal(status, 200);
  assert.ok(user < 10_000_000, `${user / 1_000} ms of processor time`);
});
