// What a reload does to bots that are at work, through the whole service.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { startSimulator } from "../../../src/simulator/server.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { eventually, keyOf, type Stack, startStack } from "../../support/stack.ts";

const withDba = { config: "route: { bot: ops, routes: [ { matchers: [team=dba], bot: dba } ] }", bots: ["ops", "dba"] };
const withoutDba = { config: "route: { bot: ops }", bots: ["ops"] };

async function started(t: TestContext): Promise<{ readonly stack: Stack; readonly clock: ManualClock }> {
  const clock = new ManualClock();
  const robots = ["ops", "dba"].map((name) => ({ name, key: keyOf(name) }));
  const simulator = await startSimulator({ robots, now: () => clock.now() });
  const stack = await startStack({ ...withDba, simulator, clock });
  t.after(async () => {
    await stack.stop();
    await simulator.close();
  });
  return { stack, clock };
}

function alert(team: string, alertname = "Disk") {
  return { alerts: [{ status: "firing", labels: { alertname, team } }] };
}

function deliveredBy(stack: Stack, robot: string): number {
  return stack.simulator.accepted().filter((message) => message.robot === robot).length;
}

describe("a bot that a reload removes", () => {
  it("keeps what waits for it, logs that, and delivers it when the bot is back", async (t) => {
    const { stack, clock } = await started(t);
    stack.simulator.script("dba", [{ kind: "errcode", errcode: 93000 }]);
    await stack.post(alert("dba"));
    await eventually("its key is off", async () => /key_up\{bot="dba"\} 0$/mu.test(await stack.metrics()));

    await stack.reload(withoutDba);
    await eventually("it is logged", () =>
      /alerts are queued for a bot that is not configured.*bot=dba/u.test(stack.log.join("")),
    );
    const waiting = await stack.metric('outbox_notifications{bot="dba"}');
    const shown = await stack.metrics();
    await clock.advance(120_000);
    const deliveredMeanwhile = deliveredBy(stack, "dba");
    await stack.reload(withDba);

    await eventually("it is delivered", () => deliveredBy(stack, "dba") === 1);
    assert.deepEqual([waiting, deliveredMeanwhile], [1, 0]);
    assert.doesNotMatch(shown, /key_up\{bot="dba"\}/u);
  });

  it("finishes and records its request in flight", async (t) => {
    const { stack, clock } = await started(t);
    stack.simulator.script("dba", [{ kind: "accept-then-hang" }]);
    await stack.post(alert("dba"));
    await eventually("it is in flight", () => stack.simulator.arrivals().length === 1);

    await stack.reload(withoutDba);
    await stack.reload(withDba);
    await stack.post(alert("dba", "Memory"));

    // Advancing ends the waits; the request's own time-out is real.
    await eventually(
      "both are delivered",
      async () => {
        await clock.advance(1_000);
        return deliveredBy(stack, "dba") === 3;
      },
      15_000,
    );
    const inFlight = stack.simulator.arrivals().map((arrival) => arrival.inFlight);
    assert.equal(Math.max(...inFlight), 1, "two requests of one key at a time");
  });
});

describe("a reload", () => {
  it("of a config with issues answers 500 and changes nothing", async (t) => {
    const { stack } = await started(t);

    const issues = await stack.reload({ config: "route: { bot: nobody }" });
    const { status } = await fetch(`${stack.origin}/-/reload`, { method: "POST" });
    await stack.post(alert("dba"));

    await eventually("it is delivered as before", () => deliveredBy(stack, "dba") === 1);
    assert.deepEqual([issues, status], [1, 500]);
    assert.equal(await stack.metric("config_last_reload_successful"), 0);
    assert.match(stack.log.join(""), /unknown bot/u);
  });

  it("routes with the new config from then on, and new bots work at once", async (t) => {
    const { stack } = await started(t);
    await stack.reload(withoutDba);
    await stack.post(alert("dba", "First"));
    await eventually("the old route's bot is gone", () => deliveredBy(stack, "ops") === 1);

    await stack.reload(withDba);
    await stack.post(alert("dba", "Second"));

    await eventually("it is delivered", () => deliveredBy(stack, "dba") === 1);
    assert.equal(await stack.metric("config_last_reload_successful"), 1);
  });

  it("keeps the window a key has used", async (t) => {
    const { stack } = await started(t);
    const before = await stack.metric('window_slots_free{bot="ops"}');
    await stack.post(alert("ops"));
    await eventually("it is delivered", () => deliveredBy(stack, "ops") === 1);

    await stack.reload(withoutDba);

    await eventually(
      "a slot is taken",
      async () => (await stack.metric('window_slots_free{bot="ops"}')) === before - 1,
    );
  });
});
