// What a sender writes into one value takes no more room, on disk and in a delivery, than a message or a file shows of it.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { parseRoutedGroup, routedGroupText } from "../../src/domain/notification.ts";
import { createIntake } from "../../src/intake.ts";
import { roomy } from "../contract/outbox/storage.ts";
import { treeOf } from "../stages/route/samples.ts";
import { noon } from "../support/waiting.ts";

const long = "x".repeat(1_000_000);
const url = `http://${"x".repeat(60)}/${long}`;

const intake = createIntake({
  route: treeOf({ bots: ["ops"] }),
  bots: new Map([["ops", null]]),
  timezone: "UTC",
  alertmanagers: new Map(),
});

function notificationOf(alert: object, group: object) {
  const startsAt = new Date(noon).toISOString();
  const body = { receiver: "ops", groupKey: "{}:{}", ...group, alerts: [{ labels: { a: "b" }, startsAt, ...alert }] };
  const result = intake({ bytes: Buffer.from(JSON.stringify(body)), charset: null }, { kind: "route" }, noon);
  const [notification] = result.kind === "notifications" ? result.notifications : [];
  return notification ?? assert.fail();
}

const cases: readonly (readonly [what: string, alert: object, group: object])[] = [
  ["a label", { labels: { a: long } }, {}],
  ["the name of a label", { labels: { [long]: "a" } }, {}],
  ["an annotation", { annotations: { summary: long } }, {}],
  ["a common annotation", { annotations: { summary: long } }, { commonAnnotations: { summary: long } }],
  ["a fingerprint", { fingerprint: long }, {}],
  ["a time", { startsAt: long }, {}],
  ["a text of values", { valueString: long }, { title: "", state: "alerting", message: "" }],
  ["links of an alert", { generatorURL: url, silenceURL: url, dashboardURL: url, panelURL: url, imageURL: url }, {}],
  ["the sender's address", {}, { externalURL: url }],
  ["a groupKey", {}, { groupKey: long }],
  ["a receiver", {}, { receiver: long }],
  ["group labels", {}, { groupLabels: { a: long } }],
  ["route labels", {}, { routeLabels: { a: long } }],
  ["a title and a message", {}, { title: long, state: "alerting", message: long }],
];

for (const [what, alert, group] of cases) {
  test(`${what} of a megabyte is stored as 30 kB at most`, () => {
    const { routed } = notificationOf(alert, group);

    assert.ok(JSON.stringify(routed).length < 100_000, `${JSON.stringify(routed).length}`);
  });
}

test("what the alerts have in common is stored once, and read back", () => {
  const text = randomBytes(9_000).toString("base64");
  const commons = { labels: { a: "b", c: text }, annotations: { summary: text, runbook: "x" } };
  const { routed } = notificationOf(commons, { commonLabels: commons.labels, commonAnnotations: commons.annotations });

  const given = { ...routed, sender: roomy.sender };
  const stored = routedGroupText(given);

  assert.equal(stored.split(text).length, 3);
  assert.deepEqual(parseRoutedGroup(stored), given);
  assert.equal(Object.keys(routed.group.commonAnnotations).length, 2);
});

test("alerts and groups that differ at the end of long texts are not the same, though what is stored of them may be", () => {
  const ends = ["1", "2"].map((end) =>
    notificationOf({ labels: { a: `${long}${end}` } }, { groupKey: `${long}${end}` }),
  );

  assert.equal(new Set(ends.map(({ groupId }) => groupId)).size, 2);
  assert.equal(new Set(ends.map(({ dedupKey }) => dedupKey)).size, 2);
  assert.equal(new Set(ends.map(({ routed }) => routed.group.alerts[0]?.identity)).size, 2);
});
