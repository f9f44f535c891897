import assert from "node:assert/strict";
import { test } from "node:test";
import { alertOf, groupFrom, groupOf } from "./fixture.ts";

const own = (name: string) => groupOf(`own/${name}.json`);

test("title and message are kept as rendered", () => {
  const { source, title, message } = own("grafana-11-chinese");

  assert.deepEqual(
    [source, title, message],
    ["grafana", "[FIRING:1] 指数波动（日内≥3%） 行情", "**告警**\n\n上证指数波动过大\n"],
  );
});

test("a failed template of the contact point leaves them empty", () => {
  const { source, title, message } = own("grafana-failed-template");

  assert.deepEqual([source, title, message], ["grafana", "", ""]);
});

test("values, their text and the links of an alert are read", () => {
  const alert = alertOf(own("grafana-9-firing"));

  assert.deepEqual(alert.values, { B: 97.25, C: 1 });
  assert.match(alert.valueString, /^\[ var='B' /);
  assert.match(alert.links.silenceURL ?? "", /^https:\/\/grafana\.example\.cn\/alerting\/silence\/new\?/);
  assert.match(alert.links.dashboardURL ?? "", /\/d\/hosts\?/);
  assert.match(alert.links.panelURL ?? "", /viewPanel=4$/);
});

test("empty URLs are null", () => {
  const { links } = alertOf(own("grafana-10-no-data"));

  assert.deepEqual([links.dashboardURL, links.panelURL, links.imageURL], [null, null, null]);
});

test("an image is a link", () => {
  const { links } = alertOf(own("grafana-12-put-extra-fields"));

  assert.equal(links.imageURL, "https://grafana.example.cn/public/img/attachments/a1b2.png");
});

const values = [
  { name: "grafana-10-no-data", read: null, rule: "null stays null" },
  { name: "grafana-12-no-labels", read: null, rule: "an empty map is null" },
  { name: "grafana-odd-values", read: { A: 1.5, E: -0.001 }, rule: "only finite numbers count" },
];

for (const { name, read, rule } of values) {
  test(`values: ${rule} (${name})`, () => {
    assert.deepEqual(alertOf(own(name)).values, read);
  });
}

test("the test button of 12 links to Grafana itself", () => {
  const group = own("grafana-12-test-button");

  assert.equal(alertOf(group).links.generatorURL, "https://grafana.example.cn/?orgId=1");
  assert.equal(group.groupKey, "WeCom-57c6d9296de2ad39-1795140930");
});

test("the test button of 9 has no link and no receiver", () => {
  const group = own("grafana-9-test-button");

  assert.equal(group.receiver, "");
  assert.equal(alertOf(group).links.generatorURL, null);
  assert.deepEqual(group.commonLabels, { alertname: "TestAlert", instance: "Grafana" });
});

test("the reason of a resolution is kept in the annotations", () => {
  const found = ["grafana-11-resolved-updated", "grafana-11-resolved-paused"].map((name) => alertOf(own(name)));

  assert.deepEqual(
    found.map((alert) => [alert.status, alert.annotations.grafana_state_reason]),
    [
      ["resolved", "Updated"],
      ["resolved", "Paused"],
    ],
  );
});

const deliveries: readonly { readonly rule: string; readonly body: object; readonly source: string }[] = [
  { rule: "a numeric orgId", body: { orgId: 1, alerts: [{}] }, source: "grafana" },
  { rule: "title, state and message", body: { title: "", state: "ok", message: "", alerts: [{}] }, source: "grafana" },
  { rule: "no message", body: { title: "", state: "ok", alerts: [{}] }, source: "alertmanager" },
  { rule: "values in any alert, even null", body: { alerts: [{}, { values: null }] }, source: "grafana" },
  { rule: "an empty silenceURL", body: { alerts: [{ silenceURL: "" }] }, source: "grafana" },
  { rule: "version 1 alone", body: { version: "1", alerts: [{}] }, source: "alertmanager" },
  { rule: "version 4 beside an orgId", body: { version: "4", orgId: 3, alerts: [{}] }, source: "grafana" },
];

for (const { rule, body, source } of deliveries) {
  test(`${rule}: the sender is ${source}`, () => {
    assert.equal(groupFrom(body).source, source);
  });
}
