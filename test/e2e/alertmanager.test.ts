// From a rule to the group chat, with only WeCom simulated: a real Prometheus, a real Alertmanager, the service as a separate process,
// and a strict robot. Prints what it measured. The scenarios share one lab because its processes take seconds to start.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { run } from "../support/child.ts";
import { eventually } from "../support/stack.ts";
import { type Lab, startLab } from "./alertmanager/lab.ts";
import {
  cardOf,
  markdownOf,
  messagesOf,
  metricOf,
  moreFlushes,
  postAlert,
  showsReasons,
  startOf,
  statusOf,
  timed,
  together,
  withinMs,
} from "./alertmanager/seen.ts";

const recovered = "✅ 已恢复";
const posted = 'alertmanager_wecom_webhook_requests_total{source="alertmanager",code="200"}';
const suppressed = 'alertmanager_wecom_duplicates_suppressed_total{source="alertmanager"}';

const seen: string[] = [];
after(() => console.log(["", "seen:", ...seen.map((line) => `  ${line}`), ""].join("\n")));

describe("Prometheus, Alertmanager and the service", () => {
  let lab: Lab;

  before(async () => {
    // Shorter than the repeat_interval of the repeats below; no other scenario depends on it.
    lab = await startLab({ alertmanagers: 1, dedupWindow: "2s" });
    await lab.service.start();
  });
  after(() => lab?.close());

  it("delivers an alert and its recovery once each, with its Chinese text unchanged", async () => {
    const series = 'disk_used_percent{instance="节点-1:9100",path="/data"}';

    const firedMs = await timed(
      () => lab.samples.set(series, 95),
      () => messagesOf(lab, "ops", "磁盘将满").length === 1,
    );
    await moreFlushes(lab);
    const resolvedMs = await timed(
      () => lab.samples.set(series, 40),
      () => messagesOf(lab, "ops", "磁盘将满").length === 2,
    );
    await moreFlushes(lab);

    const [firing, resolved, ...more] = messagesOf(lab, "ops", "磁盘将满").map(markdownOf);
    assert.deepEqual(more, []);
    assertShows(firing, ["🔴 严重", "节点-1:9100", "上海一区", "/data 只剩 5%，预计 2 小时后写满"]);
    assertShows(firing, ["使用率 95%", "请清理日志 📉"]);
    assert.match(resolved ?? "", /已恢复.*磁盘将满/u);
    assert.doesNotMatch(resolved ?? "", /🔴/u);
    seen.push(
      `markdown     from sample to group chat: firing ${firedMs} ms, resolved ${resolvedMs} ms; one message each`,
    );
  });

  it("delivers a card if the route says so", async () => {
    const series = 'request_seconds{service="支付"}';

    const firedMs = await timed(
      () => lab.samples.set(series, 4),
      () => messagesOf(lab, "cards", "接口超时").length === 1,
    );
    await moreFlushes(lab);
    const resolvedMs = await timed(
      () => lab.samples.set(series, 1),
      () => messagesOf(lab, "cards", "接口超时").length === 2,
    );
    await moreFlushes(lab);

    const [firing, resolved, ...more] = messagesOf(lab, "cards", "接口超时").map(cardOf);
    assert.deepEqual(more, []);
    const [service] = firing?.horizontal_content_list ?? [];
    assert.equal(firing?.main_title?.title, "接口超时");
    assert.match(firing?.main_title?.desc ?? "", /^127\.0\.0\.1:\d+$/u);
    assert.deepEqual(service, { keyname: "服务", value: "支付" });
    assert.match(firing?.quote_area?.quote_text ?? "", /P99 超过 3 秒/u);
    assert.match(firing?.card_action?.url ?? "", /^http:\/\//u);
    assert.match(resolved?.source?.desc ?? "", /已恢复/u);
    seen.push(`text_notice  from sample to group chat: firing ${firedMs} ms, resolved ${resolvedMs} ms; one card each`);
  });

  it("splits one group of Alertmanager over nested routes by their matchers", async () => {
    lab.samples.set('backup_failed{instance="mysql-0",severity="critical"}', 1);
    lab.samples.set('backup_failed{instance="mysql-1",severity="warning"}', 1);
    await eventually("the first bot has a message", () => messagesOf(lab, "dba", "备份失败").length > 0, withinMs);
    await eventually("the second bot has a message", () => messagesOf(lab, "backup", "备份失败").length > 0, withinMs);
    await moreFlushes(lab);

    const [dba, ...moreDba] = messagesOf(lab, "dba", "备份失败");
    const [backup, ...moreBackup] = messagesOf(lab, "backup", "备份失败");
    assert.deepEqual([moreDba, moreBackup, messagesOf(lab, "ops", "备份失败")], [[], [], []]);
    assert.equal(dba?.msgtype, "markdown");
    assert.match(JSON.stringify(dba?.body), /mysql-0/u);
    assert.doesNotMatch(JSON.stringify(dba?.body), /mysql-1/u);
    assert.equal(backup?.msgtype, "template_card");
    assert.match(JSON.stringify(backup?.body), /mysql-1/u);
    assert.doesNotMatch(JSON.stringify(backup?.body), /mysql-0/u);
    seen.push("routes       one group of 2 alerts split over 2 bots, as their nested matchers say");
  });

  it("delivers a new alert of a group at the next interval, and a repeat with the start of the first delivery", async () => {
    const setQueue = (name: string, length: number) => lab.samples.set(`queue_length{instance="${name}"}`, length);

    setQueue("mq-1", 5_000);
    await eventually("the first is delivered", () => messagesOf(lab, "ops", "队列积压").length === 1, withinMs);
    setQueue("mq-2", 5_000);
    await eventually(
      "the new alert and the repeat are delivered",
      () => messagesOf(lab, "ops", "队列积压").length === 3,
      withinMs,
    );
    setQueue("mq-1", 0);
    setQueue("mq-2", 0);
    await eventually(
      "the recovery is delivered",
      () => markdownOf(messagesOf(lab, "ops", "队列积压").at(-1)).startsWith(recovered),
      withinMs,
    );

    const [first, grown, repeat] = messagesOf(lab, "ops", "队列积压");
    const repeatMs = (repeat?.at ?? 0) - (grown?.at ?? 0);
    assert.match(markdownOf(grown), / 2 条/u);
    assert.match(markdownOf(repeat), / 2 条/u);
    assert.deepEqual([startOf(grown), startOf(repeat)], [startOf(first), startOf(first)]);
    assert.ok(repeatMs >= 3_500, `a repeat after ${repeatMs} ms, before its interval`);
    if (await showsReasons(lab)) assert.match(markdownOf(repeat), /重复提醒/u);
    seen.push(`repeat       after ${repeatMs} ms (repeat_interval 4000), with the start of the first delivery`);
  });

  it("loses nothing when it is stopped and started while Alertmanager sends", async () => {
    const shards = Array.from({ length: 9 }, (_, i) => `分片${i + 1}号`);
    const fire = (names: readonly string[]) => {
      for (const name of names) lab.samples.set(`restart_drill{shard="${name}"}`, 1);
    };
    const refused = () => lab.alertmanagers[0]?.metric("notification_requests_failed_total", "webhook") ?? 0;
    // Not everything accepted before the stop can be delivered before it: the rest has to survive on disk.
    lab.simulator.script("drill", [{ kind: "errcode", errcode: -1, times: 3 }]);

    fire(shards.slice(0, 3));
    await eventually("WeCom was busy", () => lab.simulator.arrivals().some(({ fault }) => fault !== null), withinMs);
    const stopping = lab.service.stop("SIGTERM");
    await eventually("it is not ready any more", async () => (await statusOf(`${lab.service.origin}/-/ready`)) === 503);
    const drained = await postAlert(lab.service.origin, { alertname: "重启演练", shard: "停止中" });
    fire(shards.slice(3, 6));
    const ended = await stopping;
    const refusedBefore = await refused();
    fire(shards.slice(6));
    await eventually("Alertmanager's requests fail", async () => (await refused()) > refusedBefore, withinMs);
    await lab.service.start();
    const deliveredMs = await timed(
      () => undefined,
      () => [...shards, "停止中"].every((name) => messagesOf(lab, "drill", name).length > 0),
    );
    await moreFlushes(lab);

    assert.equal(drained, 200, "a webhook was refused while it drains");
    assert.equal(ended.code, 0);
    assert.ok(
      ended.tookMs >= 2_000 && ended.tookMs < 7_000,
      `stopped after ${ended.tookMs} ms; shutdown_delay is 2000, and requests in flight may take 5000 more`,
    );
    assert.deepEqual(
      [...shards, "停止中"].map((name) => messagesOf(lab, "drill", name).length),
      Array.from({ length: 10 }, () => 1),
    );
    seen.push(
      `restart      exit 0 after ${Math.round(ended.tookMs)} ms (shutdown_delay 2000); 10 of 10 alerts delivered once each, ${deliveredMs} ms after ready`,
    );
  });

  it("makes what amtool sends harmless: quotes, new lines, emoji, mentions, links, markup", async () => {
    const url = `--alertmanager.url=${lab.alertmanagers[0]?.origin}`;
    const summary = [
      "\"引号\" '单引号' 🔥👩‍👩‍👧",
      "# 标题",
      "> 引用 <@all> <@zhangsan> [点这里](http://evil.example)",
      '<font color="info">假的绿色</font> {{now}} `代码`',
    ];
    const labels = ['alertname="恶意<@all>"', 'instance="a`b*c_d[e](f)"'];
    const args = ["alert", "add", url, ...labels, `--annotation=summary=${JSON.stringify(summary.join("\n"))}`];

    const sent = await run({ command: lab.tools.amtool, args });
    assert.deepEqual([sent.code, sent.stderr], [0, ""]);
    await eventually("it is delivered", () => messagesOf(lab, "ops", "假的绿色").length === 1, withinMs);

    const [message] = messagesOf(lab, "ops", "假的绿色").map(markdownOf);
    assertShows(message, ["引号", "单引号", "🔥👩‍👩‍👧", "标题", "引用", "all", "zhangsan", "点这里", "evil.example"]);
    assertShows(message, ["{{now}}", "代码"]);
    assert.doesNotMatch(message ?? "", /<@|\]\(http:\/\/evil|<font color="info">假|^# /mu);
    seen.push(
      `hostile text shown as data: ${JSON.stringify(message?.split("\n").find((line) => line.includes("引用")))}`,
    );
  });

  it("is scraped by Prometheus, and promtool reports nothing about its metrics", async () => {
    await eventually(
      "it was scraped",
      async () => (await lab.prometheus.query('up{job="alertmanager-wecom"}'))[0] === 1,
      withinMs,
    );
    const stdin = await lab.service.metrics();

    const checked = await run({ command: lab.tools.promtool, args: ["check", "metrics"], stdin });

    assert.deepEqual([checked.code, checked.stdout, checked.stderr], [0, "", ""]);
    seen.push("promtool     check metrics: exit 0, no findings; up == 1 in Prometheus");
  });

  it("breaks no rule of WeCom, logs no error and shows no key", async () => {
    const shown = lab.service.output() + (await lab.service.metrics());

    assert.deepEqual(lab.simulator.violations(), []);
    assert.ok(lab.simulator.largestWindow() <= 20);
    assert.doesNotMatch(shown, /level=error/u);
    assert.doesNotMatch(shown, new RegExp(lab.keys.join("|"), "u"));
    seen.push(
      `in total     ${lab.simulator.accepted().length} messages, 0 violations, at most ${lab.simulator.largestWindow()} in 60 s, no key shown`,
    );
  });
});

describe("two Alertmanagers in a cluster", () => {
  let lab: Lab;

  before(async () => {
    lab = await startLab({ alertmanagers: 2, dedupWindow: "2m" });
    await lab.service.start();
    await eventually(
      "the cluster has settled",
      async () => (await Promise.all(lab.alertmanagers.map((peer) => peer.settled(2)))).every(Boolean),
      withinMs,
    );
  });
  after(() => lab?.close());

  it("post one group twice: it is delivered once, and its recovery once", async () => {
    await together(lab, 2, () => lab.samples.set("replication_lag_seconds", 30));
    await eventually("the firing alert is delivered", () => messagesOf(lab, "ops", "主从延迟").length > 0, withinMs);
    await moreFlushes(lab);
    await together(lab, 2, () => lab.samples.set("replication_lag_seconds", 0));
    await eventually("the recovery is delivered", () => messagesOf(lab, "ops", "已恢复").length > 0, withinMs);
    await moreFlushes(lab);

    const [webhooks, copies] = [await metricOf(lab.service, posted), await metricOf(lab.service, suppressed)];
    assert.deepEqual(
      messagesOf(lab, "ops", "主从延迟").map((message) => markdownOf(message).startsWith(recovered)),
      [false, true],
    );
    assert.equal(webhooks - copies, 2, `${webhooks} webhooks, ${copies} copies`);
    assert.ok(copies >= 2, `${copies} copies`);
    assert.deepEqual(lab.simulator.violations(), []);
    seen.push(
      `cluster      2 peers, ${webhooks} webhooks, ${copies} recognised as copies, 2 messages (firing, resolved)`,
    );
  });
});

function assertShows(message: string | undefined, texts: readonly string[]): void {
  for (const text of texts) assert.ok(message?.includes(text), `${text} is missing in ${message}`);
}
