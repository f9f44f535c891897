// The clock of the machine is set forward and back while messages are sent. The robot has the real time and judges by it. The clocks
// run twenty times as fast: a window passes in three seconds. CLOCK_FIGURES=1 prints the arrivals.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { TimeSource } from "../../src/observe/clock.ts";
import { type Simulator, startSimulator } from "../../src/simulator/server.ts";
import { scaledClock } from "../support/scaled-clock.ts";
import { eventually, keyOf, type Stack, startStack } from "../support/stack.ts";

const factor = 20;
const hourMs = 3_600_000;
const windowMs = 60_000;
const config = "route: { bot: ops, urgent: true }";

interface Machine {
  readonly source: TimeSource;
  /** Sets its clock by ms of the faster time of the service. */
  set(byMs: number): void;
}

function machineOf(): Machine {
  let setByMs = 0;
  return {
    source: { wall: () => Date.now() + setByMs / factor, steady: () => performance.now() },
    set(byMs) {
      setByMs += byMs;
    },
  };
}

interface Lab {
  readonly machine: Machine;
  readonly simulator: Simulator;
  readonly folder: string;
  start(): Promise<Stack>;
  leave(stack: Stack): Promise<void>;
  /** Real time, running as fast as that of the service. */
  now(): number;
}

async function lab(t: TestContext): Promise<Lab> {
  const originAt = Date.now();
  const real = scaledClock(factor, originAt);
  const simulator = await startSimulator({ robots: [{ name: "ops", key: keyOf("ops") }], now: () => real.now() });
  const machine = machineOf();
  const folder = mkdtempSync(join(tmpdir(), "alertmanager-wecom-"));
  const running = new Set<Stack>();
  const leave = async (stack: Stack) => {
    if (running.delete(stack)) await stack.stop({ keepFolder: true });
  };
  // A stack that stops reads the simulator's page, so the simulator stops last.
  t.after(async () => {
    for (const stack of running) await leave(stack);
    await simulator.close();
    rmSync(folder, { recursive: true });
  });
  const start = async () => {
    const clock = scaledClock(factor, originAt, machine.source);
    const stack = await startStack({ config, folder, simulator, clock });
    running.add(stack);
    return stack;
  };
  return { machine, simulator, folder, start, leave, now: () => real.now() };
}

/** Posts alerts that do not merge, and resolves when all of their names have reached the group. */
async function deliver(stack: Stack, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => post(stack, name)));
  await eventually(`${names.length} alerts are delivered`, () => undelivered(stack, names).length === 0, 90_000);
}

async function post(stack: Stack, alertname: string): Promise<void> {
  const { status } = await stack.post({ alerts: [{ status: "firing", labels: { alertname } }] });
  assert.equal(status, 200);
}

function undelivered(stack: Stack, names: readonly string[]): readonly string[] {
  const arrived = JSON.stringify(stack.simulator.accepted().map(({ body }) => body));
  return names.filter((name) => !arrived.includes(name));
}

const named = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n}x`);

function assertWindowKept({ simulator }: Lab): void {
  if (process.env.CLOCK_FIGURES === "1") {
    process.stdout.write(`  arrivals ${simulator.arrivals().length}, most in any 60 s ${simulator.largestWindow()}\n`);
  }
  assert.ok(simulator.largestWindow() <= 20, `${simulator.largestWindow()} requests arrived in 60 s`);
  assert.ok(simulator.largestWindow() >= 15, "the window never got close to its limit, so it was not tested");
  assert.deepEqual(
    simulator.arrivals().filter(({ outcome }) => outcome !== "accepted"),
    [],
  );
}

describe("a clock that is set while messages are sent", () => {
  for (const [what, byMs] of [
    ["forward an hour: no slot is freed early", hourMs],
    ["back an hour: no slot stays occupied because of it", -hourMs],
  ] as const) {
    it(what, async (t) => {
      const place = await lab(t);
      const stack = await place.start();
      await deliver(stack, named("before", 18));

      place.machine.set(byMs);
      const setAt = place.now();
      await deliver(stack, named("after", 12));
      const deliveredWithinMs = place.now() - setAt;

      assertWindowKept(place);
      assert.ok(deliveredWithinMs <= 2 * windowMs, `delivered after ${deliveredWithinMs} ms`);
    });
  }

  it("back an hour while the service is down: it starts with the slots it had used, and frees them in a window", async (t) => {
    const place = await lab(t);
    const first = await place.start();
    await deliver(first, named("before", 18));
    await place.leave(first);

    place.machine.set(-hourMs);
    const setAt = place.now();
    const second = await place.start();
    await deliver(second, named("after", 12));
    const deliveredWithinMs = place.now() - setAt;

    assertWindowKept(place);
    assert.match(second.log.join(""), /the clock was set back/u);
    assert.ok(deliveredWithinMs <= 3 * windowMs, `delivered after ${deliveredWithinMs} ms`);
  });

  it("forward and back repeatedly: the window is kept throughout", async (t) => {
    const place = await lab(t);
    const stack = await place.start();
    const names = named("alert", 60);

    for (const [n, name] of names.entries()) {
      await post(stack, name);
      if (n % 10 === 9) place.machine.set(n % 20 === 9 ? hourMs : -hourMs);
      // Spreads the alerts over the clock changes.
      await delay(50);
    }
    await eventually("all are delivered", () => undelivered(stack, names).length === 0, 90_000);

    assertWindowKept(place);
  });
});
