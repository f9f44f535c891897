import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { DeadDelivery } from "../../../src/outbox/store.ts";
import { eventually } from "../../support/stack.ts";
import { consoleOf } from "./visiting.ts";

/** Of a message, and of its plain text. */
const rejections = 2;

/** WeCom rejects a message for each of these alerts. */
async function withRefused(t: TestContext, names: readonly string[]) {
  const visited = await consoleOf(t, "route: { bot: ops, group: per_alert }");
  const { stack } = visited;
  const dead = async () => {
    const answer = await fetch(`${stack.origin}/api/v1/dead`);
    return ((await answer.json()) as { readonly deliveries: readonly DeadDelivery[] }).deliveries;
  };
  for (const [n, name] of names.entries()) {
    stack.simulator.script("ops", Array(rejections).fill({ kind: "errcode", errcode: 40058 }));
    const annotations = { summary: "<b>half</b> & half" };
    await stack.post({
      alerts: [{ status: "firing", labels: { alertname: name, link: "http://a/?token=5ecret" }, annotations }],
    });
    await eventually("it is dead", async () => (await dead()).length === n + 1);
  }
  return { ...visited, dead };
}

describe("the page of refused messages", () => {
  it("says that there are none", async (t) => {
    const { ask } = await consoleOf(t, "route: { bot: ops }");

    const { text } = await ask("/refused");

    assert.match(text, /WeCom has refused no message/u);
    assert.doesNotMatch(text, /<form/u);
  });

  it("lists them with reason and text, escaped, tokens masked", async (t) => {
    const { ask, dead } = await withRefused(t, ["DiskFull"]);
    const [delivery] = await dead();

    const list = await ask("/refused");
    const one = await ask(`/refused/${delivery?.id}`);

    for (const { text } of [list, one]) {
      assert.match(text, /content rejected \(badContent\)/u);
      assert.match(text, /DiskFull[\s\S]*＜b&gt;half＜\/b&gt; &amp; half/u);
      assert.doesNotMatch(text, /<b>half|5ecret/u);
    }
    assert.match(one.text, /<div class="chat"><div class="bubble text">/u);
  });

  it("sends several again, which are then delivered, and drops others", async (t) => {
    const { ask, dead, stack } = await withRefused(t, ["First", "Second", "Third"]);
    const [third, second, first] = await dead();
    const form = (act: string, ids: readonly unknown[]) => {
      return [["act", act] as const, ...ids.map((id) => ["id", String(id)] as const)];
    };

    const replayed = await ask("/refused", { form: form("replay", [first?.id, second?.id]) });
    await eventually("both arrive", async () => stack.simulator.accepted().length === 2);
    const dropped = await ask("/refused", { form: form("drop", [third?.id]) });

    assert.deepEqual([replayed.to, dropped.to], ["./refused?replayed=2", "./refused?dropped=1"]);
    assert.match((await ask("/refused?replayed=2")).text, /2 queued again/u);
    assert.deepEqual(await dead(), []);
  });

  for (const [what, form, to] of [
    ["no box is checked", [["act", "drop"]], "./refused?dropped=0"],
    [
      "an id is none",
      [
        ["act", "replay"],
        ["id", "1; drop table deliveries"],
      ],
      "./refused?replayed=0",
    ],
    [
      "a message is no longer there",
      [
        ["act", "replay"],
        ["id", "12345"],
      ],
      "./refused?replayed=0",
    ],
  ] as const) {
    it(`does nothing when ${what}`, async (t) => {
      const { ask } = await consoleOf(t, "route: { bot: ops }");

      assert.equal((await ask("/refused", { form })).to, to);
    });
  }

  it("has no page for a message that is not there", async (t) => {
    const { ask } = await consoleOf(t, "route: { bot: ops }");

    assert.deepEqual([(await ask("/refused/1")).status, (await ask("/refused/x")).status], [404, 404]);
  });
});

describe("the buttons of a bot", () => {
  it("send a test message that mentions nobody, and nothing to an unknown bot", async (t) => {
    const { ask, stack } = await consoleOf(t, "route: { bot: ops, mention: { all: true, on: [firing] } }");

    const sent = await ask("/bots/ops/test", { form: [] });
    const unknown = await ask("/bots/nobody/test", { form: [] });
    await eventually("it arrives", async () => stack.simulator.accepted().length === 1);

    const [message] = stack.simulator.accepted();
    assert.deepEqual([sent.status, unknown.status], [303, 404]);
    assert.match(JSON.stringify(message?.body), /测试消息/u);
    assert.doesNotMatch(JSON.stringify(message?.body), /@all|mentioned/u);
  });

  it("say so when nothing was stored, because the backlog is full", async (t) => {
    const { ask, stack } = await consoleOf(t, "route: { bot: ops }\noutbox: { max_notifications: 1 }");
    await stack.post({ alerts: [{ status: "firing", labels: { alertname: "Sent" } }] });
    let id = "";
    await eventually("it is delivered", async () => {
      const { text } = await ask("/deliveries?q=Sent");
      id = /href="\.\/deliveries\/(\d+)"/u.exec(text)?.[1] ?? "";
      return id !== "" && /delivered<\/span>/u.test(text);
    });
    stack.simulator.script("ops", [{ kind: "errcode", errcode: 93000 }]);
    await stack.post({ alerts: [{ status: "firing", labels: { alertname: "Waits" } }] });

    const answers = [await ask("/bots/ops/test", { form: [] }), await ask(`/deliveries/${id}/again`, { form: {} })];

    for (const { to, text } of answers) {
      assert.equal(to, null);
      assert.match(text, /The backlog is full[\s\S]*Nothing was stored/u);
    }
    assert.ok(!stack.log.some((line) => /operator sent/u.test(line)));
  });

  it("try a key again that WeCom rejects", async (t) => {
    const { ask, stack } = await consoleOf(t, "route: { bot: ops }");
    stack.simulator.script("ops", [{ kind: "errcode", errcode: 93000 }]);
    await stack.post({ alerts: [{ status: "firing", labels: { alertname: "A" } }] });
    await eventually("the key is off", async () => /bots\/ops\/try-now/u.test((await ask("/")).text));

    const tried = await ask("/bots/ops/try-now", { form: [] });
    await eventually("it arrives", async () => stack.simulator.accepted().length === 1);

    assert.equal(tried.status, 303);
  });
});
