// Every recorded and hand-written body, through the whole service: a message that WeCom accepts, or a 4xx that explains the
// rejection. Never a 5xx, and never a violation of a rule of the robot.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";

const fixtures = join(import.meta.dirname, "../fixtures/webhooks");

const bodies = ["captured", "own"].flatMap((folder) =>
  readdirSync(join(fixtures, folder))
    .filter((name) => /\.(json|txt)$/u.test(name) && !name.endsWith(".headers.json"))
    .map((name) => `${folder}/${name}`),
);

for (const message of ["markdown", "text_notice"]) {
  describe(`bodies of every sender, delivered as ${message}`, () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 22, 9));
    let stack: Stack;
    before(async () => {
      stack = await startStack({ clock, config: `route: { bot: ops, message: ${message} }` });
    });
    after(() => stack.stop());

    for (const name of bodies) {
      it(`${name} is delivered or rejected with a reason`, async () => {
        const before = stack.simulator.accepted().length;

        const { status, answer } = await stack.post(readFileSync(join(fixtures, name), "utf8"));

        if (status === 200)
          await eventually("it arrives", () => arrived(stack, clock, before, Number(answer.notifications)));
        else assert.match(`${status} ${answer.message}`, /^4\d\d \S.{20,}/u);
        assert.deepEqual(stack.simulator.violations(), []);
      });
    }
  });
}

/** Time passes for the window's sake: one robot hears all of them. */
async function arrived(stack: Stack, clock: ManualClock, before: number, notifications: number): Promise<boolean> {
  if (notifications === 0 || stack.simulator.accepted().length > before) return true;
  await clock.advance(5_000);
  return false;
}
