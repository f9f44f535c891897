import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LabelSet } from "../../../../src/domain/alert.ts";
import { alertLinks, groupLinks, sendableUrl } from "../../../../src/render/view/links.ts";
import { stringsFor } from "../../../../src/render/view/strings.ts";
import { sampleAlert, sampleGroup } from "../deliveries.ts";

const strings = stringsFor("en");

/** For a silence of all labels. */
const silencing = (wanted: LabelSet, fewest: LabelSet = {}) => ({ strings, silence: { wanted, fewest } });

describe("a URL is encoded for a link, or not sent", () => {
  const cases: readonly (readonly [rule: string, url: string | null, sent: string | null])[] = [
    ["a plain one stays", "https://a.example/b?c=d#e", "https://a.example/b?c=d#e"],
    ["what is encoded stays", "http://p/graph?g0.expr=up%20%3D%3D+0", "http://p/graph?g0.expr=up%20%3D%3D+0"],
    ["parentheses, quotes and spaces are encoded", `http://p/a(b)?q='x' "y"`, "http://p/a%28b%29?q=%27x%27%20%22y%22"],
    ["angle and square brackets are encoded", "http://p/?q=<a>[b]", "http://p/?q=%3Ca%3E%5Bb%5D"],
    ["an IPv6 host keeps its brackets", "http://[::1]:9090/x", "http://[::1]:9090/x"],
    ["Chinese is encoded", "http://p/手册", "http://p/%E6%89%8B%E5%86%8C"],
    ["another scheme is dropped", "javascript:alert(1)", null],
    ["a relative one is dropped", "?orgId=1", null],
    ["1024 bytes pass", `http://p/${"a".repeat(1015)}`, `http://p/${"a".repeat(1015)}`],
    ["1025 bytes do not", `http://p/${"a".repeat(1016)}`, null],
    ["none is none", null, null],
  ];
  for (const [rule, url, sent] of cases) {
    test(rule, () => assert.equal(sendableUrl(url), sent));
  }
});

describe("links of an alert", () => {
  test("are in the order runbook, dashboard, panel, source, silence", () => {
    const links = {
      generatorURL: "http://g/source",
      silenceURL: "http://g/silence",
      imageURL: null,
      dashboardURL: "http://g/dashboard",
      panelURL: "http://g/panel",
    };
    const alert = sampleAlert({ alertname: "A" }, { links, annotations: { runbook_url: "http://r/" } });

    const kinds = alertLinks(alert, sampleGroup([alert]), silencing(alert.labels)).shown.map(
      ({ kind, text }) => `${kind}: ${text}`,
    );

    assert.deepEqual(kinds, [
      "runbook: Runbook",
      "dashboard: Dashboard",
      "panel: Panel",
      "source: Query",
      "silence: Silence",
    ]);
  });

  const filterOf = (labels: LabelSet, fewest: LabelSet = {}) => {
    const alert = sampleAlert(labels);
    const group = sampleGroup([alert], { externalURL: "http://am:9093/" });
    const url = alertLinks(alert, group, silencing(labels, fewest)).shown[0]?.url ?? "";
    return decodeURIComponent(url.replace("http://am:9093/#/silences/new?filter=", ""));
  };

  test("silence is what Alertmanager's form writes: names as they are, values as JSON", () => {
    const labels = { alertname: "A", "host.name": "h", 机房: "一", path: 'C:\\"x"\n\t' };

    assert.equal(filterOf(labels), '{alertname="A",host.name="h",机房="一",path="C:\\\\\\"x\\"\\n\\t"}');
  });

  test("a name that the form does not read is left out of the silence", () => {
    assert.equal(filterOf({ alertname: "A", "bad name": "1" }), '{alertname="A"}');
  });

  test("a silence that is too long has fewer labels", () => {
    const labels = { alertname: "A", pod: "p", note: "x".repeat(1000) };

    assert.equal(filterOf(labels, { alertname: "A", pod: "p" }), '{alertname="A",pod="p"}');
  });

  test("what is too long is named: an address of the sender, and a silence by the fewest labels", () => {
    const long = `http://p/${"x".repeat(1_100)}`;
    const links = { generatorURL: long, silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null };
    const labels = { alertname: "A", pod: "p".repeat(1_000) };
    const alert = sampleAlert(labels, { links, annotations: { Runbook_URL: long, runbook: "http://r/" } });
    const group = sampleGroup([alert], { externalURL: "http://am" });

    const { shown, tooLong } = alertLinks(alert, group, silencing(labels, labels));

    assert.deepEqual(
      shown.map(({ url }) => url),
      ["http://r/"],
    );
    assert.deepEqual(tooLong, ["source", "silence"]);
  });

  test("a resolved alert has no silence", () => {
    const alert = sampleAlert({ alertname: "A" }, { status: "resolved" });

    assert.deepEqual(alertLinks(alert, sampleGroup([alert], { externalURL: "http://am/" }), silencing(alert.labels)), {
      shown: [],
      tooLong: [],
    });
  });
});

test("links of a group are those of every alert, and the silence of what they share", () => {
  const links = { generatorURL: "http://p/", silenceURL: null, dashboardURL: null, panelURL: null, imageURL: null };
  const alerts = ["1", "2"].map((host) => sampleAlert({ alertname: "A", host }, { links }));
  const group = sampleGroup(alerts, { externalURL: "http://am" });

  const shared = groupLinks(
    group,
    alerts.map((alert) => alertLinks(alert, group, silencing(alert.labels))),
    { ...silencing(group.commonLabels), action: "https://a.example/a/t" },
  );

  assert.deepEqual(shared.shown, [
    { kind: "action", text: "Act", url: "https://a.example/a/t" },
    { kind: "source", text: "Query", url: "http://p/" },
    {
      kind: "silence",
      text: "Silence all like these",
      url: "http://am/#/silences/new?filter=%7Balertname%3D%22A%22%7D",
    },
  ]);
});

test("alerts that share no label have no common silence: it would silence everything", () => {
  const none = { shown: [], tooLong: [] };
  const alerts = [sampleAlert({ a: "1" }), sampleAlert({ b: "2" })];
  const group = sampleGroup(alerts, { externalURL: "http://am" });

  assert.deepEqual(groupLinks(group, [none, none], { ...silencing(group.commonLabels), action: null }), none);
});
