import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { unquoteReceiver } from "../../../src/normalize/alertmanager.ts";
import { alertOf, groupFrom, groupOf, normalizeBytes, readBytes } from "./fixture.ts";

const own = (name: string) => groupOf(`own/${name}.json`);

test("the receiver arrives without Go's quoting", () => {
  assert.equal(own("alertmanager-quoted-receiver").receiver, "[prod] ops/wecom.robot (24*7) $1");
});

const reasons = [
  { name: "alertmanager-some-resolved", reason: "some alerts resolved" },
  { name: "alertmanager-all-resolved", reason: "all alerts resolved" },
  { name: "alertmanager-unheard-of-reason", reason: "unknown" },
  { name: "alertmanager-odd-types", reason: null },
  { name: "alertmanager-offsets", reason: null },
];

for (const { name, reason } of reasons) {
  test(`${name}: the reason to notify is ${reason}`, () => {
    assert.equal(own(name).notificationReason, reason);
  });
}

const states = [
  {
    name: "alertmanager-before-016-future-ends-at",
    states: ["firing"],
    rule: "a future endsAt does not end a firing alert",
  },
  { name: "alertmanager-firing-ends-1970", states: ["firing"], rule: "nor does one in 1970" },
  {
    name: "alertmanager-no-status",
    states: ["firing"],
    rule: "without any status an alert fires, whatever its endsAt",
  },
  { name: "alertmanager-2017-numeric", states: ["firing", "firing"], rule: "alerts take the status of their group" },
  { name: "alertmanager-group-status-only", states: ["resolved", "resolved"], rule: "also when that is resolved" },
  {
    name: "alertmanager-some-resolved",
    states: ["firing", "resolved", "firing"],
    rule: "an alert's own status counts first",
  },
  { name: "grafana-state-only", states: ["resolved"], rule: "Grafana's state stands in for a missing status" },
  { name: "grafana-12-no-labels", states: ["resolved"], rule: "Grafana's state is not heard beside a status" },
  { name: "bare-alert-of-api", states: ["firing"], rule: "a status that is not text counts as missing" },
];

for (const { name, states: expected, rule } of states) {
  test(`state: ${rule} (${name})`, () => {
    const group = own(name);

    assert.deepEqual(
      group.alerts.map((alert) => alert.status),
      expected,
    );
    assert.equal(group.status, expected.includes("firing") ? "firing" : "resolved");
  });
}

test("a firing alert has no end, and the text of its end is kept", () => {
  const alert = alertOf(own("alertmanager-before-016-future-ends-at"));

  assert.equal(alert.endsAt, null);
  assert.equal(alert.endsAtText, "2026-11-20T02:20:30.5Z");
});

test("a resolved alert ends when its sender says", () => {
  const alert = alertOf(own("alertmanager-offsets"));

  assert.equal(alert.startsAt, Date.UTC(2026, 10, 20, 2, 15, 30, 123));
  assert.equal(alert.endsAt, Date.UTC(2026, 10, 20, 2, 45, 30, 900));
  assert.equal(alert.startsAtText, "2026-11-20T10:15:30.123456789+08:00");
});

test("unreadable times are null", () => {
  for (const alert of own("alertmanager-unreadable-times").alerts) {
    assert.deepEqual([alert.startsAt, alert.endsAt, alert.startsAtText, alert.endsAtText], [null, null, "", ""]);
  }
});

test("odd types become text, null is left out, an empty label is left out, an empty annotation stays", () => {
  const alert = alertOf(own("alertmanager-odd-types"));

  assert.deepEqual(alert.labels, {
    alertname: "OddTypes",
    port: "9100",
    ratio: "0.25",
    canary: "true",
    owners: '["ann","bo"]',
  });
  assert.deepEqual(alert.annotations, { summary: "odd", code: "503", note: "" });
});

test("null maps are empty or derived", () => {
  const group = own("alertmanager-odd-types");

  assert.deepEqual(alertOf(group, 1).annotations, {});
  assert.deepEqual(group.routeLabels, {});
  assert.deepEqual(group.commonLabels, { alertname: "OddTypes" });
  assert.deepEqual(group.commonAnnotations, {});
});

const truncations = [
  { sent: 25, read: 25 },
  { sent: "3", read: 3 },
  { sent: -1, read: 0 },
  { sent: 1.5, read: 0 },
  { sent: null, read: 0 },
  { sent: undefined, read: 0 },
  { sent: 1e300, read: 0 },
];

for (const { sent, read } of truncations) {
  test(`truncatedAlerts ${JSON.stringify(sent)} is ${read}`, () => {
    assert.equal(groupFrom({ alerts: [{}], truncatedAlerts: sent }).truncatedAlerts, read);
  });
}

test("a resolved group keeps the count of alerts that were truncated", () => {
  const group = own("alertmanager-truncated-resolved");

  assert.deepEqual([group.status, group.truncatedAlerts], ["resolved", 1]);
});

test("a numeric groupKey keeps every digit", () => {
  assert.equal(own("alertmanager-numeric-group-key").groupKey, "17349872349087123457");
});

test("a missing groupKey comes from the labels the sender grouped by", () => {
  assert.equal(own("alertmanager-upper-case-annotations").groupKey, 'groupLabels:{alertname="CellDown"}');
  assert.equal(own("kubesphere-alerts").groupKey, 'groupLabels:{alertname="KubePodCrashLooping", namespace="demo"}');
});

test("a groupKey of 0 counts as missing", () => {
  assert.equal(own("alertmanager-2017-numeric").groupKey, 'groupLabels:{alertname="LoadHigh"}');
});

test("without group labels the groupKey comes from the alerts, in any order and state", () => {
  const one = { status: "firing", fingerprint: "a" };
  const other = { status: "firing", fingerprint: "b" };

  const firing = groupFrom({ alerts: [one, other] });
  const resolved = groupFrom({ alerts: [other, { ...one, status: "resolved" }] });

  assert.match(firing.groupKey, /^alerts:[0-9a-f]{16}$/);
  assert.equal(resolved.groupKey, firing.groupKey);
  assert.notEqual(groupFrom({ alerts: [one] }).groupKey, firing.groupKey);
});

test("labels named like JavaScript's own properties are labels", () => {
  const group = own("alertmanager-proto-labels");

  const { labels, annotations } = alertOf(group);

  assert.deepEqual(Object.keys(labels), ["alertname", "__proto__", "constructor", "toString", "hasOwnProperty"]);
  assert.equal(Object.getOwnPropertyDescriptor(annotations, "__proto__")?.value, "annotation");
  assert.equal(Object.getOwnPropertyDescriptor(group.groupLabels, "__proto__")?.value, "label");
  assert.equal(Object.getPrototypeOf(labels), Object.prototype);
});

test("an empty alert is an alert", () => {
  const group = own("alertmanager-no-labels");

  assert.equal(group.alerts.length, 1);
  assert.match(alertOf(group).fingerprint, /^[0-9a-f]{16}$/);
});

test("common maps: the sender's pairs are kept unless an alert contradicts them", () => {
  const minimal = own("alertmanager-minimal");
  const contradicting = own("alertmanager-common-contradicts");

  assert.deepEqual(minimal.commonLabels, { site: "hz", alertname: "Hello" });
  assert.deepEqual(contradicting.commonLabels, {
    site: "hz",
    alertname: "DiskWillFill",
    severity: "warning",
    team: "dba",
  });
  assert.deepEqual(contradicting.commonAnnotations, { runbook_url: "https://wiki.example.cn/disk" });
});

test("routeLabels are read", () => {
  assert.deepEqual(own("alertmanager-route-labels").routeLabels, { owner: "team-dba", tier: "1" });
});

test("links that cannot be opened are null; white space in a link is encoded", () => {
  const group = own("alertmanager-unusable-links");

  assert.equal(group.externalURL, null);
  assert.deepEqual(
    group.alerts.map((alert) => alert.links.generatorURL),
    [null, null, "http://prometheus.example.cn/graph?g0.expr=up%20==%200", null],
  );
});

test("invalid entries are counted, and the other alerts are kept", () => {
  const normalized = normalizeBytes(readBytes("own/alertmanager-invalid-entries.json"));

  assert.ok(normalized.kind === "group");
  assert.equal(normalized.invalidAlerts, 4);
  assert.equal(normalized.group.alerts.length, 1);
});

test("a large group is complete", () => {
  assert.equal(own("alertmanager-500-alerts").alerts.length, 500);
});

test("Alertmanager has no title and no message", () => {
  const { title, message } = groupFrom({ alerts: [{}], title: "a title without state and message" });

  assert.deepEqual([title, message], ["", ""]);
});

/** Go's regexp.QuoteMeta. */
const quoteMeta = (text: string) => text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");

test("unquoting reverses Go's quoting for every name", () => {
  const name = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."\\.+*?()|[]{}^$a中") }));

  fc.assert(fc.property(name, (text) => assert.equal(unquoteReceiver(quoteMeta(text)), text)));
});

test("a name that was not quoted stays as it is", () => {
  for (const name of ["web.hook", "shop/alerts/wecom", "团队 (值班)", "a\\b", ""])
    assert.equal(unquoteReceiver(name), name);
});
