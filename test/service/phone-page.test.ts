// The phone page over HTTP: what a link shows, what its form does, and what neither does.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import bcrypt from "bcryptjs";
import { readLinkToken, signToken } from "../../src/actions/token.ts";
import { linkKeys } from "../../src/config/links.ts";
import { Secret } from "../../src/config/secret.ts";
import { plainWeb } from "../../src/config/web-config.ts";
import { FakePrometheus } from "../support/fake-prometheus.ts";
import { type LocalAlertmanager, startLocalAlertmanager } from "../support/local-alertmanager.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";

type Labels = Readonly<Record<string, string>>;
type Headers = Readonly<Record<string, string>>;

const secret = "a secret of links that nobody guesses";
const [key = assert.fail()] = linkKeys({
  secrets: [new Secret(secret)],
  validMs: 0,
  userHeader: null,
  trustedProxies: [],
});

const backlog = { alertname: "队列积压", severity: "critical", instance: "mq-1:9419", queue: "orders" };
const mail = { ...backlog, queue: "mail" };
const watchdog = { alertname: "Watchdog", instance: "mq-1:9419" };

/** Each test has a bot of its own, and so a window. Their keys differ in the first four bytes of the name. */
const bots = Array.from({ length: 29 }, (_, n) => `bt${10 + n}`);

let alertmanager: LocalAlertmanager;
let prometheus: FakePrometheus;
let stack: Stack;

before(async () => {
  alertmanager = await startLocalAlertmanager();
  prometheus = await FakePrometheus.start(() => Date.now());
  prometheus.rules = [{ name: "队列积压", query: "queue_length > 100" }];
  prometheus.series.set("queue_length", [{ labels: { queue: "orders" }, valueAt: () => 120 }]);
  stack = await startStack({
    bots,
    config: `route: { bot: bt10, routes: [{ matchers: [case="merged"], bot: bt11, group: merge, wait: 1s }] }
external_url: https://alerts.example.cn/wecom
people: { 张三: { userid: zhangsan, mobile: "13800000000" } }
links: { secret: "${secret}", user_header: X-User, trusted_proxies: [127.0.0.1] }
alertmanagers:
  prod: { external_urls: ["http://am.example:9093/"], urls: ["${alertmanager.origin}"], bearer: { token: am-token } }
silence: { durations: [1h, 4h], max: 5h, scopes: [alert, instance, rule], never: ['alertname="Watchdog"'] }
auth: { admin: [ { bearer: { token: admin-token } } ] }
datasources: { prod: { generator_urls: ["http://prometheus:9090"], url: "${prometheus.url}" } }
`,
  });
});
after(async () => {
  alertmanager?.close();
  await stack?.stop();
  await prometheus?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  alertmanager.answer = "normal";
  alertmanager.alerts = [];
  alertmanager.silences.length = 0;
  alertmanager.requests.length = 0;
});

interface Received {
  readonly bot: string;
  /** Of the link in its message. */
  readonly path: string;
}

const unused = bots.slice(2).values();

/** Posts the alerts as one group, and follows the link in its message. */
async function received(
  alerts: readonly Labels[],
  { externalURL = "http://am.example:9093", startsAt = "2026-11-30T05:55:00Z" } = {},
): Promise<Received> {
  const bot = unused.next().value ?? assert.fail("more tests than bots");
  const { status } = await stack.post(
    {
      version: "4",
      groupKey: "{}:{}",
      receiver: "wecom",
      externalURL,
      status: "firing",
      alerts: alerts.map((labels) => ({
        status: "firing",
        labels,
        annotations: { summary: `队列 ${labels.queue} 积压 120`, runbook_url: "https://wiki.example/mq" },
        startsAt,
        generatorURL: "http://prometheus:9090/graph?g0.expr=queue_length+%3E+100",
      })),
    },
    `/webhook/bot/${bot}`,
  );
  assert.equal(status, 200);
  await eventually("it is delivered", () => messagesTo(bot).length > 0);
  const path = /alerts\.example\.cn\/wecom(\/a\/[\w-]+)/u.exec(messagesTo(bot)[0] ?? "")?.[1];
  return { bot, path: path ?? assert.fail("the message has no link") };
}

function messagesTo(bot: string): readonly string[] {
  return stack.simulator
    .accepted()
    .filter(({ robot }) => robot === bot)
    .map(({ body }) => JSON.stringify(body));
}

async function answerOf(response: Response) {
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function get(path: string, headers: Headers = {}) {
  return answerOf(await fetch(stack.origin + path, { headers, redirect: "manual" }));
}

async function submit(path: string, fields: Labels, headers: Headers = {}) {
  const body = new URLSearchParams(fields);
  return answerOf(await fetch(stack.origin + path, { method: "POST", headers, body, redirect: "manual" }));
}

const zh = { "Accept-Language": "zh-CN" };
const silenceForAnHour = { act: "3600000", scope: "alert", who: "张三" };

/** The name of a matcher that excludes its value ends with `!`. */
function pairsOf({ matchers }: LocalAlertmanager["silences"][number]): Labels {
  const names = matchers.map(({ name, isEqual, isRegex }) => `${name}${isEqual ? "" : "!"}${isRegex ? "~" : ""}`);
  return Object.fromEntries(matchers.map(({ value }, n) => [names[n] ?? "", value]));
}

describe("a link", () => {
  it("shows the alert as its Alertmanager has it now, and changes nothing", async () => {
    alertmanager.alerts = [backlog, mail];
    const { path } = await received([backlog]);

    const { status, text, headers } = await get(path, zh);

    assert.equal(status, 200);
    for (const shown of [
      ...["队列积压", "严重", "队列 orders 积压 120", "mq-1:9419", "处理手册", "我来处理"],
      ...["当前匹配 1 条", "当前匹配 2 条", "张三"],
    ]) {
      assert.ok(text.includes(shown), shown);
    }
    assert.doesNotMatch(text, /13800000000|<script|am-token/u);
    assert.deepEqual(alertmanager.silences, []);
    assert.ok(alertmanager.requests.length > 0);
    assert.ok(alertmanager.requests.every(({ authorization }) => authorization === "Bearer am-token"));
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; style-src 'sha256-\S+'; /u);
    assert.match(headers.get("content-security-policy") ?? "", /form-action 'self'/u);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("referrer-policy"), "same-origin");
  });

  it("shows the graph inline, and does not wait for a datasource that hangs", async () => {
    alertmanager.alerts = [backlog];
    const { path } = await received([backlog]);
    const drawn = await get(path);
    prometheus.misbehave = () => true;
    const { path: other } = await received([{ ...backlog, queue: "billing" }]);

    const beganAt = performance.now();
    const without = await get(other);
    prometheus.misbehave = () => false;

    assert.match(drawn.text, /<section class="graph"><svg xmlns=[\s\S]+<\/svg><\/section>/u);
    assert.deepEqual([without.status, without.text.includes("<svg")], [200, false]);
    assert.ok(performance.now() - beganAt < 3_500);
  });

  it("of a group lists its alerts, each with a link of its own", async () => {
    alertmanager.alerts = [backlog];
    const { path } = await received([backlog, mail]);

    const { text } = await get(path, zh);
    const links = [...text.matchAll(/href="(1[\w-]{56})"/gu)].map(([, token]) => token);
    const pages = await Promise.all(links.map((token) => get(`/a/${token}`, zh)));

    assert.match(text, /2 条告警[\s\S]*1 条仍在告警/u);
    assert.deepEqual(
      pages.map((page) => [page.status, page.text.includes("不再告警")]),
      [
        [200, false],
        [200, true],
      ],
    );
  });

  it("of several webhooks in one message lists the alerts of all, each as its own Alertmanager has it", async () => {
    const one = { ...backlog, case: "merged" };
    const other = { ...mail, case: "merged" };
    alertmanager.alerts = [one, other];
    const startsAt = new Date().toISOString();
    for (const [externalURL, labels] of [
      ["http://am.example:9093", one],
      ["http://elsewhere:9093", other],
    ] as const) {
      const alerts = [{ status: "firing", labels, startsAt }];
      await stack.post({ version: "4", groupKey: labels.queue, receiver: "w", externalURL, alerts });
    }
    await eventually("both are delivered", () => messagesTo("bt11").length > 0);
    const [message = ""] = messagesTo("bt11");

    const { text } = await get(
      /alerts\.example\.cn\/wecom(\/a\/[\w-]+)/u.exec(message)?.[1] ?? assert.fail(message),
      zh,
    );
    const links = [...text.matchAll(/href="(1[\w-]{56})"/gu)].map(([, token]) => token);
    const pages = await Promise.all(links.map(async (token) => (await get(`/a/${token}`, zh)).text));

    assert.match(text, /2 条告警[\s\S]*2 条仍在告警/u);
    assert.deepEqual(
      pages.map((page) => [page.includes("orders"), page.includes("静默范围"), page.includes("elsewhere:9093")]).sort(),
      [
        [false, false, true],
        [true, true, false],
      ],
    );
  });

  it("is answered with 404 when it is altered, expired, or of a notification that no longer exists", async () => {
    const { path } = await received([backlog]);
    const link = readLinkToken([key], path.slice("/a/".length), Date.now()) ?? assert.fail();
    const signed = (change: object) => `/a/${signToken(key, { ...link, ...change })}`;
    const wrong = [
      `${path.slice(0, -1)}${path.endsWith("A") ? "B" : "A"}`,
      signed({ expiresAt: Date.now() - 1_000 }),
      signed({ notificationId: 999_999 }),
      signed({ identity: "A".repeat(22) }),
      "/a/x",
    ];

    for (const one of wrong) {
      assert.deepEqual([(await get(one)).status, (await submit(one, silenceForAnHour)).status], [404, 404], one);
    }
    assert.deepEqual(alertmanager.silences, []);
  });

  it("shows what its message said when Alertmanager does not answer, and does not wait for it", async () => {
    const { path } = await received([backlog]);
    alertmanager.answer = "hang";

    const beganAt = performance.now();
    const { status, text } = await get(path, zh);

    assert.equal(status, 200);
    assert.match(text, /队列积压[\s\S]*连不上 Alertmanager，现在的状态未知/u);
    assert.doesNotMatch(text, /静默范围/u);
    assert.ok(performance.now() - beganAt < 3_000);
  });

  it("offers no silence for an Alertmanager that the config does not name, for what it does not have, and for what is never silenced", async () => {
    alertmanager.alerts = [{ ...backlog, extra: "label" }, watchdog];
    const [other, forged, never] = [
      await received([backlog], { externalURL: "http://elsewhere:9093" }),
      await received([backlog]),
      await received([watchdog]),
    ];

    const texts = await Promise.all([other, forged, never].map(async ({ path }) => (await get(path, zh)).text));

    assert.match(
      texts[0] ?? "",
      /配置里没有发来这条告警的 Alertmanager[\s\S]*externalURL 是 http:\/\/elsewhere:9093，/u,
    );
    assert.ok(stack.log.some((line) => /no entry of alertmanagers.*external_url=http:\/\/elsewhere:9093 /u.test(line)));
    assert.match(texts[1] ?? "", /Alertmanager 里已没有这条告警/u);
    assert.match(texts[2] ?? "", /不能静默/u);
    for (const text of texts) assert.doesNotMatch(text, /静默范围/u);
  });
});

describe("a silence", () => {
  it("has exactly the labels of the alert, the time and the name; the group gets a message, and a reload does not repeat it", async () => {
    alertmanager.alerts = [backlog, mail];
    const { bot, path } = await received([backlog]);

    const first = await submit(path, silenceForAnHour);
    const [silence = assert.fail()] = alertmanager.silences;
    const page = await get(`/a/${first.headers.get("location")}`, zh);
    await eventually("the group gets a message", () =>
      messagesTo(bot).some((text) => text.includes("张三（自称） 已静默")),
    );

    assert.equal(first.status, 303);
    assert.deepEqual(pairsOf(silence), backlog);
    assert.ok(Math.abs(Date.parse(silence.endsAt) - Date.now() - 3_600_000) < 10_000);
    assert.equal(silence.createdBy, "张三（自称）");
    assert.match(page.text, /已静默至 [\d:]+。群里会收到说明。[\s\S]*🔕 已静默[\s\S]*已静默至 [\d:]+，张三（自称）/u);
    assert.match(first.headers.get("set-cookie") ?? "", /who=[^;]+; Max-Age=\d+; HttpOnly; SameSite=Lax$/u);
    assert.match(
      stack.log.find((line) => line.includes("silenced on the phone page")) ?? "",
      /by=张三（自称） .*address=127\.0\.0\.1 silence=0{12}40008000\d{12} until=\S+ matchers="\{alertname=/u,
    );
  });

  it("that is submitted twice is made once", async () => {
    alertmanager.alerts = [backlog];
    const { path } = await received([backlog]);

    const answers = await Promise.all([submit(path, silenceForAnHour), submit(path, silenceForAnHour)]);
    const again = await submit(path, silenceForAnHour);

    assert.deepEqual(
      [...answers, again].map(({ status }) => status),
      [303, 303, 303],
    );
    assert.equal(alertmanager.silences.length, 1);
  });

  it("until it recovers ends after silence.max at the latest", async () => {
    alertmanager.alerts = [backlog];
    const { bot, path } = await received([backlog]);

    await submit(path, { act: "recovered", scope: "instance", name: "李四" });
    await eventually("the group gets a message", () => messagesTo(bot).length > 1);

    const [silence = assert.fail()] = alertmanager.silences;
    assert.deepEqual(pairsOf(silence), { instance: "mq-1:9419", "alertname!": "Watchdog" });
    assert.ok(Math.abs(Date.parse(silence.endsAt) - Date.now() - 5 * 3_600_000) < 10_000);
    assert.match(messagesTo(bot)[1] ?? "", /李四（自称） 已静默 实例 mq-1:9419 的所有告警/u);
  });

  const refused: Readonly<Record<string, readonly [number, Labels, RegExp]>> = {
    "without a name": [400, { act: "3600000", scope: "alert" }, /请先选择或填写你的名字/u],
    "for a time that is not offered": [400, { ...silenceForAnHour, act: "7200000" }, /配置不允许/u],
    "of a rule without an administrator": [403, { ...silenceForAnHour, scope: "rule" }, /管理员登录/u],
    "with a form of something else": [400, { act: "delete" }, /无法识别/u],
  };

  it("is refused where the config does not allow it, and the page says why", async () => {
    alertmanager.alerts = [backlog, watchdog];
    const { path } = await received([backlog]);

    for (const [what, [wanted, fields, said]] of Object.entries(refused)) {
      const { status, text } = await submit(path, fields, zh);
      assert.equal(status, wanted, what);
      assert.match(text, said, what);
    }
    assert.deepEqual(alertmanager.silences, []);
  });

  it("for an Alertmanager that the config does not name is refused, with the externalURL that came", async () => {
    const { path } = await received([backlog], { externalURL: "http://elsewhere:9093" });

    const { status, text } = await submit(path, silenceForAnHour, zh);

    assert.equal(status, 409);
    assert.match(text, /role="alert">配置里没有.*<small>webhook 里的 externalURL 是 http:\/\/elsewhere:9093，/u);
  });

  it("of an alert that is never silenced is refused, whatever the scope", async () => {
    alertmanager.alerts = [watchdog];
    const { path } = await received([watchdog]);

    for (const scope of ["alert", "instance"]) {
      const { status, text } = await submit(path, { ...silenceForAnHour, scope }, zh);
      assert.equal(status, 403);
      assert.match(text, /不能静默/u);
    }
    assert.deepEqual(alertmanager.silences, []);
  });

  it("of an instance leaves out what is never silenced, and page and group say so", async () => {
    alertmanager.alerts = [backlog, watchdog];
    const { bot, path } = await received([backlog]);

    const { text } = await get(path, zh);
    const { status } = await submit(path, { ...silenceForAnHour, scope: "instance" });
    await eventually("the group gets a message", () => messagesTo(bot).length > 1);

    assert.equal(status, 303);
    assert.match(
      text,
      /这个实例的所有告警（mq-1:9419）<small>当前匹配 1 条<\/small><small>不含 alertname&#x3D;&quot;Watchdog&quot;/u,
    );
    const [silence = assert.fail()] = alertmanager.silences;
    assert.deepEqual(pairsOf(silence), { instance: "mq-1:9419", "alertname!": "Watchdog" });
    assert.match(messagesTo(bot)[1] ?? "", /实例 mq-1:9419 的所有告警（现有 1 条，不含 alertname=\\?"Watchdog\\?"）/u);
  });

  it("of a rule is made for an administrator", async () => {
    alertmanager.alerts = [backlog, mail];
    const { path } = await received([backlog]);

    const admin = { Authorization: "Bearer admin-token" };
    const { status } = await submit(path, { ...silenceForAnHour, scope: "rule" }, admin);

    assert.equal(status, 303);
    assert.deepEqual(pairsOf(alertmanager.silences[0] ?? assert.fail()), { alertname: "队列积压" });
  });

  it("that Alertmanager rejects, or does not answer, is shown only on the page", async () => {
    alertmanager.alerts = [backlog];
    const { bot, path } = await received([backlog]);

    alertmanager.answer = 503;
    const down = await submit(path, silenceForAnHour, zh);
    alertmanager.answer = 403;
    alertmanager.message = "bad <b>matcher</b>";
    const rejected = await submit(path, silenceForAnHour, zh);
    alertmanager.answer = "normal";
    const later = await submit(path, silenceForAnHour, zh);

    assert.deepEqual([down.status, rejected.status, later.status], [502, 502, 303]);
    assert.match(down.text, /连不上 Alertmanager/u);
    assert.match(rejected.text, /拒绝了这次静默<small>403 bad &lt;b&gt;matcher&lt;\/b&gt;/u);
    assert.equal(alertmanager.silences.length, 1);
    await eventually("the group gets a message", () => messagesTo(bot).length > 1);
    assert.equal(messagesTo(bot).length, 2);
    const metrics = (await get("/metrics", { Authorization: "Bearer admin-token" })).text;
    for (const result of ["alertmanagerFailed", "alertmanagerRejected"]) {
      assert.ok(metrics.includes(`actions_total{action="silence",result="${result}"} 1\n`), result);
    }
  });
});

describe("an acknowledgement", () => {
  it("is sent to the group and shown on the page", async () => {
    alertmanager.alerts = [backlog, mail];
    const { bot, path } = await received([backlog, mail]);

    const { status } = await submit(path, { act: "acknowledge", who: "张三" });
    await eventually("the group gets a message", () =>
      messagesTo(bot).some((text) => text.includes("张三（自称） 在处理")),
    );
    const { text } = await get(path, zh);

    assert.equal(status, 303);
    assert.match(text, /张三（自称） 从 [\d: -]+ 起在处理/u);
    assert.deepEqual(alertmanager.silences, []);
  });

  it("is offered and taken only where it has an effect: without a start, a later alert could not be distinguished", async () => {
    alertmanager.alerts = [backlog];
    const { bot, path } = await received([backlog], { startsAt: "" });

    const { text } = await get(path, zh);
    const { status } = await submit(path, { act: "acknowledge", who: "张三" });

    assert.doesNotMatch(text, /value="acknowledge"/u);
    assert.equal(status, 400);
    assert.equal(messagesTo(bot).length, 1);
  });

  it("has the name that a trusted proxy gives, whatever the form says", async () => {
    const { bot, path } = await received([backlog]);

    const { headers } = await submit(path, { act: "acknowledge", who: "张三" }, { "X-User": "wang.wu" });
    await eventually("the group gets a message", () => messagesTo(bot).some((text) => text.includes("wang.wu 在处理")));

    assert.equal(headers.get("set-cookie"), null);
  });
});

describe("the page", () => {
  it("takes no form of another site", async () => {
    alertmanager.alerts = [backlog];
    const { path } = await received([backlog]);

    const sites: readonly Headers[] = [
      { "Sec-Fetch-Site": "cross-site" },
      { Origin: "https://evil.example" },
      { Origin: "null" },
    ];
    const answers = await Promise.all(sites.map((headers) => submit(path, silenceForAnHour, headers)));

    assert.deepEqual(
      answers.map(({ status }) => status),
      [403, 403, 403],
    );
    assert.deepEqual(alertmanager.silences, []);
  });

  it("takes no form over 4 kB, no other method, and no more than ten forms a minute", async () => {
    const { path } = await received([backlog]);

    const large = await submit(path, { ...silenceForAnHour, name: "x".repeat(5_000) });
    const put = await fetch(stack.origin + path, { method: "PUT", body: "x" });
    const forms = await Promise.all(Array.from({ length: 12 }, () => submit(path, { act: "acknowledge" })));

    assert.deepEqual([large.status, put.status], [413, 405]);
    assert.equal(forms.filter(({ status }) => status === 429).length, 3);
  });

  it("and its tokens are masked wherever they are shown", async () => {
    const { path } = await received([backlog]);
    await get(path);
    const admin = { Authorization: "Bearer admin-token" };
    const token = path.slice("/a/".length);

    const history = await get("/api/v1/history?limit=200", admin);
    const id = /"delivery_id":(\d+)/u.exec(history.text)?.[1];
    const shown = [history, await get(`/deliveries/${id}`, admin), await get("/deliveries", admin)];

    assert.deepEqual(
      shown.map(({ status }) => status),
      [200, 200, 200],
    );
    for (const text of [...shown.map((one) => one.text), ...stack.log]) assert.ok(!text.includes(token));
  });

  it("has only relative addresses of its own, so that a proxy may serve it below any path", async () => {
    const { path } = await received([backlog, mail]);

    const { text } = await get(path);
    const own = [...text.matchAll(/(?:href|action|src)="([^"]*)"/gu)].map(([, address = ""]) => address);

    assert.ok(own.length > 2);
    assert.deepEqual(
      own.filter((address) => /^\/|^http/u.test(address)),
      [],
    );
  });

  it("needs no user of --web.config.file, who is in front of everything else", async () => {
    const users = [
      { kind: "basic", username: "operator", passwordHash: new Secret(bcrypt.hashSync("right", 4)) } as const,
    ];
    const config = `route: { bot: ops }\nexternal_url: https://alerts.example.cn\nlinks: { secret: "${secret}" }\n`;
    const behind = await startStack({ config, web: { ...plainWeb, users } });
    const token = signToken(key, { notificationId: 1, identity: null, expiresAt: Date.now() + 60_000 });
    const authorization = `Basic ${btoa("operator:right")}`;
    await fetch(`${behind.origin}/webhook`, {
      method: "POST",
      headers: { authorization },
      body: JSON.stringify({ alerts: [{ labels: backlog }] }),
    });

    const paths = [`/a/${token}`, "/a/x", "/", "/deliveries", "/metrics"];
    const answers = await Promise.all(paths.map((one) => fetch(behind.origin + one)));
    await behind.stop();

    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 404, 401, 401, 401],
    );
  });

  it("holds no markup of an alert", async () => {
    const hostile = { alertname: '<script>alert(1)</script>"', instance: "'><img src=x onerror=1>", 名字: "</style>" };
    alertmanager.alerts = [hostile];
    const { path } = await received([hostile]);

    const { text } = await get(path, zh);
    const failed = await submit(path, { act: "acknowledge", name: "" }, zh);

    for (const page of [text, failed.text]) {
      assert.doesNotMatch(page, /<script|<img|onerror=1/u);
      assert.equal(page.split("</style>").length, 2);
    }
  });
});
