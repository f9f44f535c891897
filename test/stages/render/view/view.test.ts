import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Alert, AlertGroup } from "../../../../src/domain/alert.ts";
import { toJson } from "../../../../src/go-text/json.ts";
import { prepareViews, viewWholeGroup } from "../../../../src/render/view/group-view.ts";
import { deliveryOf, now, sampleAlert, sampleGroup, settings } from "../deliveries.ts";

function viewOf(alert: Alert, group: Partial<AlertGroup> = {}) {
  const [view] = prepareViews(deliveryOf(sampleGroup([alert], group)), settings).alerts;
  assert.ok(view);
  return view;
}

function viewsOf(alerts: readonly Alert[], group: Partial<AlertGroup> = {}) {
  return prepareViews(deliveryOf(sampleGroup(alerts, group)), settings);
}

describe("what a template sees of an alert", () => {
  test("times are in the configured zone, and while it fires there is no end", () => {
    const { start, end, duration } = viewOf(sampleAlert({ alertname: "A" }));

    assert.deepEqual({ start, end, duration }, { start: "2026-11-22 15:00:00", end: "", duration: "1 小时 30 分" });
  });

  test("after a recovery the duration ends with it", () => {
    const { end, duration } = viewOf(sampleAlert({ alertname: "A" }, { status: "resolved" }));

    assert.deepEqual({ end, duration }, { end: "2026-11-22 16:29:00", duration: "1 小时 29 分" });
  });

  test("a time that was not sent is empty", () => {
    const { start, duration } = viewOf(sampleAlert({ alertname: "A" }, { startsAt: null, startsAtText: "" }));

    assert.deepEqual({ start, duration }, { start: "", duration: "" });
  });

  const minute = 60_000;
  const caveats: readonly (readonly [string, Partial<Alert>, string, string])[] = [
    ["none", {}, "", "1 小时 30 分"],
    ["a start that was not read", { startsAt: null, unreadTimes: ["昨天"] }, "时间无法识别：昨天", ""],
    ["a time ahead of the clock", { timesAhead: true }, "时间晚于接收时刻，请检查发送方的时区", ""],
    ["an end before the start", { status: "resolved", startsAt: now, endsAt: now - minute }, "结束早于开始", ""],
    ["an end cut to seconds", { status: "resolved", startsAt: now + 999, endsAt: now }, "", "0 秒"],
    [
      "a start in another zone, after the end",
      { status: "resolved", startsAt: now + 480 * minute, endsAt: now, timesAhead: true },
      "时间晚于接收时刻，请检查发送方的时区",
      "",
    ],
  ];
  for (const [what, times, caveat, duration] of caveats) {
    test(`caveat and duration, ${what}`, () => {
      const view = viewOf(sampleAlert({ alertname: "A" }, times));

      assert.deepEqual([view.caveat, view.duration], [caveat, duration]);
    });
  }

  test("a long time that was not read is shortened in the caveat", () => {
    const { caveat } = viewOf(sampleAlert({ alertname: "A" }, { startsAt: null, unreadTimes: ["9".repeat(1_000)] }));

    assert.equal(caveat, `时间无法识别：${"9".repeat(64)}…（截短，共 1000 字节）`);
  });

  test("text that was decoded with losses is a caveat of every alert, and of the group", () => {
    const { alerts, facts } = viewsOf([sampleAlert({ a: "1" }), sampleAlert({ a: "2" })], { lossyBody: "hash" });

    assert.deepEqual(
      [...alerts, facts].map(({ caveat }) => caveat),
      Array(3).fill("部分文字无法解码"),
    );
  });

  const namings: readonly (readonly [rule: string, labels: Record<string, string>, name: string])[] = [
    ["an alert is called by its alertname", { alertname: "A", rulename: "R" }, "A"],
    ["no data is called by its rule", { alertname: "DatasourceNoData", rulename: "R" }, "R"],
    ["a failed query is called by its rule", { alertname: "DatasourceError", rulename: "R" }, "R"],
    ["an alert without a name is called so", { host: "h" }, "未命名告警"],
  ];
  for (const [rule, labels, name] of namings) {
    test(rule, () => assert.equal(viewOf(sampleAlert(labels)).name, name));
  }

  const severities: readonly (readonly [Record<string, string>, string])[] = [
    [{ severity: "critical", level: "1" }, "critical"],
    [{ level: "2", priority: "P1" }, "2"],
    [{ priority: "P1" }, "P1"],
    [{}, ""],
  ];
  for (const [labels, severity] of severities) {
    test(`the severity of ${JSON.stringify(labels)} is "${severity}"`, () => {
      assert.equal(viewOf(sampleAlert(labels)).severity, severity);
    });
  }

  const texts: readonly (readonly [Record<string, string>, string, string])[] = [
    [{ summary: "s", description: "d" }, "s", "d"],
    [{ summary: "s", description: "s" }, "s", ""],
    [{ description: "d" }, "d", ""],
    [{ message: "m" }, "m", ""],
    [{ summary: "s", summary_cn: "中", description: "d", description_cn: "文" }, "中", "文"],
  ];
  for (const [annotations, summary, description] of texts) {
    test(`${JSON.stringify(annotations)} is summed up as "${summary}" and described as "${description}"`, () => {
      const view = viewOf(sampleAlert({ alertname: "A" }, { annotations }));

      assert.deepEqual([view.summary, view.description], [summary, description]);
    });
  }

  const values: readonly (readonly [rule: string, alert: Partial<Alert>, value: string])[] = [
    ["values are listed by their ids", { values: { A: 92.512345678, B: 1 } }, "A=92.5123, B=1"],
    [
      "the text form is read",
      { valueString: "[ var='A' labels={h=x} value=2.88 ], [ var='B' value=1 ]" },
      "A=2.88, B=1",
    ],
    [
      "one longer than any Grafana writes is shown as it is, and not searched",
      { valueString: `[ var='A' value=1 ]${" var=''".repeat(4_000)}` },
      `[ var='A' value=1 ]${" var=''".repeat(4_000)}`,
    ],
    ["another text form is shown as it is", { valueString: "12 ms" }, "12 ms"],
    ["an annotation says it when nothing else does", { annotations: { value: "7" } }, "7"],
  ];
  for (const [rule, alert, value] of values) {
    test(rule, () => assert.equal(viewOf(sampleAlert({ alertname: "A" }, alert)).value, value));
  }

  const states: readonly (readonly [reason: string, status: Alert["status"], word: string, said: string])[] = [
    ["", "resolved", "已恢复", ""],
    ["Updated", "resolved", "已关闭", "规则已修改，并非恢复"],
    ["Paused", "resolved", "已关闭", "规则已暂停，并非恢复"],
    ["RuleDeleted", "resolved", "已关闭", "规则已删除，并非恢复"],
    ["MissingSeries", "resolved", "已关闭", "数据序列已消失"],
    ["NoData", "firing", "告警中", "查询无数据"],
    ["NoData, KeepLast", "resolved", "已恢复", "查询无数据、保持上次状态"],
    ["Sunspots", "resolved", "已恢复", "Sunspots"],
  ];
  for (const [reason, status, word, said] of states) {
    test(`Grafana's "${reason}" while ${status} is called ${word}`, () => {
      const view = viewOf(sampleAlert({ alertname: "A" }, { status, annotations: { grafana_state_reason: reason } }));

      assert.deepEqual([view.stateWord, view.stateReason], [word, said]);
    });
  }

  test("labels keep their names, whatever they are", () => {
    const labels = JSON.parse('{"__proto__":"p","constructor":"c","alertname":"A"}');
    const views = viewsOf([sampleAlert(labels), sampleAlert({ alertname: "A" })]);

    assert.deepEqual(views.alerts[0]?.differing, [
      { name: "__proto__", value: "p" },
      { name: "constructor", value: "c" },
    ]);
  });
});

describe("what a template sees of a group", () => {
  test("alerts that fire come first, the worst of them at the top, else in the order they were sent", () => {
    const alerts = [
      sampleAlert({ alertname: "A", severity: "critical", n: "1" }, { status: "resolved" }),
      sampleAlert({ alertname: "A", severity: "warning", n: "2" }),
      sampleAlert({ alertname: "A", severity: "critical", n: "3" }),
      sampleAlert({ alertname: "A", severity: "warning", n: "4" }),
    ];

    const views = viewsOf(alerts);

    assert.deepEqual(
      views.alerts.map((alert) => alert.labels.n),
      ["3", "2", "4", "1"],
    );
    assert.equal(views.facts.severity, "critical");
  });

  test("common labels are without name and severity, the grouping ones first", () => {
    const labels = { alertname: "A", severity: "x", job: "j", cluster: "c" };

    const { common } = viewsOf([sampleAlert(labels)], { groupLabels: { cluster: "c" } }).facts;

    assert.deepEqual(
      common.map(({ name }) => name),
      ["cluster", "job"],
    );
  });

  test("many names are counted", () => {
    const alerts = ["A", "B", "C", "D"].map((alertname) => sampleAlert({ alertname }));

    assert.equal(viewsOf(alerts).facts.name, "A、B、C等 4 种告警");
  });

  test("texts that all alerts share are shown for the group, others are not", () => {
    const annotations = [
      { summary: "same", description: "one" },
      { summary: "same", description: "two" },
    ];
    const alerts = annotations.map((texts, index) =>
      sampleAlert({ alertname: "A", n: String(index) }, { annotations: texts }),
    );

    const { summary, description } = viewsOf(alerts).facts;

    assert.deepEqual([summary, description], ["same", ""]);
  });

  test("a late delivery says how late", () => {
    const delivery = deliveryOf(sampleGroup([sampleAlert({ alertname: "A" })]), {
      delivery: { late: true, acceptedAt: settings.now - 750_000 },
    });

    assert.equal(prepareViews(delivery, settings).facts.late, "迟到 12 分 30 秒：2026-11-22 16:17:30 已收到");
  });

  test("an urgent delivery says so from two minutes on, another one only when it is late", () => {
    const lateOf = (urgent: boolean, waitedMs: number) => {
      const delivery = { acceptedAt: settings.now - waitedMs };
      return prepareViews(deliveryOf(sampleGroup([sampleAlert({ alertname: "A" })]), { urgent, delivery }), settings)
        .facts.late;
    };

    assert.deepEqual([lateOf(true, 119_999), lateOf(false, 492_000)], ["", ""]);
    assert.equal(lateOf(true, 492_000), "迟到 8 分 12 秒：2026-11-22 16:21:48 已收到");
  });

  test("printed as JSON it is the sender's own shape", () => {
    const views = viewsOf([sampleAlert({ alertname: "A" })], { receiver: "r", groupLabels: { alertname: "A" } });

    const json = JSON.parse(toJson(viewWholeGroup(views)));

    const keys = ["receiver", "status", "alerts", "groupLabels", "commonLabels", "commonAnnotations"];
    assert.deepEqual(Object.keys(json).sort(), [...keys, "externalURL", "groupKey", "truncatedAlerts"].sort());
    const alertKeys = ["status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint"];
    assert.deepEqual(Object.keys(json.alerts[0]).sort(), alertKeys.sort());
  });

  test("an unknown zone counts as UTC: a message must not fail on it", () => {
    const delivery = deliveryOf(sampleGroup([sampleAlert({ alertname: "A" })]));

    const views = prepareViews(delivery, { ...settings, timezone: "Mars/Olympus" });

    assert.equal(views.alerts[0]?.start, "2026-11-22 07:00:00");
  });
});
