// Bodies over a limit are rejected; bodies at the limit are accepted.

import assert from "node:assert/strict";
import { test } from "node:test";
import { normalize } from "../../../src/normalize/normalize.ts";
import { bodyLimits } from "../../../src/normalize/rejection.ts";
import { context } from "./fixture.ts";

function pairs(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, "v"]));
}

function codeOf(body: unknown): string {
  const normalized = normalize(body, context);
  return normalized.kind === "rejected" ? normalized.code : normalized.kind;
}

test("as many alerts as allowed are read, one more is rejected", () => {
  const alerts = Array.from({ length: bodyLimits.alerts }, () => ({ labels: { alertname: "a" } }));

  assert.equal(codeOf({ alerts }), "group");
  assert.equal(codeOf({ alerts: [...alerts, {}] }), "too_many_alerts");
});

for (const [place, bodyWith] of [
  ["labels", (map: unknown) => ({ alerts: [{}, { labels: map }] })],
  ["annotations", (map: unknown) => ({ alerts: [{ annotations: map }] })],
  ["values", (map: unknown) => ({ alerts: [{ values: map }] })],
  ["commonLabels", (map: unknown) => ({ alerts: [{}], commonLabels: map })],
  ["groupLabels of Grafana", (map: unknown) => ({ orgId: 1, alerts: [{}], groupLabels: map })],
  ["labels of a bare alert", (map: unknown) => ({ status: "firing", labels: map })],
  ["tags of a legacy rule", (map: unknown) => ({ ruleName: "r", state: "alerting", tags: map })],
] as const) {
  test(`as many ${place} as allowed are read, one more is rejected`, () => {
    assert.equal(codeOf(bodyWith(pairs(bodyLimits.pairs))), "group");
    assert.equal(codeOf(bodyWith(pairs(bodyLimits.pairs + 1))), "too_many_labels");
  });
}
