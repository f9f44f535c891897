// Rules that hold for every stored body, recorded or hand-written.

import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, bodyFiles, normalizeBytes, ownRows, readBytes } from "./fixture.ts";

test("every own body has a row in the README, and every row a body", () => {
  const rows = ownRows().map(({ file }) => file);

  assert.deepEqual([...rows].sort(), [...bodyFiles("own")].sort());
});

for (const { file, outcome } of ownRows()) {
  test(`own/${file} is read as ${outcome}`, () => {
    const normalized = normalizeBytes(readBytes(`own/${file}`));

    assert.equal(normalized.kind === "group" ? normalized.shape : normalized.code, outcome);
  });
}

const captured = bodyFiles("captured");
const fromPrometheus = captured.filter((file) => file.includes("prometheus-direct"));

for (const file of captured.filter((name) => !fromPrometheus.includes(name))) {
  test(`captured/${file} is read with the fields that Alertmanager sent`, () => {
    const bytes = readBytes(`captured/${file}`);
    const sent = JSON.parse(new TextDecoder().decode(bytes));

    const { group, shape, invalidAlerts } = accepted(normalizeBytes(bytes));

    assert.equal(shape, "alertmanager");
    assert.equal(invalidAlerts, 0);
    for (const field of [
      "status",
      "groupLabels",
      "commonLabels",
      "commonAnnotations",
      "externalURL",
      "groupKey",
    ] as const)
      assert.deepEqual(group[field], sent[field], field);
    assert.equal(group.truncatedAlerts, sent.truncatedAlerts);
    assert.equal(group.notificationReason, sent.notification_reason ?? null);
    assert.equal(group.alerts.length, sent.alerts.length);
    for (const [index, alert] of group.alerts.entries()) {
      const { status, labels, annotations, fingerprint, startsAt, endsAt, generatorURL } = sent.alerts[index];
      assert.deepEqual(
        { status, labels, annotations, fingerprint, startsAt, endsAt, generatorURL },
        {
          status: alert.status,
          labels: alert.labels,
          annotations: alert.annotations,
          fingerprint: alert.fingerprint,
          startsAt: alert.startsAtText,
          endsAt: alert.endsAtText,
          generatorURL: alert.links.generatorURL ?? "",
        },
      );
    }
  });
}

for (const file of fromPrometheus) {
  test(`captured/${file} is rejected with a message that says how to do it`, () => {
    const normalized = normalizeBytes(readBytes(`captured/${file}`));

    assert.equal(normalized.kind, "rejected");
    assert.ok(normalized.kind === "rejected" && normalized.message.includes("webhook_configs"));
  });
}
