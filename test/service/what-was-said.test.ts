// From a sender's webhook to what the group reads, through the whole service: nothing is lost, changed, or somebody else's.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { gb18030 } from "../support/gb18030.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { eventually, type Stack, startStack } from "../support/stack.ts";

const noon = Date.UTC(2026, 10, 30, 4);
const minutes = (after: number) => new Date(noon + after * 60_000).toISOString();

type Fields = Readonly<Record<string, unknown>>;

const alert = (labels: Fields, annotations: Fields = {}, rest: Fields = {}) => {
  const named = { alertname: "DiskFull", severity: "critical", ...labels };
  return { status: "firing", labels: named, annotations, startsAt: minutes(-9), endsAt: "", ...rest };
};

const over = { status: "resolved", endsAt: minutes(-1) };

let serial = 0;

/** A group of its own, unless it is given the key of another. */
function bodyOf(alerts: readonly object[], rest: Fields = {}): Fields {
  serial += 1;
  return { version: "4", receiver: "w", groupKey: `${serial}`, externalURL: "http://am.example.cn", alerts, ...rest };
}

const config = `
language: zh
webhook: { dedup_window: 1s }
people: { 张三: { userid: zhangsan }, 李四: { mobile: "13800000000" }, 王五: { userid: wangwu } }
alertmanagers:
  north: { external_urls: ["http://am-0.north", "http://am-1.north"], urls: ["http://127.0.0.1:1"] }
  south: { external_urls: ["http://am.south"], urls: ["http://127.0.0.1:1"] }
route:
  bot: ops
  mention: { users: ["{{labels.owner}}"], mobiles: ["{{labels.owner}}"] }
  routes:
    - { matchers: [case="kinds"], bot: ops, message: [markdown, markdown_v2, text, text_notice, file] }
    - { matchers: [case="single"], bot: ops, group: per_alert }
    - { matchers: [case="merged"], bot: ops, group: merge, wait: 1s }
`;

describe("what was said is what is read", () => {
  const clock = new ManualClock(noon);
  let stack: Stack;
  before(async () => {
    stack = await startStack({ clock, config });
  });
  after(() => stack.stop());

  async function post(body: Fields | Uint8Array<ArrayBuffer>, contentType = "application/json"): Promise<void> {
    const answer = await fetch(`${stack.origin}/webhook`, {
      method: "POST",
      headers: { "content-type": contentType },
      body: body instanceof Uint8Array ? body : JSON.stringify(body),
    });
    assert.equal(answer.status, 200, await answer.text());
  }

  let seen = 0;

  /** The texts that arrived since the last call, at least `count`. Of a file its content. */
  async function arrived(count: number): Promise<readonly string[]> {
    const accepted = () => stack.simulator.accepted().slice(seen);
    const pass = async () => {
      await clock.advance(1_000);
      return accepted().length >= count;
    };
    await eventually(`${count} messages arrive`, pass, 5_000);
    // What nobody expects would arrive now, and later the window is free.
    for (let n = 0; n < 62; n += 1) await pass();
    const texts = accepted().map(({ body }) => textOf(body));
    seen += texts.length;
    return texts;
  }

  function textOf(body: unknown): string {
    const { file } = body as { readonly file?: { readonly media_id: string } };
    const content = stack.simulator.files().find(({ mediaId }) => mediaId === file?.media_id)?.text;
    return content ?? JSON.stringify(body).replaceAll("\\n", "\n").replaceAll('\\"', '"');
  }

  /** The message that a body becomes. */
  async function read(body: Fields): Promise<string> {
    await post(body);
    return (await arrived(1)).join("\n");
  }

  /** What bodies become that waited together for the robot. */
  async function readTogether(...bodies: readonly Fields[]): Promise<string> {
    const before = stack.simulator.arrivals().length;
    stack.simulator.script(null, [{ kind: "errcode", errcode: 45009 }]);
    await post(bodyOf([alert({ alertname: `First${serial}` })]));
    await eventually("the first is refused", async () => {
      await clock.advance(10);
      return stack.simulator.arrivals().length > before;
    });
    for (const body of bodies) await post(body);
    const [, ...texts] = await arrived(2);
    return texts.join("\n");
  }

  for (const way of ["as sent", "merged"]) {
    it(`equal alerts of two clusters are two: the recovery of one hides no firing of the other, ${way}`, async () => {
      const labels = { alertname: "KubeSchedulerDown", case: way, owner: "张三" };
      const [beijing, shanghai] = ["http://am.bj.example.cn", "http://am.sh.example.cn"];
      const groupKey = `clusters ${way}`;
      const fires = alert(labels, {}, { startsAt: minutes(-8) });
      const ended = alert(labels, {}, { ...over, startsAt: minutes(-6) });

      const text = await readTogether(
        bodyOf([fires], { externalURL: beijing, groupKey }),
        bodyOf([ended], { externalURL: shanghai, groupKey }),
      );

      assert.match(text, /<@zhangsan>/u);
      assert.match(text, /严重 1 条/u);
      assert.match(text, /已恢复 1 条/u);
    });
  }

  it("equal alerts of two entries of alertmanagers are two, even with the same start", async () => {
    const fires = alert({ alertname: "Entries" });
    const [north, south] = [{ externalURL: "http://AM-0.north/" }, { externalURL: "http://am.south" }];
    const groupKey = "entries";

    const both = await readTogether(bodyOf([fires], { ...north, groupKey }), bodyOf([fires], { ...south, groupKey }));
    const ended = await read(bodyOf([{ ...fires, ...over }], { ...south, groupKey }));
    const again = await read(bodyOf([fires], { ...north, groupKey }));

    assert.match(both, /严重 2 条/u);
    assert.match(ended, /已恢复/u);
    assert.match(again, /重复提醒/u);
  });

  it("the members of one entry of alertmanagers are one, even with different starts", async () => {
    const groupKey = "members";
    const fires = alert({ alertname: "Members" });
    const earlier = { ...fires, startsAt: minutes(-10) };

    const texts = [
      await read(bodyOf([fires], { externalURL: "http://am-0.north", groupKey })),
      await read(bodyOf([earlier], { externalURL: "http://am-1.north", groupKey })),
      await read(bodyOf([fires], { externalURL: "http://am-0.north", groupKey })),
      await read(bodyOf([{ ...earlier, ...over }], { externalURL: "http://am-1.north", groupKey })),
    ];

    assert.deepEqual(
      texts.map((text) => /重复提醒|已恢复/u.exec(text)?.[0] ?? "new"),
      ["new", "重复提醒", "重复提醒", "已恢复"],
    );
  });

  it("HA peers, which say the same start, are one", async () => {
    const groupKey = "peers";
    const fires = bodyOf([alert({ alertname: "Peers" })], { externalURL: "http://am-0.example.cn", groupKey });
    const ended = bodyOf([alert({ alertname: "Peers" }, {}, over)], {
      externalURL: "http://am-1.example.cn",
      groupKey,
    });

    const text = await readTogether(fires, ended);

    assert.equal(text.match(/Peers/gu)?.length, 1, text);
    assert.match(text, /已恢复/u);
  });

  for (const contentType of ["application/json", "application/json; charset=GBK"]) {
    it(`GBK is read as it was sent, as ${contentType}, and no host is taken for another`, async () => {
      const hosts = ["财务-01", "研发-01", "生产-01"];
      const bodies = hosts.map((host) => bodyOf([alert({ host })], { groupKey: `磁盘 ${contentType}` }));
      for (const [n, body] of bodies.entries()) {
        await post(new Uint8Array(gb18030(JSON.stringify(body))), contentType);
        const [text = ""] = await arrived(1);
        assert.ok(text.includes(hosts[n] ?? ""), text);
      }
    });
  }

  it("every annotation is shown by its name, in every kind; known names count in any case", async () => {
    const notes = {
      impact: "影响支付链路",
      处理建议: "先扩容",
      threshold: "10000",
      short: "93.4%",
      detail: "java 占 71%",
    };
    await post(bodyOf([alert({ case: "kinds" }, { Summary: "消费堆积", Description: "堆积 182345", ...notes })]));

    const texts = await arrived(5);

    assert.equal(texts.length, 5);
    for (const text of texts) {
      for (const said of ["消费堆积", "堆积 182345", ...Object.entries(notes).flat()]) {
        assert.ok(text.includes(said), `${said} is not in ${text}`);
      }
    }
  });

  it("Grafana's Error is why a query failed", async () => {
    const labels = { alertname: "DatasourceError", rulename: "订单量", ref_id: "A" };
    const text = await read(bodyOf([alert(labels, { Error: "connection refused" })], { orgId: 1 }));

    assert.match(text, /connection refused/u);
    assert.match(text, /查询出错.*订单量/u);
  });

  it("sent alert by alert, only what changed is sent", async () => {
    const site = (n: number, rest: Fields = {}) =>
      alert({ alertname: "SiteSlow", site: `s${n}.`, case: "single" }, {}, rest);
    const groupKey = "sites";

    const texts: string[] = [];
    for (const [alerts, count] of [
      [[site(0), site(1), site(2)], 3],
      [[site(0), site(1), site(2, over)], 1],
      [[site(0), site(1), site(9)], 1],
    ] as const) {
      await post(bodyOf(alerts, { groupKey }));
      texts.push(...(await arrived(count)));
    }

    const about = texts.map((text) => text.match(/s\d\./u)?.[0]);
    assert.deepEqual(about, ["s0.", "s1.", "s2.", "s2.", "s9."]);
    assert.doesNotMatch(texts.join("\n"), /重复提醒/u);
  });

  it("news stands first and is marked, and mentions only those whose alert it is", async () => {
    const node = (name: string, owner: string, rest: Fields = {}) =>
      alert({ alertname: "NodeDown", instance: name, owner }, {}, rest);
    const groupKey = "nodes";
    const [m1, m2] = [node("m1.", "zhangsan"), node("m2.", "lisi")];

    const first = await read(bodyOf([m1], { groupKey }));
    const second = await read(bodyOf([m1, m2], { groupKey }));
    const third = await read(bodyOf([m1, { ...m2, ...over }], { groupKey }));

    assert.match(first, /<@zhangsan>/u);
    assert.deepEqual(second.match(/<@\w+>/gu), ["<@lisi>"]);
    assert.doesNotMatch(third, /<@/u);
    assert.match(second, /新[^\n]*m2\..*\n.*m1\./su);
    assert.match(third, /变化[^\n]*m2\..*\n.*m1\./su);
  });

  it("integers are exact, and only fractions are shortened", async () => {
    const values = { A: 3_780_878_882.1333, B: 1_048_576, C: 2_310_455.5, D: 0.123_456_789 };
    const text = await read(bodyOf([alert({ alertname: "Bytes" }, {}, { values })], { orgId: 1 }));

    for (const said of ["3780878882.13", "1048576", "2310455.5", "0.123457"]) assert.ok(text.includes(said), text);
  });

  it("a value of firing time is no current one after the recovery", async () => {
    const text = await read(bodyOf([alert({ alertname: "TiKV" }, { value: "812.4" }, over)]));

    assert.match(text, /已恢复/u);
    assert.doesNotMatch(text, /当前值/u);
  });

  it("a silence is what Alertmanager's own form writes: bare names, values as JSON", async () => {
    const labels = { alertname: "WinSvc", "host.name": "server-01", service: "SQL\tServer" };
    const text = await read(bodyOf([alert(labels)]));

    const filter = /filter=([^)]*)/u.exec(text)?.[1] ?? "";
    assert.match(decodeURIComponent(filter), /\{.*host\.name="server-01".*service="SQL\\tServer".*\}/u);
  });

  it("links that are too long are said to be, and a silence is of fewer labels then", async () => {
    const long = `https://wiki.example.cn/${"a".repeat(1_100)}`;
    const labels = { alertname: "SLOBurn", service: "checkout", note: "c".repeat(1_000) };
    const text = await read(bodyOf([alert(labels, { runbook_url: long }, { generatorURL: long })]));

    assert.match(text, /链接过长，未列出：处理手册、查询/u);
    assert.match(decodeURIComponent(text), /filter=\{alertname="SLOBurn",service="checkout"\}/u);
  });

  for (const [owner, mentioned, unmentionable] of [
    ["张三、李四", ["zhangsan", "13800000000"], null],
    ["zhangsan|lisi", ["zhangsan", "lisi"], null],
    ["王五/13800138000", ["wangwu"], null],
    ["张三(13800138000)", ["zhangsan"], null],
    ["+86 138-0013-8000", ["13800138000"], null],
    ["赵六", [], "赵六"],
  ] as const) {
    it(`the owner ${owner} is mentioned, or said to be nobody's name`, async () => {
      const texts = await read(bodyOf([alert({ alertname: "Owned", owner })]));

      for (const name of mentioned) assert.match(texts, new RegExp(`<@${name}>|"${name}"`, "u"));
      if (unmentionable !== null) assert.match(texts, new RegExp(`无法提醒：${unmentionable}`, "u"));
    });
  }

  for (const [startsAt, said] of [
    ["2026-11-30T11:50:00+0800", /11:50/u],
    ["2026-11-30 11:50:00", /11:50/u],
    ["2026-11-30 11:50:00 +0800 CST", /11:50/u],
    [noon / 1000 - 600, /11:50/u],
    [noon - 600_000, /11:50/u],
    ["昨天", /时间无法识别：昨天/u],
    ["2026-11-30T20:00:00Z", /时间晚于接收时刻/u],
  ] as const) {
    it(`the time ${startsAt} is read, or flagged`, async () => {
      const text = await read(bodyOf([alert({ alertname: "Timed" }, {}, { startsAt })]));

      assert.match(text, said);
    });
  }
});
