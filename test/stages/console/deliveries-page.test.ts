// "Why did this alert not arrive?": each question has its answer on the page of deliveries, for an alert that took that way.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { queryOf, searchFromForm } from "../../../src/console/deliveries.ts";
import { eventually, startStack } from "../../support/stack.ts";
import { asking } from "./visiting.ts";

const config = `people: { 张三: { userid: zhangsan } }
route:
  bot: ops
  group: per_alert
  routes:
    - matchers: [alertname="Watchdog"]
      drop: true
    - matchers: [team="dba"]
      bot: dba
      mention: { users: ["{{labels.owner}}"], on: [firing] }
    - matchers: [team="own"]
      template: own
`;

async function opened(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "own-template-"));
  writeFileSync(join(folder, "own.markdown.hbs"), "{{index alerts 7}}");
  const stack = await startStack({ config, bots: ["ops", "dba"], templates: [join(folder, "*.hbs")] });
  t.after(() => stack.stop());
  const ask = asking(stack.origin);
  const post = (labels: Readonly<Record<string, string>>) =>
    stack.post({ alerts: [{ labels, startsAt: "2026-11-30T03:05:00Z", generatorURL: "http://a/?token=5ecret" }] });
  /** What the page says of the alerts with this name, once it says `wanted`. */
  const answerTo = async (name: string, wanted: RegExp) => {
    let text = "";
    await eventually(`${name}: ${wanted}`, async () => {
      ({ text } = await ask(`/deliveries?q=${name}`));
      return wanted.test(text);
    });
    return text.slice(text.indexOf('class="chips"'));
  };
  return { stack, ask, post, answerTo };
}

describe("the page of deliveries", () => {
  it("answers for what was delivered: sender, route, whom it mentioned, when", async (t) => {
    const { post, answerTo } = await opened(t);

    await post({ alertname: "SlowQuery", team: "dba", owner: "张三" });
    const text = await answerTo("SlowQuery", /delivered<\/span>/u);

    assert.match(text, /received from 127\.0\.0\.1/u);
    assert.match(text, /route\.routes\[1\] → dba/u);
    assert.match(text, /mentioned 张三 \(zhangsan\)/u);
    assert.match(text, /WeCom accepted it/u);
  });

  it("answers for a duplicate: when the first copy came", async (t) => {
    const { post, answerTo } = await opened(t);

    await post({ alertname: "Twice" });
    await post({ alertname: "Twice" });

    await answerTo("Twice", /the same as what was received (?:at \d\d-\d\d \d\d:\d\d:\d\d|before)/u);
  });

  it("answers for a person who was not found", async (t) => {
    const { post, answerTo } = await opened(t);

    await post({ alertname: "Nobody", team: "dba", owner: "王五" });

    await answerTo("Nobody", /not mentioned: 王五 is not in people/u);
  });

  it("answers for a template that failed", async (t) => {
    const { post, answerTo } = await opened(t);

    await post({ alertname: "Failed", team: "own" });

    await answerTo("Failed", /template own failed, the built-in layout was used: .*index/u);
  });

  it("answers for what WeCom refused, with errcode, and leads to it", async (t) => {
    const { stack, post, answerTo } = await opened(t);
    stack.simulator.script("ops", Array(2).fill({ kind: "errcode", errcode: 40058 }));

    await post({ alertname: "RefusedOne" });
    const text = await answerTo("RefusedOne", /WeCom rejected it in every form/u);

    assert.match(text, /content rejected \(badContent, errcode 40058\)/u);
    assert.match(text, /href="\.\/refused\/\d+"/u);
  });

  it("answers for what a route drops", async (t) => {
    const { post, answerTo } = await opened(t);

    await post({ alertname: "Watchdog" });

    await answerTo("Watchdog", /not sent<\/span>[\s\S]*its route says drop: true/u);
  });

  it("answers for what never came: since when nothing did, and when each sender posted last", async (t) => {
    const { stack, post, ask } = await opened(t);
    await post({ alertname: "Other" });
    await stack.post("not JSON");

    const { text } = await ask("/deliveries?q=NeverPosted");

    assert.match(text, /No such alert was received from \d\d-\d\d .* to \d\d-\d\d /u);
    assert.match(text, /<strong>127\.0\.0\.1[^<]*<\/strong>[\s\S]*last posted<\/dt><dd>\d\d-\d\d \d\d:\d\d:\d\d/u);
    assert.match(text, /400 not_json: the body is not valid JSON;/u);
  });

  it("has a page for each delivery, whose groups are sent again", async (t) => {
    const { stack, post, answerTo, ask } = await opened(t);
    await post({ alertname: "Again" });
    const [, id] = /href="\.\/deliveries\/(\d+)"/u.exec(await answerTo("Again", /delivered<\/span>/u)) ?? [];

    const page = await ask(`/deliveries/${id}`);
    const again = await ask(`/deliveries/${id}/again`, { form: {} });
    await eventually("it is sent again", () => stack.simulator.accepted().length === 2);

    assert.match(page.text, /class="bubble markdown"[\s\S]*Again/u);
    assert.doesNotMatch(page.text, /5ecret/u);
    assert.equal(again.to, `../../deliveries/${id}?again`);
    assert.deepEqual([(await ask("/deliveries/1")).status, (await ask("/deliveries/x")).status], [404, 404]);
  });

  it("gives its alerts to the playground and to the page that tries routes", async (t) => {
    const { post, answerTo, ask } = await opened(t);
    await post({ alertname: "RealOne", team: "dba" });
    const [, id] = /href="\.\/deliveries\/(\d+)"/u.exec(await answerTo("RealOne", /delivered<\/span>/u)) ?? [];

    const playground = await ask(`/playground?sample=delivery+${id}`);
    const routing = await ask("/routing");

    assert.match(playground.text, new RegExp(`<option value="delivery ${id}" selected>RealOne \\(${id}\\)`, "u"));
    assert.match(routing.text, /href="\.\/routing\?labels=alertname%3DRealOne%20team%3Ddba"/u);
  });
});

describe("a search", () => {
  const clock = { timezone: "Asia/Shanghai", now: 1_796_000_000_000, outboxNow: 1_796_000_000_500 };

  for (const [asked, fromAt, untilAt] of [
    [{}, clock.outboxNow - 3_600_000, clock.outboxNow + 1],
    [{ span: "1d" }, clock.outboxNow - 86_400_000, clock.outboxNow + 1],
    [{ span: "1y" }, clock.outboxNow - 3_600_000, clock.outboxNow + 1],
    [
      { around: "2026-11-30T03:12" },
      Date.parse("2026-11-30T03:02:00.500+08:00"),
      Date.parse("2026-11-30T03:22:00.500+08:00"),
    ],
    [{ around: "then" }, clock.outboxNow - 3_600_000, clock.outboxNow + 1],
  ] as const) {
    it(`${JSON.stringify(asked)} is about a span of the outbox's clock`, () => {
      const query = queryOf(searchFromForm(asked), clock);

      assert.deepEqual([query.fromAt, query.untilAt], [fromAt, untilAt]);
    });
  }
});

it("no alert text breaks a page or becomes a part of it", async (t) => {
  const { stack, ask, post } = await opened(t);
  const texts = [
    "\ud800",
    "x\udc00",
    "<img src=x onerror=alert(1)>",
    '"><script>',
    "\u202e\u0000\u001b[31m",
    "%zz",
    "{{x}}",
    "a".repeat(1_000),
  ];
  for (const text of texts) await post({ alertname: text, [text]: text, team: "dba", owner: text });
  await eventually("nothing waits", async () => !/"notifications":[1-9]/u.test((await ask("/api/v1/status")).text));

  const list = await ask("/deliveries");
  const links = [...list.text.matchAll(/href="\.\/((?:deliveries|routing)[^"]*)"/gu)].map(([, path = ""]) =>
    path.replaceAll("&#x3D;", "=").replaceAll("&amp;", "&"),
  );
  const pages = await Promise.all([...new Set(links)].map((path) => ask(`/${path}`)));

  assert.ok(links.length > texts.length, `${links}`);
  for (const { status, text } of [list, ...pages]) {
    assert.equal(status, 200);
    assert.doesNotMatch(text, /<img src=x|"><script>|<script>/u);
  }
  assert.equal(await stack.metric('alertmanager_wecom_unexpected_errors_total{place="receive"}'), 0);
});
