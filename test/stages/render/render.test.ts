import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderDelivery } from "../../../src/render/render.ts";
import { markdownMaxBytes } from "../../../src/wecom/limits.ts";
import {
  deliveryOf,
  markdownOf,
  ownTemplates,
  renderSample,
  sampleAlert,
  sampleGroup,
  settings,
} from "./deliveries.ts";

const linked = {
  links: { generatorURL: "http://p/g", silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null },
};

describe("the built-in markdown", () => {
  test("shows one alert", () => {
    const labels = { alertname: "disk_full", severity: "critical", instance: "db-1", mountpoint: "/data" };
    const annotations = { summary: "/data is full", description: "97 %\nclean up", runbook_url: "http://r/" };

    const rendered = renderSample(sampleGroup([sampleAlert(labels, { annotations, ...linked })]));

    assert.deepEqual(markdownOf(rendered), [
      `🔴 严重 \`disk_full\` · db-1 /data
/data is full
> 97 %
> clean up
15:00 起，已 1 小时 30 分
[处理手册](http://r/)　[查询](http://p/g)`,
    ]);
  });

  test("shows firing and resolved alerts in lists of their own", () => {
    const alerts = [
      sampleAlert({ alertname: "A", job: "j", pod: "web-1" }, { annotations: { summary: "slow" } }),
      sampleAlert({ alertname: "A", job: "j", pod: "web-2" }, { status: "resolved", annotations: { summary: "fast" } }),
    ];

    const rendered = renderSample(sampleGroup(alerts), { look: { language: "en" } });

    assert.deepEqual(markdownOf(rendered), [
      `🔔 Alert ×1 **A** · web-…, ✅ Resolved ×1
since 15:00, for 1h 30m

\`web-1\`
slow

✅ Resolved ×1
<font color="comment">web-2 15:00 – 16:29, 1h 29m</font>
fast

<font color="comment">job=j</font>`,
    ]);
  });

  const sayings: readonly (readonly [rule: string, rendered: () => string | undefined, said: RegExp])[] = [
    [
      "a group of which the sender left alerts out is not announced as wholly recovered",
      () => {
        const alert = sampleAlert({ alertname: "A" }, { status: "resolved" });
        return markdownOf(renderSample(sampleGroup([alert], { truncatedAlerts: 25 })))[0];
      },
      /^✅ 已恢复 1 条 \*\*A\*\*\n.*发送方另省略 25 条，它们可能仍在告警/,
    ],
    [
      "a repeated notification says so",
      () => {
        const group = sampleGroup([sampleAlert({ alertname: "A" })]);
        return markdownOf(renderSample(group, { delivery: { news: ["unchanged"] } }))[0];
      },
      /重复提醒/,
    ],
    [
      "a late one says so after its first line",
      () => {
        const delivery = { late: true, acceptedAt: settings.now - 600_000 } as const;
        return markdownOf(renderSample(sampleGroup([sampleAlert({ alertname: "A" })]), { delivery }))[0];
      },
      /^🔔⏰ 告警 \*\*A\*\*\n<font color="warning">迟到 10 分/,
    ],
    [
      "no data is not called firing",
      () => markdownOf(renderSample(sampleGroup([sampleAlert({ alertname: "DatasourceNoData", rulename: "R" })])))[0],
      /^🔔 无数据 \*\*R\*\*\n/,
    ],
    [
      "a rule that was paused is not called recovered",
      () => {
        const annotations = { grafana_state_reason: "Paused" };
        return markdownOf(
          renderSample(sampleGroup([sampleAlert({ alertname: "A" }, { status: "resolved", annotations })])),
        )[0];
      },
      /^☑️ 已关闭 \*\*A\*\*\n.*规则已暂停，并非恢复/,
    ],
    [
      "what recovered while its message waited says so",
      () => {
        const alert = sampleAlert({ alertname: "A" }, { status: "resolved", fingerprint: "f" });
        return markdownOf(renderSample(sampleGroup([alert]), { delivery: { recoveredWhileWaiting: [0] } }))[0];
      },
      /消息等待发送期间已恢复/,
    ],
  ];
  for (const [rule, rendered, said] of sayings) {
    test(rule, () => assert.match(rendered() ?? "", said));
  }

  test("a storm is numbered, and every alert is in it once", () => {
    const alerts = Array.from({ length: 900 }, (_, n) => sampleAlert({ alertname: "A", pod: `web-${n}.` }));

    const bodies = markdownOf(renderSample(sampleGroup(alerts)));

    assert.ok(bodies.length > 1);
    for (const [index, body] of bodies.entries()) {
      assert.ok(Buffer.byteLength(body) <= markdownMaxBytes - 64);
      assert.ok(body.split("\n")[0]?.endsWith(`（${index + 1}/${bodies.length}）`));
    }
    for (let n = 0; n < 900; n += 1) assert.equal(bodies.join("\n").split(`web-${n}.`).length, 2);
  });

  test("a long text is cut with a mark and counted", () => {
    const alert = sampleAlert({ alertname: "A" }, { annotations: { summary: "长".repeat(50_000) } });

    const rendered = renderSample(sampleGroup([alert]));

    assert.match(markdownOf(rendered)[0] ?? "", /长…（截短，共 150000 字节）/);
    assert.equal(rendered.shortenedValues, 1);
    assert.ok(Buffer.byteLength(markdownOf(rendered)[0] ?? "") > 3900);
  });

  test("labels beyond what fits are counted", () => {
    const labels = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`label${n}`, `value${n}`]));

    const [body = ""] = markdownOf(renderSample(sampleGroup([sampleAlert({ alertname: "A", ...labels })])));

    assert.match(body, /另有 \d+ 个标签未显示/);
  });
});

describe("mentions", () => {
  const people = (users: readonly string[], labels: Record<string, string>) => {
    const mention = { users, on: ["firing"] as const };
    const [body = ""] = markdownOf(
      renderSample(sampleGroup([sampleAlert({ alertname: "A", ...labels })]), { mention }),
    );
    return body.match(/<@[^>]*>/g) ?? [];
  };

  const cases: readonly (readonly [string, readonly string[], Record<string, string>, readonly string[]])[] = [
    ["a plain name", ["zhang.san"], {}, ["<@zhang.san>"]],
    ["a label's value", ["{{labels.owner}}"], { owner: "li_si@corp" }, ["<@li_si@corp>"]],
    ["several in one label", ["{{labels.owner}}"], { owner: "a, b c；@d" }, ["<@a>", "<@b>", "<@c>", "<@d>"]],
    ["no one twice", ["a", "{{labels.owner}}"], { owner: "a" }, ["<@a>"]],
    ["no one when the label is missing", ["{{labels.owner}}"], {}, []],
    ["never everyone", ["all", "@all", "{{labels.owner}}"], { owner: "ALL,@@all" }, []],
    ["no text that is no userid", ["{{labels.owner}}"], { owner: "<@x> 张三 a>b" }, []],
  ];
  for (const [rule, users, labels, mentions] of cases) {
    test(`name ${rule}`, () => assert.deepEqual(people(users, labels), mentions));
  }

  test("name the owners of every alert that fires", () => {
    const alerts = [
      sampleAlert({ alertname: "A", owner: "a" }),
      sampleAlert({ alertname: "A", owner: "b" }),
      sampleAlert({ alertname: "A", owner: "c" }, { status: "resolved" }),
    ];
    const mention = { users: ["{{labels.owner}}"], on: ["firing"] as const };

    const [body = ""] = markdownOf(renderSample(sampleGroup(alerts), { mention }));

    assert.deepEqual(body.match(/<@[^>]*>/g), ["<@a>", "<@b>"]);
  });

  test("are made only in the states that the config names", () => {
    const mention = { users: ["a"], on: ["firing"] as const };

    const [body = ""] = markdownOf(
      renderSample(sampleGroup([sampleAlert({ alertname: "A" }, { status: "resolved" })]), { mention }),
    );

    assert.ok(!body.includes("<@"));
  });

  test("are in the first part only", () => {
    const alerts = Array.from({ length: 200 }, (_, n) => sampleAlert({ alertname: "A", pod: `pod-${n}` }));
    const mention = { users: ["a"], on: ["firing"] as const };

    const bodies = markdownOf(renderSample(sampleGroup(alerts), { mention }));

    assert.deepEqual(
      bodies.map((body) => body.includes("<@a>")),
      bodies.map((_, index) => index === 0),
    );
  });

  test("that are too many are counted", () => {
    const owner = Array.from({ length: 100 }, (_, n) => `user-number-${n}`).join(",");
    const mention = { users: ["{{labels.owner}}"], on: ["firing"] as const };

    const [body = ""] = markdownOf(renderSample(sampleGroup([sampleAlert({ alertname: "A", owner })]), { mention }));

    const named = body.match(/<@[^>]*>/g)?.length ?? 0;
    assert.ok(body.includes(`另有 ${100 - named} 人未提及`));
  });

  test("whose template fails are reported, and the alert is rendered", () => {
    const mention = { users: ["{{nope labels}}"], on: ["firing"] as const };

    const rendered = renderSample(sampleGroup([sampleAlert({ alertname: "A" })]), { mention });

    assert.equal(markdownOf(rendered).length, 1);
    assert.equal(rendered.templateFailures[0]?.template, "{{nope labels}}");
  });
});

describe("an own template", () => {
  const own = (text: string, count = 1) => {
    const alerts = Array.from({ length: count }, (_, n) =>
      sampleAlert({ alertname: "A", pod: `pod-${n}.` }, { annotations: { summary: `summary ${n}` } }),
    );
    const templates = ownTemplates({ "default.markdown.hbs": text });
    return renderDelivery(deliveryOf(sampleGroup(alerts)), templates, settings);
  };

  const failing: readonly (readonly [rule: string, text: string])[] = [
    ["that throws", '{{match "(" name}}'],
    ["that prints nothing", "{{#if resolved}}x{{/if}}"],
    ["that prints more than fits, whatever it is given", "x".repeat(5000)],
    ["that fits only without its number", `${"x".repeat(4032)}{{#if (gt part.total 1)}}more{{/if}}{{alertCount}}`],
  ];
  for (const [rule, text] of failing) {
    test(`${rule} gives way to the plain layout, which names every alert`, () => {
      const rendered = own(text, 40);

      const shown = markdownOf(rendered).join("\n");
      assert.equal(rendered.templateFailures.length, 1);
      for (let n = 0; n < 40; n += 1) assert.ok(shown.includes(`pod-${n}.`) && shown.includes(`summary ${n}`));
    });
  }

  test("can place the mentions", () => {
    const templates = ownTemplates({ "default.markdown.hbs": "{{#each mentions}}<@{{this}}>{{/each}} look: {{name}}" });
    const mention = { users: ["bob"], on: ["firing"] as const };

    const delivery = deliveryOf(sampleGroup([sampleAlert({ alertname: "A" })]), { mention });

    assert.deepEqual(markdownOf(renderDelivery(delivery, templates, settings)), ["<@bob> look: A"]);
  });

  test("loses links that WeCom would reject", () => {
    const body = markdownOf(own(`[a](http://p/${"x".repeat(1100)}) [b](javascript:1) [c](http://ok/)`))[0];

    assert.equal(body, "a b [c](http://ok/)");
  });

  test("that does not exist gives way to the default", () => {
    const rendered = renderSample(sampleGroup([sampleAlert({ alertname: "A" })]), { template: "nope" });

    assert.match(markdownOf(rendered)[0] ?? "", /^🔔 告警 \*\*A\*\*/);
    assert.deepEqual(rendered.templateFailures, [{ template: "nope", message: "there is no such template" }]);
  });
});
