// Rules that hold for any body.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { normalize } from "../../../src/normalize/normalize.ts";
import { parseBody } from "../../../src/normalize/parse-body.ts";
import { accepted, alertOf, context, groupFrom, groupOf } from "./fixture.ts";

const text = fc.string({ unit: "binary" });

/** Any name; those with a meaning here or in JavaScript are frequent. */
const name = fc.oneof(text, fc.constantFrom("alertname", "severity", "__proto__", "constructor", "toString"));

const labelSet = fc.dictionary(name, text, { noNullPrototype: true });

const alert = fc.record(
  {
    status: fc.constantFrom("firing", "resolved"),
    labels: labelSet,
    annotations: labelSet,
    startsAt: fc.oneof(text, fc.constant("2026-11-20T02:15:30Z")),
    endsAt: fc.oneof(text, fc.constant("0001-01-01T00:00:00Z")),
    fingerprint: fc.constantFrom("", "0000000000000001", "0000000000000002"),
    generatorURL: fc.oneof(text, fc.webUrl()),
  },
  { requiredKeys: [] },
);

/** Objects with the names that senders use and any values. */
const oddBody = fc.dictionary(
  fc.constantFrom(
    ...["alerts", "status", "labels", "startsAt", "evalMatches", "ruleName", "state", "ruleUrl", "tags", "groupKey"],
    ...[
      "groupLabels",
      "commonLabels",
      "receiver",
      "externalURL",
      "title",
      "message",
      "orgId",
      "truncatedAlerts",
      "values",
    ],
  ),
  fc.oneof(fc.jsonValue(), fc.array(fc.oneof(alert, fc.jsonValue()))),
);

test("any JSON value is a group or a rejection", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), oddBody), (body) => {
      const normalized = normalize(body, context);

      assert.ok(normalized.kind === "rejected" ? normalized.message !== "" : normalized.group.alerts.length > 0);
    }),
    { numRuns: 1000 },
  );
});

test("any bytes are a body or a rejection", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.ok(["parsed", "rejected"].includes(parseBody(bytes).kind));
    }),
  );
});

test("the labels and annotations of every alert are kept, except empty labels", () => {
  fc.assert(
    fc.property(fc.array(alert, { minLength: 1 }), (alerts) => {
      const group = groupFrom({ alerts });

      assert.deepEqual(
        group.alerts.map(({ labels, annotations }) => [Object.entries(labels), Object.entries(annotations)]),
        alerts.map(({ labels = {}, annotations = {} }) => [
          Object.entries(labels).filter(([, value]) => value !== ""),
          Object.entries(annotations),
        ]),
      );
    }),
  );
});

test("no two alerts of a group have the same identity, and none is without a fingerprint", () => {
  fc.assert(
    fc.property(fc.array(alert, { minLength: 1 }), (alerts) => {
      const read = groupFrom({ alerts }).alerts;

      assert.equal(new Set(read.map(({ identity }) => identity)).size, alerts.length);
      assert.ok(read.every(({ fingerprint }) => fingerprint !== ""));
    }),
  );
});

test("a group is firing exactly when one of its alerts is, and a firing alert has no end", () => {
  fc.assert(
    fc.property(fc.array(alert, { minLength: 1 }), fc.constantFrom("firing", "resolved", null), (alerts, status) => {
      const group = groupFrom({ alerts, status });

      assert.equal(
        group.status === "firing",
        group.alerts.some((one) => one.status === "firing"),
      );
      assert.ok(group.alerts.every((one) => one.status === "resolved" || one.endsAt === null));
    }),
  );
});

test("equal bodies give equal results", () => {
  fc.assert(
    fc.property(oddBody, (body) => {
      assert.deepEqual(normalize(body, context), normalize(structuredClone(body), context));
    }),
  );
});

test("one alert without an envelope is a group of one", () => {
  const group = groupOf("own/bare-alert.json");

  assert.equal(group.source, "alertmanager");
  assert.equal(group.alerts.length, 1);
  assert.deepEqual(group.commonLabels, alertOf(group).labels);
});

test("one alert with Grafana's fields is Grafana's", () => {
  const group = groupOf("own/bare-alert-of-grafana.json");

  assert.equal(group.source, "grafana");
  assert.deepEqual(alertOf(group).values, { B: 97.25 });
});

test("values nested too deeply for JSON.stringify are left out; newer versions of Node keep them", () => {
  const text = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  const deep = JSON.parse(text);

  const { group } = accepted(normalize({ alerts: [{ labels: { alertname: "Deep", x: deep } }] }, context));

  const { x = text, ...others } = alertOf(group).labels;
  assert.deepEqual(others, { alertname: "Deep" });
  assert.ok(x === text);
});
