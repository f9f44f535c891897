// Messages as people read them: the page of the simulated group in Chromium, as wide as a phone. With PICTURES=docs/pictures it makes
// the pictures of the README again (with the packages fonts-noto-cjk and fonts-noto-color-emoji).

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { type Clock, systemClock } from "../../src/observe/clock.ts";
import { openBrowser } from "../support/browser.ts";
import { FakePrometheus } from "../support/fake-prometheus.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";

type Language = "zh" | "en";
type Clip = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
type Labels = Readonly<Record<string, string>>;

interface Texts {
  readonly backlog: string;
  readonly summary: string;
  readonly description: string;
  readonly recovered: string;
  readonly team: string;
  readonly unreachable: string;
  readonly noPing: string;
  readonly timeouts: string;
  readonly timeoutSummary: string;
  readonly switchDown: string;
  readonly switchSummary: string;
}

const texts: Readonly<Record<Language, Texts>> = {
  zh: {
    backlog: "队列积压",
    summary: "订单队列积压 12,045 条",
    description: "消费者从 13:50 起变慢。先看消费者的日志，再看数据库的慢查询。",
    recovered: "已恢复",
    team: "张三",
    unreachable: "主机失联",
    noPing: "ping 不通",
    timeouts: "接口超时",
    timeoutSummary: "P99 超过 3 秒",
    switchDown: "交换机断开",
    switchSummary: "机房 B 的 sw-3 断开，下面有 19 台主机",
  },
  en: {
    backlog: "QueueBacklog",
    summary: "12,045 orders are waiting",
    description: "Consumers have been slow since 13:50. Look at their log, then at slow queries of the database.",
    recovered: "Resolved",
    team: "Zhang",
    unreachable: "HostUnreachable",
    noPing: "it does not answer to ping",
    timeouts: "SlowRequests",
    timeoutSummary: "P99 is above 3 s",
    switchDown: "SwitchDown",
    switchSummary: "sw-3 in room B is down, with 19 hosts below it",
  },
};

/** The same times in every picture. */
const begin = Date.parse("2026-11-30T14:02:00+08:00");
const minuteMs = 60_000;
const expression = 'rabbitmq_queue_messages{queue="orders"} > 10000';

/** Runs with the clock of the machine, from `at` on, and can be moved on. */
class MovedClock {
  #ahead: number;
  readonly clock: Clock;

  constructor(at: number) {
    this.#ahead = at - Date.now();
    this.clock = systemClock({ wall: () => Date.now() + this.#ahead, steady: () => performance.now() + this.#ahead });
  }

  moveTo(at: number): void {
    this.#ahead = at - Date.now();
  }
}

/** Steady, then a rise, and a fall once the clock passes `fellAt`; one sample every 15 s. */
function backlogAt(time: number, fellAt: number): number {
  const at = time - (time % 15_000);
  const minutes = (at - (begin - 12 * minuteMs)) / minuteMs;
  const ripple = 260 * Math.sin(at / 97_000) + 140 * Math.sin(at / 23_000);
  const rise = minutes > 0 ? 11_000 * (1 - Math.exp(-minutes / 4)) : 0;
  const fall = at > fellAt ? Math.min(1, (at - fellAt) / (4 * minuteMs)) * 0.8 : 0;
  return Math.round((1_700 + ripple + rise) * (1 - fall));
}

let browser: Browser;
before(async () => {
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
});

for (const language of ["zh", "en"] as const) {
  describe(`on a phone, in ${language}`, () => {
    const text = texts[language];
    let prometheus: FakePrometheus;
    let clock: MovedClock;
    let stack: Stack;

    async function start(at: number): Promise<void> {
      clock = new MovedClock(at);
      prometheus = await FakePrometheus.start(() => clock.clock.wall());
      prometheus.rules = [{ name: text.backlog, query: expression }];
      const labels = { __name__: "rabbitmq_queue_messages", instance: "mq-1:15692", queue: "orders" };
      const series = [{ labels, valueAt: (time: number) => backlogAt(time, begin + 21 * minuteMs) }];
      prometheus.series.set(expression, series);
      prometheus.series.set('rabbitmq_queue_messages{queue="orders"}', series);
      stack = await startStack({
        clock: clock.clock,
        bots: ["ops"],
        config: `language: ${language}
external_url: https://alerts.example.cn
links: { secret: a secret of links that nobody guesses }
people: { ${text.team}: { userid: zhangsan } }
datasources: { prod: { generator_urls: ["${prometheus.url}"], url: "${prometheus.url}" } }
route:
  bot: ops
  mention: { users: ["{{labels.owner}}"] }
  routes:
    - matchers: [severity="critical"]
      urgent: true
`,
      });
    }

    afterEach(async () => {
      await stack.stop();
      await prometheus[Symbol.asyncDispose]();
    });

    const graphs = () => stack.simulator.accepted().filter(({ msgtype }) => msgtype === "image").length;
    const sent = () => JSON.stringify(stack.simulator.accepted().map(({ body }) => body));

    async function post(groupKey: string, alerts: readonly object[]): Promise<void> {
      const { status } = await stack.post({
        version: "4",
        receiver: "wecom",
        groupKey,
        externalURL: "http://alertmanager:9093",
        alerts,
      });
      assert.equal(status, 200);
    }

    const alert = (labels: Labels, annotations: Labels, times: object) => ({
      status: "firing",
      labels,
      annotations,
      generatorURL: `${prometheus.url}/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`,
      ...times,
    });

    const backlog = (times: object) =>
      alert(
        { alertname: text.backlog, severity: "critical", instance: "mq-1:15692", queue: "orders", owner: text.team },
        { summary: text.summary, description: text.description, runbook_url: "https://wiki.example.cn/mq" },
        times,
      );

    /** The chat from the first entry with this text on, no wider than the screen. */
    async function look(name: string, from: string): Promise<void> {
      const context = await browser.newContext({
        viewport: { width: 390, height: 844 },
        deviceScaleFactor: 1.5,
        timezoneId: "Asia/Shanghai",
        locale: language === "zh" ? "zh-CN" : "en-GB",
      });
      const page = await context.newPage();
      await page.goto(stack.simulator.pageUrl);
      const clip = (await page.evaluate(`(() => {
        const entries = [...document.querySelectorAll("#chat > li")];
        const { height } = document.querySelector("header").getBoundingClientRect();
        document.body.style.paddingBottom = "844px";
        scrollBy(0, entries.find((one) => one.textContent.includes(${JSON.stringify(from)})).getBoundingClientRect().top - height - 14);
        return { x: 0, y: height, width: 390, height: 640 };
      })()`)) as Clip;
      const width = await page.evaluate("document.documentElement.scrollWidth");
      const folder = process.env.PICTURES;
      const path = folder === undefined ? undefined : join(folder, `${name}-390-${language}.png`);
      if (path !== undefined) await page.screenshot({ path, clip });
      await context.close();

      assert.equal(width, 390);
      assert.deepEqual(stack.simulator.violations(), []);
    }

    it("an alert has its graph", async () => {
      await start(begin);
      await post("{}:{backlog}", [backlog({ startsAt: new Date(begin - minuteMs).toISOString() })]);
      await eventually("its graph follows", () => graphs() === 1);
      await look("firing", text.summary);
    });

    it("a storm becomes a digest, with the urgent alert first", async () => {
      await start(begin + 40 * minuteMs);
      const startsAt = new Date(begin + 40 * minuteMs).toISOString();
      const fire = (alertname: string, severity: string, instance: string, summary: string) =>
        post(`{}:{${instance}}`, [alert({ alertname, severity, instance, room: "B" }, { summary }, { startsAt })]);
      for (let n = 101; n < 120; n += 1) await fire(text.unreachable, "warning", `web-${n}`, text.noPing);
      for (let n = 1; n < 7; n += 1) await fire(text.timeouts, "error", `api-${n}`, text.timeoutSummary);
      await fire(text.switchDown, "critical", "sw-3", text.switchSummary);
      await eventually("everything is delivered", () => sent().includes("api-6") && sent().includes("sw-3"));
      await look("storm", text.switchSummary);
    });

    it("a recovery says to which value", async () => {
      await start(begin);
      const startsAt = new Date(begin - minuteMs).toISOString();
      await post("{}:{backlog}", [backlog({ startsAt })]);
      await eventually("its graph follows", () => graphs() === 1);
      clock.moveTo(begin + 24 * minuteMs);
      const endsAt = new Date(begin + 24 * minuteMs).toISOString();
      await post("{}:{backlog}", [{ ...backlog({ startsAt, endsAt }), status: "resolved" }]);
      await eventually("the graph of the recovery follows", () => graphs() === 2);
      await look("recovery", text.recovered);
    });
  });
}
