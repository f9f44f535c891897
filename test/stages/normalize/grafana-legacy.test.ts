import assert from "node:assert/strict";
import { test } from "node:test";
import { alertOf, groupFrom, groupOf } from "./fixture.ts";

const own = (name: string) => groupOf(`own/${name}.json`);

test("a rule is a group of one alert", () => {
  const group = own("grafana-legacy-7-alerting");

  const alert = alertOf(group);

  assert.equal(group.source, "grafana");
  assert.equal(group.title, "[Alerting] CPU high");
  assert.equal(group.message, "CPU of a web host is above 90 %");
  assert.deepEqual(group.groupLabels, { alertname: "CPU high" });
  assert.deepEqual(alert.labels, { severity: "critical", team: "web", alertname: "CPU high" });
  assert.deepEqual(group.commonLabels, alert.labels);
  assert.deepEqual(alert.annotations, { description: "CPU of a web host is above 90 %" });
  assert.equal(alert.valueString, "web-1=97.25, web-2=91");
  assert.match(alert.links.generatorURL ?? "", /tab=alert/);
  assert.match(alert.links.imageURL ?? "", /a1b2\.png$/);
});

test("the URLs of Grafana 4.0, which are spelled differently, are read", () => {
  const { links } = alertOf(own("grafana-legacy-4"));

  assert.match(links.generatorURL ?? "", /panelId=4$/);
  assert.match(links.imageURL ?? "", /a1b2\.png$/);
});

const states = [
  { name: "grafana-legacy-7-alerting", status: "firing", reason: undefined },
  { name: "grafana-legacy-7-ok", status: "resolved", reason: undefined },
  { name: "grafana-legacy-8-no-data", status: "firing", reason: "NoData" },
  { name: "grafana-legacy-8-paused", status: "resolved", reason: "Paused" },
  { name: "grafana-legacy-8-pending", status: "firing", reason: undefined },
];

for (const { name, status, reason } of states) {
  test(`${name} is ${status}${reason === undefined ? "" : `, because of ${reason}`}`, () => {
    const alert = alertOf(own(name));

    assert.equal(alert.status, status);
    assert.equal(alert.annotations.grafana_state_reason, reason);
  });
}

const matches = [
  { rule: "none", evalMatches: [], text: "" },
  { rule: "null", evalMatches: null, text: "" },
  { rule: "a metric without a value", evalMatches: [{ metric: "cpu", value: null }], text: "cpu" },
  { rule: "a value without a metric", evalMatches: [{ value: 3 }], text: "3" },
  { rule: "entries that are no objects", evalMatches: [7, null, { metric: "cpu", value: 1.5 }], text: "cpu=1.5" },
];

for (const { rule, evalMatches, text } of matches) {
  test(`evalMatches: ${rule} gives "${text}"`, () => {
    assert.equal(alertOf(groupFrom({ evalMatches, ruleName: "r", state: "alerting" })).valueString, text);
  });
}

test("the recovery of a rule is the same group and alert as its firing", () => {
  const rule = {
    ruleName: "CPU high",
    ruleId: 31,
    orgId: 1,
    ruleUrl: "https://g.example.cn/d/a?orgId=1",
    evalMatches: [],
  };

  const firing = groupFrom({ ...rule, state: "alerting", message: "hot" });
  const ok = groupFrom({ ...rule, state: "ok", ruleUrl: "https://g.example.cn/d/renamed" });

  assert.equal(ok.groupKey, firing.groupKey);
  assert.equal(alertOf(ok).fingerprint, alertOf(firing).fingerprint);
});

test("rules with one name are distinguished by number, organisation and server", () => {
  const rule = { ruleName: "CPU high", ruleId: 31, orgId: 1, ruleUrl: "https://g.example.cn/d/a", state: "alerting" };

  const keys = [
    rule,
    { ...rule, ruleId: 32 },
    { ...rule, orgId: 2 },
    { ...rule, ruleUrl: "https://h.example.cn/d/a" },
  ].map((body) => groupFrom(body).groupKey);

  assert.equal(new Set(keys).size, 4);
});

test("a rule without a name gets its title as name", () => {
  const group = groupFrom({ title: "[Alerting] x", state: "alerting", evalMatches: [] });

  assert.equal(alertOf(group).labels.alertname, "[Alerting] x");
});
