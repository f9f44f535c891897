import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { asTyped, labelsIn } from "../../../src/console/routing.ts";
import { consoleOf } from "./visiting.ts";

const config = `people: { 张三: { userid: zhangsan } }
route:
  bot: ops
  routes:
    - matchers: [alertname=Watchdog]
      drop: true
    - matchers: [team=dba]
      send_resolved: false
      mention: { users: ["{{labels.owner}}"], on: [firing] }
`;

const address = (labels: string, more = "") => `/routing?labels=${encodeURIComponent(labels)}${more}`;

describe("the page that tries a route", () => {
  it("lights the path, says why the others do not match, and names who is mentioned", async (t) => {
    const { ask } = await consoleOf(t, config);

    const { text } = await ask(address("alertname=DiskFull team=dba owner=张三"));

    assert.match(text, /Goes to ops/u);
    assert.match(
      text,
      /<li class="refused"><code>route\.routes\[0\]<\/code>[\s\S]*does not match alertname&#x3D;&quot;Watchdog&quot;/u,
    );
    assert.match(text, /<li class="lit"><code>route\.routes\[1\]<\/code>/u);
    assert.match(text, /张三 \(zhangsan\)/u);
    assert.match(text, /class="bubble markdown"/u);
  });

  for (const [labels, more, wanted] of [
    ["alertname=Watchdog", "", /Not sent: its route says drop: true/u],
    ["team=dba", "&status=resolved", /Not sent: its route says send_resolved: false/u],
    ["team=web", "", /<li class="lit"><code>route<\/code>/u],
    ["team=dba owner=李雷", "", /not found, not mentioned<\/dt><dd class="bad">李雷/u],
  ] as const) {
    it(`answers ${labels}${more} with ${wanted.source}`, async (t) => {
      const { ask } = await consoleOf(t, config);

      assert.match((await ask(address(labels, more))).text, wanted);
    });
  }

  it("sends nothing, stores nothing and escapes what was typed", async (t) => {
    const { ask, stack } = await consoleOf(t, config);

    const { text } = await ask(address('team="</textarea><script>alert(1)</script>"'));

    assert.doesNotMatch(text, /<script>alert/u);
    assert.deepEqual([stack.simulator.arrivals(), await stack.metric('outbox_notifications{bot="ops"}')], [[], 0]);
  });

  it("answers nothing before it is asked", async (t) => {
    const { ask } = await consoleOf(t, config);

    assert.doesNotMatch((await ask("/routing")).text, /class="tree"/u);
  });
});

describe("typed labels", () => {
  for (const [text, wanted] of [
    ["team=dba severity=critical", { team: "dba", severity: "critical" }],
    ['{team="dba", msg="a, b=\\"c\\""}', { team: "dba", msg: 'a, b="c"' }],
    ["team = dba,\nowner=张三", { team: "dba", owner: "张三" }],
    ["url=http://a/b?c=d", { url: "http://a/b?c=d" }],
    ["empty=", { empty: "" }],
    ["nothing", {}],
  ] as const) {
    it(`${JSON.stringify(text)} are ${JSON.stringify(wanted)}`, () => {
      assert.deepEqual(labelsIn(text), wanted);
    });
  }

  it("are read as they are written", () => {
    const labels = { a: "b", 名: "张 三", quoted: 'a"b', empty: "", brace: "}" };

    assert.deepEqual(labelsIn(asTyped(labels)), labels);
  });
});

test("labels of any text are read at once: nobody delays webhooks with them", () => {
  for (const text of [
    "a".repeat(16_000),
    `${"a".repeat(8_000)}${" ".repeat(8_000)}`,
    'a="\\'.repeat(4_000),
    "é.".repeat(8_000),
  ]) {
    const startedAt = performance.now();

    labelsIn(text);

    assert.ok(performance.now() - startedAt < 200, text.slice(0, 10));
  }
});
