import assert from "node:assert/strict";
import { test } from "node:test";
import { alertOf, groupFrom, groupOf } from "./fixture.ts";

test("the sender's fingerprint is kept", () => {
  assert.equal(alertOf(groupOf("own/bare-alert.json")).fingerprint, "00000000000000f5");
});

test("a missing fingerprint is made of the labels alone", () => {
  const [one, other] = [
    { alerts: [{ labels: { a: "1", b: "2" }, status: "firing", startsAt: "2026-11-20T02:15:30Z" }] },
    { alerts: [{ labels: { b: "2", a: "1" }, status: "resolved", annotations: { summary: "x" } }] },
  ].map((body) => alertOf(groupFrom(body)).fingerprint);

  assert.equal(one, other);
  assert.match(one ?? "", /^[0-9a-f]{16}$/);
  assert.notEqual(alertOf(groupFrom({ alerts: [{ labels: { a: "12" } }] })).fingerprint, one);
});

test("identical labels under two fingerprints are two alerts", () => {
  const group = groupOf("own/alertmanager-same-labels.json");

  assert.deepEqual(
    group.alerts.map((alert) => [alert.fingerprint, alert.annotations.summary]),
    [
      ["00000000000000d1", "34 °C"],
      ["00000000000000d2", "17 °C"],
    ],
  );
});

test("every alert keeps its fingerprint; its identity is made of it and the labels, wherever it stands", () => {
  const a = { fingerprint: "f", labels: { host: "a" } };
  const b = { fingerprint: "f", labels: { host: "b" } };

  const together = groupFrom({ alerts: [a, b] }).alerts;
  const turned = groupFrom({ alerts: [b, a] }).alerts;
  const [alone] = groupFrom({ alerts: [{ ...b, status: "resolved", annotations: { summary: "x" } }] }).alerts;

  assert.deepEqual(
    together.map(({ fingerprint }) => fingerprint),
    ["f", "f"],
  );
  assert.deepEqual(
    turned.map(({ identity }) => identity),
    together.map(({ identity }) => identity).toReversed(),
  );
  assert.equal(alone?.identity, together[1]?.identity);
  assert.notEqual(together[0]?.identity, together[1]?.identity);
});

test("true copies in one body are distinct, and the first has the identity of the alert alone", () => {
  const alerts = groupOf("own/alertmanager-same-fingerprint.json").alerts;
  const copies = groupFrom({ alerts: Array(3).fill({ fingerprint: "f", labels: { host: "a" } }) }).alerts;
  const [alone] = groupFrom({ alerts: [{ fingerprint: "f", labels: { host: "a" } }] }).alerts;

  assert.equal(new Set(alerts.map(({ identity }) => identity)).size, 3);
  assert.equal(new Set(copies.map(({ identity }) => identity)).size, 3);
  assert.equal(copies[0]?.identity, alone?.identity);
});
