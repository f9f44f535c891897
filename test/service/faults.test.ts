// Each way in which WeCom or the connection to it can fail, through the whole service: what is delivered in the end, what is in
// the metrics and the log, and that another bot is not affected. A minute of the service's clock passes in a few real ms.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FailureReason } from "../../src/domain/reason.ts";
import type { ScriptedFault } from "../../src/simulator/faults.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";

interface Case {
  readonly what: string;
  readonly faults: readonly ScriptedFault[];
  readonly reason: FailureReason;
  /** Seconds of the service's clock until the alert is delivered: at least, at most. */
  readonly deliveredAfterSeconds: readonly [number, number];
  /** Messages the group sees: 2 when the first was delivered although its answer was lost. */
  readonly messages: number;
  readonly log: RegExp;
  /** Whether the second delivery is marked as a possible repeat. */
  readonly marked: boolean;
  readonly msgtype: "markdown" | "text";
  readonly keyGoesOff: boolean;
}

const passing = { messages: 1, marked: false, msgtype: "markdown", keyGoesOff: false } as const;

const cases: readonly Case[] = [
  {
    ...passing,
    what: "-1, busy",
    faults: [{ kind: "errcode", errcode: -1, times: 2 }],
    reason: "busy",
    deliveredAfterSeconds: [1, 10],
    log: /level=info .*reason=busy/u,
  },
  {
    ...passing,
    what: "45009, too often",
    faults: [{ kind: "errcode", errcode: 45009 }],
    reason: "rateLimited",
    deliveredAfterSeconds: [65, 75],
    log: /level=warn .*the key rests.*reason=rateLimited|reason=rateLimited/u,
  },
  {
    ...passing,
    what: "45033, concurrency",
    faults: [{ kind: "errcode", errcode: 45033 }],
    reason: "concurrency",
    deliveredAfterSeconds: [1, 10],
    log: /reason=concurrency/u,
  },
  {
    ...passing,
    what: "93000, a dead key that comes back",
    faults: [{ kind: "errcode", errcode: 93000 }],
    reason: "keyInvalid",
    deliveredAfterSeconds: [60, 70],
    log: /level=error .*reason=keyInvalid/u,
    keyGoesOff: true,
  },
  {
    ...passing,
    what: "93004, disabled by an administrator",
    faults: [{ kind: "errcode", errcode: 93004 }],
    reason: "keyDisabled",
    deliveredAfterSeconds: [60, 70],
    log: /level=error .*reason=keyDisabled/u,
    keyGoesOff: true,
  },
  {
    ...passing,
    what: "40058, too long: split",
    faults: [
      { kind: "errcode", errcode: 40058, errmsg: "markdown.content exceed max length 4096. invalid Request Parameter" },
    ],
    reason: "tooLong",
    deliveredAfterSeconds: [0, 5],
    messages: 2,
    log: /level=warn .*reason=tooLong/u,
  },
  {
    ...passing,
    what: "an unknown errcode: plain text",
    faults: [{ kind: "errcode", errcode: 99999 }],
    reason: "unknownErrcode",
    deliveredAfterSeconds: [0, 5],
    log: /reason=unknownErrcode/u,
    msgtype: "text",
  },
  {
    ...passing,
    what: "HTTP 500",
    faults: [{ kind: "status", status: 500 }],
    reason: "serverError",
    deliveredAfterSeconds: [1, 10],
    log: /reason=serverError/u,
    marked: true,
  },
  {
    ...passing,
    what: "HTTP 302, never followed",
    faults: [{ kind: "status", status: 302, location: "http://127.0.0.1:1/login" }],
    reason: "wrongAddress",
    deliveredAfterSeconds: [60, 70],
    log: /level=error .*reason=wrongAddress/u,
    keyGoesOff: true,
  },
  {
    ...passing,
    what: "HTML with 200",
    faults: [{ kind: "html" }],
    reason: "unreadableAnswer",
    deliveredAfterSeconds: [1, 10],
    log: /reason=unreadableAnswer/u,
    marked: true,
  },
  {
    ...passing,
    what: "the connection is reset",
    faults: [{ kind: "reset" }],
    reason: "connectionError",
    deliveredAfterSeconds: [1, 10],
    log: /reason=connectionError/u,
    marked: true,
  },
  {
    ...passing,
    what: "no answer",
    faults: [{ kind: "hang" }],
    reason: "contextDeadlineExceeded",
    deliveredAfterSeconds: [1, 10],
    log: /reason=contextDeadlineExceeded/u,
    marked: true,
  },
  {
    ...passing,
    what: "delivered, but no answer",
    faults: [{ kind: "accept-then-hang" }],
    reason: "contextDeadlineExceeded",
    deliveredAfterSeconds: [1, 10],
    messages: 2,
    log: /reason=contextDeadlineExceeded/u,
    marked: true,
  },
];

const config = "route: { bot: ops, routes: [ { matchers: [bot=calm], bot: calm } ] }";

describe("faults", () => {
  for (const one of cases) {
    it(`${one.what}: ends as its row says, and another bot is not affected`, () => play(one));
  }

  it("a message refused in every form is kept as dead, counted and logged", async () => {
    const { stack } = await started();
    stack.simulator.script("ops", [{ kind: "errcode", errcode: 44004, times: 3 }]);

    await stack.post(alert("ops"));

    await eventually(
      "it is dead",
      async () => (await stack.metric('notifications_failed_by_bot_total{bot="ops",reason="badContent"}')) === 1,
    );
    assert.match(stack.log.join(""), /level=error .*rejects the message in every form/u);
    await stack.stop();
  });
});

async function play(one: Case): Promise<void> {
  const { stack, clock } = await started();
  const startedAt = clock.now();
  stack.simulator.script("ops", one.faults);

  await stack.post(alert("ops"));
  await stack.post(alert("calm"));
  await eventually("the other bot delivers", () => messagesOf(stack, "calm").length === 1);
  await eventually("the fault is counted", async () => (await failures(stack, one.reason)) >= 1);
  const wasOff = /key_up\{bot="ops"\} 0$/mu.test(await stack.metrics());
  const deliveredAfterMs =
    (await passTimeUntil(clock, () => messagesOf(stack, "ops").length >= one.messages)) - startedAt;

  const last = messagesOf(stack, "ops").at(-1);
  assert.ok(
    deliveredAfterMs >= one.deliveredAfterSeconds[0] * 1_000 &&
      deliveredAfterMs <= one.deliveredAfterSeconds[1] * 1_000,
    `${deliveredAfterMs} ms`,
  );
  assert.equal(last?.msgtype, one.msgtype);
  assert.equal(/可能重复/u.test(JSON.stringify(last?.body)), one.marked);
  assert.equal(wasOff, one.keyGoesOff);
  assert.match(stack.log.join(""), one.log);
  assert.equal(await failures(stack, one.reason, "calm"), 0);
  await eventually("the key is up again", async () => (await stack.metric('key_up{bot="ops"}')) === 1);
  assert.deepEqual(stack.simulator.violations(), []);
  await stack.stop();
}

async function started(): Promise<{ readonly stack: Stack; readonly clock: ManualClock }> {
  const clock = new ManualClock(Date.UTC(2026, 10, 22, 4));
  return { clock, stack: await startStack({ bots: ["ops", "calm"], config, clock, timeoutMs: 1_000 }) };
}

/** Advances the clock, with turns for real sockets between, and returns the instant at which it held. */
async function passTimeUntil(clock: ManualClock, holds: () => boolean): Promise<number> {
  await eventually(
    "it arrives",
    async () => {
      if (holds()) return true;
      await clock.advance(250);
      return false;
    },
    20_000,
  );
  return clock.now();
}

function messagesOf(stack: Stack, robot: string) {
  return stack.simulator.accepted().filter((message) => message.robot === robot);
}

function failures(stack: Stack, reason: FailureReason, bot = "ops"): Promise<number> {
  return stack.metric(`notification_requests_failed_by_bot_total{bot="${bot}",reason="${reason}"}`);
}

function alert(bot: string): unknown {
  const labels = { alertname: "DiskFull", severity: "critical", bot };
  const lines = Array.from({ length: 10 }, (_, i) => `line ${i} of the description`).join("\n");
  return {
    alerts: [
      {
        status: "firing",
        labels,
        annotations: { summary: "5 % left", description: lines },
        startsAt: "2026-11-22T03:00:00Z",
      },
    ],
  };
}
