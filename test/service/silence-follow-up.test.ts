// What happens after a silence was set on the phone page, through the whole service: the page, the outbox, the robot, and an
// Alertmanager in this process.

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { startLocalAlertmanager } from "../support/local-alertmanager.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually, keyOf, type Stack, startStack } from "../support/stack.ts";

const queue = { alertname: "队列积压", queue: "orders", severity: "critical" };
const startedAt = Date.UTC(2026, 10, 30, 6);
const minuteMs = 60_000;

async function open(t: TestContext, repeats = false) {
  const clock = new ManualClock(startedAt);
  const alertmanager = await startLocalAlertmanager(() => clock.now());
  const config = `
route: { bot: ops, mention: { users: [zhangsan], repeats: ${repeats} } }
external_url: https://alerts.example.cn
links: { secret: "a secret of links that nobody guesses" }
people: { 张三: { userid: zhangsan } }
alertmanagers: { prod: { external_urls: ["http://am:9093"], urls: ["${alertmanager.origin}"] } }
`;
  const simulator = await startSimulator({ robots: [{ name: "ops", key: keyOf("ops") }], now: () => clock.now() });
  let stack = await startStack({ clock, config, simulator });
  t.after(async () => {
    await stack.stop();
    await simulator.close();
    alertmanager.close();
  });
  return {
    clock,
    alertmanager,
    stack: () => stack,
    texts: () => textsIn(stack),
    async restart() {
      const { folder } = stack;
      await stack.stop({ keepFolder: true });
      stack = await startStack({ clock, config, folder, simulator });
    },
    /** Posts the alert, and returns the address of its page. */
    async fire(): Promise<string> {
      alertmanager.alerts = [queue];
      const before = textsIn(stack).length;
      await post(stack, "firing");
      await eventually("the alert is delivered", () => textsIn(stack).length > before);
      const path = /alerts\.example\.cn(\/a\/[\w-]+)/u.exec(textsIn(stack).at(-1) ?? "")?.[1];
      return path ?? assert.fail("the message has no link");
    },
    submit: (path: string, act: string) =>
      fetch(`${stack.origin}${path}`, {
        method: "POST",
        body: new URLSearchParams({ act, scope: "alert", who: "张三" }),
      }),
    /** Time passes until it is true. */
    eventually: (what: string, isTrue: () => boolean) =>
      eventually(what, async () => {
        if (isTrue()) return true;
        await clock.advance(10_000);
        return isTrue();
      }),
  };
}

function post(stack: Stack, status: "firing" | "resolved") {
  const alert = { status, labels: queue, annotations: {}, startsAt: "2026-11-30T05:55:00Z", generatorURL: "" };
  const group = { version: "4", groupKey: "{}:{}", receiver: "wecom", externalURL: "http://am:9093", status };
  return stack.post({ ...group, alerts: [alert] });
}

function textsIn({ simulator }: Stack): readonly string[] {
  return simulator.accepted().map(({ body }) => JSON.stringify(body));
}

const last = (texts: readonly string[]) => texts.at(-1) ?? "";

describe("after a silence", () => {
  it("an alert that recovers under it is announced, and the silence ends with it when that was asked for", async (t) => {
    const { fire, submit, alertmanager, texts, eventually: passed, stack } = await open(t);
    const path = await fire();
    await submit(path, "recovered");
    await passed("the silence is announced", () => last(texts()).includes("张三（自称） 已静默 队列积压"));
    assert.equal(alertmanager.silences.length, 1);

    alertmanager.alerts = [];
    await passed("the recovery is announced", () => last(texts()).includes("静默期间已恢复，静默已解除"));

    assert.ok(last(texts()).includes("已恢复"));
    assert.deepEqual(alertmanager.requests.filter(({ line }) => line.startsWith("DELETE")).length, 1);
    const metric = (result: string) => stack().metric(`silence_follow_ups_total{result="${result}"}`);
    assert.deepEqual([await metric("recovered"), await metric("removed"), await metric("noAnswer")], [1, 1, 0]);
  });

  it("an alert that still fires at its end is announced at once, also after a restart", async (t) => {
    const { fire, submit, alertmanager, texts, eventually: passed, restart } = await open(t);
    await submit(await fire(), String(60 * minuteMs));
    await passed("the silence is announced", () => last(texts()).includes("已静默"));
    await restart();

    const before = texts().length;
    alertmanager.silences.length = 0;
    await passed("it is announced", () => last(texts()).includes("静默已结束，仍在告警"));

    assert.equal(texts().length, before + 1);
    assert.ok(!last(texts()).includes("<@"), "a silence that ends is no news of the alert");
  });

  it("an Alertmanager that does not answer is asked again, and the log says so", async (t) => {
    const { fire, submit, alertmanager, texts, eventually: passed, stack } = await open(t);
    await submit(await fire(), String(60 * minuteMs));
    await passed("the silence is announced", () => last(texts()).includes("已静默"));
    alertmanager.answer = 503;
    alertmanager.alerts = [];
    const metric = () => stack().metric('silence_follow_ups_total{result="noAnswer"}');

    await passed("it was asked", () => stack().log.some((line) => line.includes("will ask Alertmanager again")));
    assert.ok((await metric()) >= 1);
    alertmanager.answer = "normal";

    await passed("the recovery is announced", () => last(texts()).includes("静默期间已恢复"));
  });
});

it("what was done about an alert is found in the history by the alert", async (t) => {
  const { fire, submit, texts, eventually: passed, stack } = await open(t);
  await submit(await fire(), String(60 * minuteMs));
  await passed("the silence is announced", () => last(texts()).includes("已静默"));
  const { origin } = stack();

  const query = new URLSearchParams({ q: 'queue="orders"' });
  const [page, api] = await Promise.all(
    [`/deliveries?${query}`, `/api/v1/history?${query}`].map(async (path) => (await fetch(origin + path)).text()),
  );

  assert.match(page ?? "", /张三（自称） 已静默 队列积压 · orders 至 15:00/u);
  assert.match(api ?? "", /"notice":"张三（自称） 已静默 队列积压 · orders 至 15:00"/u);
});

it("a reminder of an acknowledged alert mentions nobody and says who works on it", async (t) => {
  const { fire, submit, stack, texts, clock } = await open(t, true);
  const path = await fire();
  const remind = async () => {
    const before = texts().length;
    await clock.advance(10 * minuteMs);
    await post(stack(), "firing");
    await eventually("the reminder is delivered", () => texts().length > before);
    return last(texts());
  };

  const loud = await remind();
  await submit(path, "acknowledge");
  await eventually("it is announced", () => last(texts()).includes("张三（自称） 在处理 队列积压"));
  const quiet = await remind();

  assert.match(loud, /<@zhangsan>/u);
  assert.doesNotMatch(quiet, /<@zhangsan>/u);
  assert.match(quiet, /张三（自称） 在处理/u);
});
