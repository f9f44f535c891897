// The phone page as people see it, on a phone and a desk, light and dark, in both languages; used by touch and with the keyboard alone.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { openBrowser } from "../support/browser.ts";
import { FakePrometheus } from "../support/fake-prometheus.ts";
import { type LocalAlertmanager, startLocalAlertmanager } from "../support/local-alertmanager.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";
import { obstaclesIn, openReader, picture, type Reader, type ReadPage, readers, tabTo } from "./reader.ts";

type Labels = Readonly<Record<string, string>>;

const backlog = { alertname: "队列积压", severity: "critical", instance: "mq-1.prod.example.cn:9419", queue: "orders" };
const mail = { ...backlog, severity: "warning", queue: `mail-${"0123456789".repeat(8)}` };
const annotations = {
  summary: "队列 orders 积压 12,045 条，超过 10,000 条",
  description: "消费者从 13:50 起处理变慢。\n先看消费者的日志，再看数据库的慢查询。",
  value: "12045",
  runbook_url: "https://wiki.example.cn/mq/backlog",
  owner: "订单组",
};

let browser: Browser;
let alertmanager: LocalAlertmanager;
let prometheus: FakePrometheus;
let stack: Stack;
const bots = Array.from({ length: 20 }, (_, n) => `ui${10 + n}`);
const unused = bots.values();

before(async () => {
  alertmanager = await startLocalAlertmanager();
  prometheus = await FakePrometheus.start(() => Date.now());
  prometheus.rules = [{ name: "队列积压", query: "queue_length > 10000" }];
  prometheus.series.set("queue_length", [
    { labels: { queue: "orders" }, valueAt: (at) => 9_000 + ((at / 1_000) % 3_600) },
    { labels: { queue: "billing" }, valueAt: (at) => 2_000 + 500 * Math.sin(at / 600_000) },
  ]);
  stack = await startStack({
    bots,
    config: `route: { bot: ui10 }
external_url: https://alerts.example.cn
people: { 张三: { userid: zhangsan }, 李四: { userid: lisi }, Wang Wu: { userid: wangwu } }
links: { secret: a secret of links that nobody guesses }
alertmanagers: { prod: { external_urls: ["http://am.example:9093"], urls: ["${alertmanager.origin}"] } }
silence: { scopes: [alert, instance, rule] }
datasources: { prod: { generator_urls: ["http://prometheus:9090"], url: "${prometheus.url}" } }
`,
  });
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  alertmanager?.close();
  await stack?.stop();
  await prometheus?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  alertmanager.silences.length = 0;
  alertmanager.answer = "normal";
  alertmanager.alerts = [backlog, mail];
});

/** The path of the link in the message about these alerts. */
async function received(alerts: readonly Labels[]): Promise<string> {
  const bot = unused.next().value ?? assert.fail("more messages than bots");
  const body = {
    version: "4",
    groupKey: "{}:{}",
    receiver: "wecom",
    externalURL: "http://am.example:9093",
    alerts: alerts.map((labels) => ({
      status: "firing",
      labels,
      annotations,
      startsAt: new Date(Date.now() - 754_000).toISOString(),
      generatorURL: "http://prometheus:9090/graph?g0.expr=queue_length+%3E+10000&g0.tab=1",
    })),
  };
  await stack.post(body, `/webhook/bot/${bot}`);
  const text = () => JSON.stringify(stack.simulator.accepted().find(({ robot }) => robot === bot)?.body ?? "");
  await eventually("it is delivered", () => text() !== '""');
  return /alerts\.example\.cn(\/a\/[\w-]+)/u.exec(text())?.[1] ?? assert.fail(text());
}

const phone: Reader = { width: 390, scheme: "light", language: "zh" };

async function reading(reader: Reader, read: (opened: ReadPage) => Promise<void>): Promise<void> {
  const opened = await openReader(browser, stack, reader);
  try {
    await read(opened);
  } finally {
    await opened.page.context().close();
  }
}

describe("the phone page", () => {
  for (const reader of readers) {
    const { width, scheme, language } = reader;

    it(`has no obstacle and no complaint of the browser: ${width} px, ${scheme}, ${language}`, async () => {
      const [one, several] = [await received([backlog]), await received([mail, backlog])];
      await reading(reader, async ({ page, complaints }) => {
        const obstacles: string[] = [];
        const seen = async (name: string) => {
          await picture(page, `phone-${name}`, reader);
          obstacles.push(...(await obstaclesIn(page)).map((what) => `${name}: ${what}`));
        };
        await page.goto(one);
        await seen("alert");
        assert.equal(await page.locator(".graph svg").count(), 1);
        await page.selectOption("select", "李四");
        await page.click("button[value='14400000']");
        await seen("silenced");
        await page.goto(several);
        await seen("group");
        await page.click("button.main");
        await seen("acknowledged");
        alertmanager.answer = 503;
        await page.goto(one);
        await seen("no-answer");
        await page.goto(`${one.slice(0, -1)}x`);
        await seen("gone");

        assert.deepEqual(obstacles, []);
        assert.deepEqual(
          complaints.filter((text) => !/40[04]/u.test(text)),
          [],
        );
      });
    });
  }

  it("remembers who somebody is, and is used by touch", async () => {
    const path = await received([backlog]);
    await reading(phone, async ({ page, complaints }) => {
      await page.goto(path);
      await page.selectOption("select", "张三");
      await page.locator("button.main").tap();
      await page.getByRole("status").waitFor();
      const said = await page.getByRole("status").innerText();
      await page.goto(path);

      assert.match(said, /你来处理/u);
      assert.match(await page.innerText(".facts"), /张三（自称） 从 .* 起在处理/u);
      assert.equal(await page.inputValue("select"), "张三");
      assert.deepEqual(complaints, []);
    });
  });

  it("is used with the keyboard alone", async () => {
    const path = await received([backlog]);
    await reading(phone, async ({ page, complaints }) => {
      await page.goto(path);
      await tabTo(page, "summary");
      await page.keyboard.press("Enter");
      await tabTo(page, "[name=name]");
      await page.keyboard.type("赵六");
      await tabTo(page, "input[type=radio]");
      await page.keyboard.press("ArrowDown");
      await tabTo(page, "button[value=recovered]");
      await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);

      assert.deepEqual(
        alertmanager.silences.map(({ createdBy, matchers }) => [createdBy, matchers.map(({ name }) => name)]),
        [["赵六（自称）", ["instance"]]],
      );
      assert.deepEqual(complaints, []);
    });
  });
});
