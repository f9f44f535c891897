// The documented call of each adapter, sent to our address: it is answered and the alert arrives in the group. Bodies and headers
// are those of their pages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { compatPeers } from "../../../src/domain/intake.ts";
import { eventually, keyOf, startStack } from "../../support/stack.ts";

const config = `route: { bot: default, message: markdown }
compat: [${compatPeers.join(", ")}]
allow_inline_keys: true`;

const key = keyOf("ops");
const wholeURL = `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}`;

/** What follows `curl -X POST http://host:port` on the page of each adapter, and the bot whose group gets it. */
const calls: readonly (readonly [string, string, string])[] = [
  ["k8stech", `/webhook?key=${key}`, "ops"],
  ["a2w", `/send?key=${key}&mention=zhangsan`, "ops"],
  ["g2ww (rea1shane)", `/send?key=${key}&type=markdown`, "ops"],
  ["g2ww (n0vad3v)", `/${key}`, "ops"],
  ["bougou", `/webhook/send?channel_type=weixin&token=${key}&msg_type=markdown`, "ops"],
  ["PrometheusAlert", `/prometheusalert?type=wx&tpl=prometheus-wx&wxurl=${wholeURL}&at=zhangsan`, "ops"],
  ["PrometheusAlert, robot of its config", "/prometheusalert?type=wx&tpl=prometheus-wx", "default"],
  ["daozzg", "/prometheus_webhook", "ops"],
  ["Rainbowhhy", `/qywechat?key=${key}`, "ops"],
  ["kubehu01", `/qywechat?url=${wholeURL}`, "ops"],
  ["LeeZBug", `/alertmanager2qywx?key=${key}`, "ops"],
  ["prometheus-webhook-dingtalk", "/dingtalk/ops/send", "ops"],
  ["lido", "/hook/ops", "ops"],
  ["metio", "/alerts/ops", "ops"],
  ["prom2teams", "/v2/ops", "ops"],
  ["notification-manager", "/api/v2/alerts", "default"],
];

const body = (name: string) => ({
  version: "4",
  receiver: "web.hook",
  status: "firing",
  alerts: [
    {
      status: "firing",
      labels: { alertname: name, instance: "10.180.48.2", severity: "critical" },
      annotations: { summary: "机器发生宕机", description: "机器:10.180.48.2 宕机超过1分钟，请检查！" },
      startsAt: "2024-01-10T11:59:09.775Z",
      fingerprint: "02f13394997e5211",
    },
  ],
  groupKey: `{}:{alertname="${name}"}`,
});

test("the documented call of every adapter is answered with 200, and its alert reaches the group", async (t) => {
  const stack = await startStack({ config, bots: ["default", "ops"] });
  t.after(() => stack.stop());
  let arrived = 0;

  for (const [adapter, address, bot] of calls) {
    const authorization = adapter === "daozzg" ? { Authorization: `Bearer ${key}` } : {};
    const answer = await fetch(`${stack.origin}${address}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...authorization },
      body: JSON.stringify(body(adapter)),
    });
    assert.equal(answer.status, 200, adapter);
    arrived += 1;
    await eventually(`${adapter}'s alert arrives`, () => stack.simulator.accepted().length === arrived);
    const message = stack.simulator.accepted().at(-1);
    assert.equal(message?.robot, bot, adapter);
    assert.match(JSON.stringify(message?.body), /机器发生宕机/u, adapter);
  }

  console.log(
    `${calls.length} documented calls of ${compatPeers.length} adapters answered 200; ${arrived} alerts in the group`,
  );
});

test("mentions of the query are in the message, and a mention with a template call is not", async (t) => {
  const stack = await startStack({ config, bots: ["default", "ops"] });
  t.after(() => stack.stop());

  await stack.post(
    body("宕机"),
    `/send?key=ops&mention=zhangsan&mention=${encodeURIComponent("{{labels.severity}}")}&mention=@all`,
  );

  await eventually("it arrives", () => stack.simulator.accepted().length === 1);
  const text = JSON.stringify(stack.simulator.accepted()[0]?.body);
  assert.match(text, /<@zhangsan>/);
  assert.doesNotMatch(text, /<@critical>|<@all>|<@@all>/);
});

test("an unknown key is 404, a GET is 405, and no key reaches the log", async (t) => {
  const stack = await startStack({ config, bots: ["default", "ops"] });
  t.after(() => stack.stop());
  const foreign = "ffffffff-1111-4222-8333-00000000c0de";

  const unknown = await stack.post(body("x"), `/send?key=${foreign}`);
  const read = await fetch(`${stack.origin}/send?key=${key}`);
  await stack.post("no json", `/webhook?key=${key}`);
  await stack.post(body("x"), `/qywechat?url=${wholeURL}`);

  assert.equal(unknown.status, 404);
  assert.match(String(unknown.answer.message), /allow_inline_keys/);
  assert.equal(read.status, 405);
  const seen = [...stack.log, JSON.stringify(unknown.answer), await stack.metrics()].join("\n");
  assert.doesNotMatch(seen, new RegExp(`${key}|${foreign}`));
});

test("without compat these addresses are unknown", async (t) => {
  const stack = await startStack({ bots: ["default", "ops"], config: "route: { bot: default }" });
  t.after(() => stack.stop());

  const statuses = [];
  for (const address of ["/send?key=ops", "/dingtalk/ops/send", "/prometheusalert?type=wx"]) {
    statuses.push((await stack.post(body("x"), address)).status);
  }

  assert.deepEqual(statuses, [404, 404, 404]);
});

test("auth.webhook protects an alias like /webhook, and without credentials nothing is shown about bots", async (t) => {
  const auth = "auth: { webhook: [ { bearer: { token: for-senders } } ] }";
  const stack = await startStack({ config: `${config}\n${auth}`, bots: ["default", "ops"] });
  t.after(() => stack.stop());
  const post = async (address: string, headers: Readonly<Record<string, string>> = {}) =>
    (await fetch(`${stack.origin}${address}`, { method: "POST", headers, body: JSON.stringify(body("x")) })).status;

  const unauthenticated = [await post("/dingtalk/ops/send"), await post("/dingtalk/nobody/send")];
  const sender = await post("/dingtalk/ops/send", { Authorization: "Bearer for-senders" });

  assert.deepEqual(unauthenticated, [401, 401]);
  assert.equal(sender, 200);
});

test("a bot with its own credentials requires them of an alias too, and accepts no request that names other bots", async (t) => {
  const auth =
    "auth: { bots: { ops: [ { bearer: { token: for-ops } } ] }, webhook: [ { bearer: { token: for-all } } ] }";
  const stack = await startStack({ config: `${config}\n${auth}`, bots: ["default", "ops"] });
  t.after(() => stack.stop());
  const post = async (address: string, token: string) => {
    const headers = { Authorization: `Bearer ${token}` };
    return (await fetch(`${stack.origin}${address}`, { method: "POST", headers, body: JSON.stringify(body("x")) }))
      .status;
  };

  const alone = [await post("/dingtalk/ops/send", "for-all"), await post("/dingtalk/ops/send", "for-ops")];
  const together = await post("/prometheusalert?type=wx&wxurl=default,ops", "for-all");

  assert.deepEqual(alone, [401, 200]);
  assert.equal(together, 400);
});
