import assert from "node:assert/strict";
import { test } from "node:test";
import { alertOf, groupFrom, groupOf } from "./fixture.ts";

const fingerprints = (body: unknown) => groupFrom(body).alerts.map((alert) => alert.fingerprint);

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

test("alerts with one fingerprint become distinct, and the first keeps it", () => {
  const found = groupOf("own/alertmanager-same-fingerprint.json").alerts.map((alert) => alert.fingerprint);

  assert.equal(found[0], "00000000000000e1");
  assert.equal(new Set(found).size, 3);
  for (const fingerprint of found) assert.match(fingerprint, /^[0-9a-f]{16}$/);
});

test("the new fingerprint of a duplicate does not depend on the other alerts", () => {
  const a = { fingerprint: "f", labels: { host: "a" } };
  const b = { fingerprint: "f", labels: { host: "b" } };
  const c = { fingerprint: "f", labels: { host: "c" } };

  const [, , withB] = fingerprints({ alerts: [a, b, c] });
  const [, withoutB] = fingerprints({ alerts: [a, c] });

  assert.equal(withB, withoutB);
});
