import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  findTexts,
  notesOf,
  saysOnly,
  standsWithin,
  withoutFences,
  withoutListings,
} from "../../../../src/render/view/annotations.ts";
import { foldedTexts } from "../../../../src/render/view/folded.ts";
import { exactNumber, splitThresholds } from "../../../../src/render/view/readings.ts";
import { shareText } from "../../../../src/render/view/shared-text.ts";
import { stringsFor } from "../../../../src/render/view/strings.ts";
import { shortClockOf, shortSpan, sinceText, spanRange } from "../../../../src/render/view/times.ts";
import { sampleAlert } from "../deliveries.ts";

const zh = stringsFor("zh");
const en = stringsFor("en");

describe("numbers are exact", () => {
  const cases: readonly (readonly [number, string])[] = [
    [3_780_878_882.1333, "3780878882.13"],
    [1_048_576, "1048576"],
    [2_310_455.5, "2310455.5"],
    [92.512345678, "92.5123"],
    [0.000123456789, "0.000123457"],
    [100.001, "100.001"],
    [-1234567.891, "-1234567.89"],
    [0, "0"],
    [1e300, "1e+300"],
    [Number.POSITIVE_INFINITY, "Infinity"],
  ];
  for (const [value, text] of cases) test(String(value), () => assert.equal(exactNumber(value), text));

  test("a condition's result beside a value is none of the values", () => {
    const pairs = (...values: readonly string[]) => values.map((value, at) => ({ name: "ABC"[at] ?? "", value }));

    assert.deepEqual(splitThresholds(pairs("92.5", "1")).conditions, [{ name: "B", value: "1" }]);
    assert.deepEqual(splitThresholds(pairs("1", "0")).conditions, []);
  });
});

describe("times are short", () => {
  const now = Date.parse("2026-11-30T06:04:50Z");
  const short = shortClockOf("Asia/Shanghai", now);
  const clock = { now, strings: zh, short };
  const ago = (minutes: number) => sampleAlert({}, { startsAt: now - minutes * 60_000, endsAt: null });

  test("today, this year, before", () => {
    const dates = ["2026-11-30T06:02:00Z", "2026-11-29T06:02:00Z", "2025-11-29T06:02:00Z"];

    assert.deepEqual(
      dates.map((date) => short(Date.parse(date))),
      ["14:02", "11-29 14:02", "2025-11-29 14:02"],
    );
  });

  const spans: readonly (readonly [number, string, string])[] = [
    [45_000, "45 秒", "45s"],
    [125_000, "2 分", "2m"],
    [5_580_000, "1 小时 33 分", "1h 33m"],
    [90_000_000, "1 天 1 小时", "1d 1h"],
    [-5, "0 秒", "0s"],
  ];
  for (const [ms, chinese, english] of spans) {
    test(chinese, () => assert.deepEqual([shortSpan(ms, zh), shortSpan(ms, en)], [chinese, english]));
  }

  test("a range of spans has its unit once", () => {
    assert.equal(spanRange(960_000, 1_080_000, zh), "16~18 分");
    assert.equal(spanRange(3_540_000, 3_660_000, zh), "1 小时 1 分");
  });

  test("starts within ten minutes are one range, others are not", () => {
    assert.equal(sinceText([ago(18), ago(16)], clock), "13:46–13:48 起，已 16~18 分");
    assert.equal(sinceText([ago(30), ago(16)], clock), null);
  });
});

describe("annotations", () => {
  test("known names are read in any case, others are notes", () => {
    const annotations = { Summary: "s", DESCRIPTION: "d", impact: "i", message: "d", grafana_state_reason: "Error" };

    const found = findTexts(annotations, "en");

    assert.deepEqual([found.summary.text, found.description.text], ["s", "d"]);
    assert.deepEqual(notesOf(annotations, [found.summary, found.description]), [{ name: "impact", value: "i" }]);
  });

  test("a list of value and labels becomes the value, if all are labels of the alert", () => {
    const links = { ...sampleAlert({}).links, generatorURL: "http://p/graph?g0.expr=mysql_up+%3D%3D+0" };
    const alert = sampleAlert({ instance: "a:1", job: "j" }, { links });
    const text = (pairs: string) => `It is down\n  VALUE = 0\n  LABELS = map[${pairs}]`;

    assert.deepEqual(withoutListings(text("__name__:mysql_up instance:a:1 job:j"), alert), {
      text: "It is down",
      value: "0",
    });
    assert.equal(withoutListings(text("instance:b:1"), alert).text, "It is down\n  LABELS = map[instance:b:1]");
  });

  test("JSON between fences becomes a line of code, digit for digit", () => {
    assert.equal(
      withoutFences('a\n```json\n{\n "id": 12345678901234567890, "t": "a b"\n}\n```\nb'),
      'a\n`{"id":12345678901234567890,"t":"a b"}`\nb',
    );
    assert.equal(withoutFences("```\nx y\n```"), "x y");
  });

  const within: readonly (readonly [string, string, boolean])[] = [
    ["MySQL down", "MySQL instance is down on a", true],
    ["Node is not ready.", "node has been unready for 15 minutes", false],
    ["分区使用率过高", "分区使用率超过 85%，当前值很高", false],
    ["12", "10.12.3.4 is 512", false],
  ];
  for (const [text, whole, stands] of within) {
    test(`"${text}" ${stands ? "stands" : "does not stand"} in "${whole}"`, () => {
      assert.equal(standsWithin(text, whole), stands);
    });
  }

  test("a text of only names says nothing more, a number does", () => {
    assert.ok(saysOnly("order-service 支付失败", ["支付失败", "order-service"]));
    assert.ok(!saysOnly("disk: 22.2%", ["disk", "2"]));
  });
});

describe("a text that alerts share", () => {
  const pods = ["api-x2k8p", "api-m4qzt"].map((value) => [{ name: "pod", value }]);

  test("has the name of a label for its value", () => {
    const shared = shareText(["Pod api-x2k8p waits", "Pod api-m4qzt waits"], pods);

    assert.deepEqual(shared, { text: "Pod {pod} waits", range: "", values: [] });
  });

  test("has a range for one number", () => {
    const shared = shareText(["api-x2k8p: 85.2% used", "api-m4qzt: 98.7% used"], pods);

    assert.deepEqual(shared, { text: "{pod}: 85.2~98.7% used", range: "85.2~98.7%", values: ["85.2%", "98.7%"] });
  });

  const own: readonly (readonly [rule: string, texts: readonly string[]])[] = [
    ["two numbers", ["1 of 2", "3 of 4"]],
    ["words", ["slow", "fast"]],
    ["a part of an address", ["on 10.0.0.1:80", "on 10.0.0.2:80"]],
    ["a part of a name", ["node-1 is down", "node-2 is down"]],
    ["a part of a time", ["at 12:30:05", "at 12:30:07"]],
    ["what looks like the name of a label", ["{pod} api-x2k8p", "{pod} api-m4qzt"]],
  ];
  for (const [rule, texts] of own)
    test(`is none where ${rule} differ`, () => assert.equal(shareText(texts, pods), null));
});

test("English has no plural for one", () => {
  const counted = (count: number) => [en.restLabels(count, "uid"), en.combined(count), en.unrenderable(count, "0.1")];

  assert.doesNotMatch(counted(1).join("\n"), /\b1 \w+s\b/);
  assert.match(counted(2).join("\n"), /2 labels: uid\n2 groups.*\n.*\n2 alerts/);
});

describe("folded labels", () => {
  const labels = {
    endpoint: "http",
    job: "ksm",
    container: "ksm",
    uid: "5d1f1d7e-0a7f-4d3e-9b0e-1d6f1c2a7b11",
    app_kubernetes_io_name: "x",
  };
  const pairs = Object.entries(labels).map(([name, value]) => ({ name, value }));

  test("equal values are joined, the longest are only named, and what needs code stands by itself", () => {
    assert.deepEqual(foldedTexts(pairs, { max: 60, of: "value bytes" }, zh), [
      "endpoint=http job/container=ksm",
      "app_kubernetes_io_name=x",
      "另有 1 个标签：uid",
    ]);
  });

  test("only names are shown where values are not wanted", () => {
    assert.deepEqual(foldedTexts(pairs.slice(0, 2), { max: 0, of: "value bytes" }, en), ["+2 labels: job, endpoint"]);
  });
});
