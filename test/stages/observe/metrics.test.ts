// What callers report in the exposed text, and docs/metrics.md compared with the registry in both directions.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { deliveryModes } from "../../../src/domain/notification.ts";
import { optionalKinds, optionalResults } from "../../../src/domain/optional-part.ts";
import { failureReasons } from "../../../src/domain/reason.ts";
import { metricPrefix } from "../../../src/observe/families.ts";
import { Metrics } from "../../../src/observe/metrics.ts";

const page = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");

interface Family {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** The rows `| name | type | labels | …` of the page. */
function documented(): readonly Family[] {
  return [...page.matchAll(/^\| `(\w+)` \| (\w+) \|([^|]*)\|/gm)].map(([, name = "", type = "", labels = ""]) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = ""]) => label),
  }));
}

function exposed(text: string): readonly Family[] {
  return [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)]
    .filter(([, name = ""]) => name.startsWith(metricPrefix))
    .map(([, name = "", type = ""]) => ({ name: name.slice(metricPrefix.length), type, labels: labelsOf(text, name) }));
}

function labelsOf(text: string, name: string): readonly string[] {
  const labels = new RegExp(`^${name}(?:_count)?\\{(.*)\\} `, "m").exec(text)?.[1] ?? "";
  return [...labels.matchAll(/(\w+)="/g)].map(([, label = ""]) => label);
}

const byName = (a: Family, b: Family) => a.name.localeCompare(b.name);

async function shown(metrics: Metrics, series: string): Promise<number | undefined> {
  const line = (await metrics.text()).split("\n").find((each) => each.startsWith(`${metricPrefix}${series} `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ") + 1));
}

test("docs/metrics.md lists every metric with its type and labels, and no other", async () => {
  const metrics = new Metrics(["ops"], "1");
  for (const [change] of cases) change(metrics);

  const text = await metrics.text();

  assert.deepEqual(documented().toSorted(byName), exposed(text).toSorted(byName));
});

test("docs/metrics.md explains every mode of delivery", () => {
  const row = page.split("\n").find((line) => line.startsWith("| `alerts_delivered_total`")) ?? "";

  for (const mode of deliveryModes) assert.ok(row.includes(`\`${mode}\``), mode);
});

test("names follow Prometheus's conventions: counters and only they end in _total, times are in seconds", async () => {
  const text = await new Metrics(["ops"], "1").text();

  for (const [, name = "", type = ""] of text.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
    // Summaries and Node's own counters of another shape do not occur.
    assert.equal(name.endsWith("_total"), type === "counter", name);
    assert.doesNotMatch(name, /_(ms|milliseconds|minutes|kb|mb)(_|$)/);
  }
});

test("every failure has a series at zero from the start, and one by bot from the bot's first", async () => {
  const metrics = new Metrics(["ops", "值班"], "1");

  for (const reason of failureReasons) {
    for (const family of ["notifications_failed", "notification_requests_failed"]) {
      assert.equal(await shown(metrics, `${family}_total{reason="${reason}"}`), 0);
      assert.equal(await shown(metrics, `${family}_by_bot_total{bot="值班",reason="${reason}"}`), undefined);
    }
    metrics.notificationsFailed.inc({ bot: "值班", reason });
    metrics.notificationRequestsFailed.inc({ bot: "值班", reason });
    for (const family of ["notifications_failed", "notification_requests_failed"]) {
      assert.equal(await shown(metrics, `${family}_total{reason="${reason}"}`), 1);
      assert.equal(await shown(metrics, `${family}_by_bot_total{bot="值班",reason="${reason}"}`), 1);
      assert.equal(await shown(metrics, `${family}_by_bot_total{bot="ops",reason="${reason}"}`), undefined);
    }
  }
  for (const family of ["template_failures", "mentions_failed"]) {
    assert.equal(await shown(metrics, `${family}_total`), 0);
    assert.equal(await shown(metrics, `${family}_by_bot_total{bot="ops"}`), undefined);
  }
});

test("what becomes of pictures and graphs has a series for each result at zero", async () => {
  const metrics = new Metrics(["ops"], "1");

  for (const kind of optionalKinds) {
    for (const result of optionalResults) {
      assert.equal(await shown(metrics, `optional_parts_total{kind="${kind}",result="${result}"}`), 0);
    }
  }
});

test("the gauges of every bot exist from the start, but for that of keys that nobody has tried", async () => {
  const metrics = new Metrics(["ops", "值班"], "1");

  for (const bot of ["ops", "值班"]) {
    assert.equal(await shown(metrics, `key_up{bot="${bot}"}`), undefined);
    for (const gauge of ["window_slots_free", "outbox_notifications", "outbox_oldest_seconds"]) {
      assert.equal(await shown(metrics, `${gauge}{bot="${bot}"}`), 0);
    }
  }
});

test("1,000 bots take at most 250 KiB after the start, and 500 KiB when each has delivered a message", async () => {
  const bots = Array.from({ length: 1000 }, (_, n) => `bot-${String(n).padStart(4, "0")}`);
  const metrics = new Metrics(bots, "1");

  const atStart = Buffer.byteLength(await metrics.text());
  for (const bot of bots) {
    metrics.messageParts.inc({ bot, kind: "markdown" });
    metrics.notificationRequests.inc({ bot });
    metrics.notifications.inc({ bot });
    metrics.alertsDelivered.inc({ bot, mode: "full" });
  }
  const delivering = Buffer.byteLength(await metrics.text());

  assert.ok(atStart <= 250 * 1024, `${atStart} bytes`);
  assert.ok(delivering <= 500 * 1024, `${delivering} bytes`);
});

const cases: readonly (readonly [(metrics: Metrics) => void, string, number])[] = [
  [
    (m) => m.webhookRequests.inc({ source: "unknown", code: 413 }),
    'webhook_requests_total{source="unknown",code="413"}',
    1,
  ],
  [
    (m) => m.alertsReceived.inc({ source: "grafana", status: "firing" }, 3),
    'alerts_received_total{source="grafana",status="firing"}',
    3,
  ],
  [(m) => m.alertsInvalid.inc({ source: "grafana" }, 2), 'alerts_invalid_total{source="grafana"}', 2],
  [(m) => m.alertsDropped.inc({ source: "grafana" }, 2), 'alerts_dropped_total{source="grafana"}', 2],
  [
    (m) => m.duplicatesSuppressed.inc({ source: "alertmanager" }, 2),
    'duplicates_suppressed_total{source="alertmanager"}',
    2,
  ],
  [
    (m) => m.authFailures.inc({ hook: "admin", reason: "wrong" }),
    'auth_failures_total{hook="admin",reason="wrong"}',
    1,
  ],
  [(m) => m.notificationsSuperseded.inc({ bot: "ops" }, 2), 'notifications_superseded_total{bot="ops"}', 2],
  [(m) => m.alertsDelivered.inc({ bot: "ops", mode: "late" }, 5), 'alerts_delivered_total{bot="ops",mode="late"}', 5],
  [(m) => m.messageParts.inc({ bot: "ops", kind: "text" }), 'message_parts_total{bot="ops",kind="text"}', 1],
  [
    (m) => m.optionalParts.inc({ bot: "ops", kind: "picture", result: "late" }, 2),
    'optional_parts_total{kind="picture",result="late"}',
    2,
  ],
  [
    (m) => m.optionalParts.inc({ bot: "ops", kind: "graph", result: "sent" }),
    'optional_parts_by_bot_total{bot="ops",kind="graph",result="sent"}',
    1,
  ],
  [
    (m) => m.datasources.queries.inc({ datasource: "prod", result: "timeout" }),
    'datasource_queries_total{datasource="prod",result="timeout"}',
    1,
  ],
  [(m) => m.datasources.up.set({ datasource: "prod" }, 1), 'datasource_up{datasource="prod"}', 1],
  [(m) => m.shortenedValues.inc({ bot: "ops" }, 4), 'shortened_values_total{bot="ops"}', 4],
  [(m) => m.templateFailures.inc({ bot: "ops" }), "template_failures_total", 1],
  [(m) => m.templateFailures.inc({ bot: "ops" }), 'template_failures_by_bot_total{bot="ops"}', 1],
  [(m) => m.mentionsFailed.inc({ bot: "ops" }, 2), "mentions_failed_total", 2],
  [(m) => m.mentionsFailed.inc({ bot: "ops" }, 2), 'mentions_failed_by_bot_total{bot="ops"}', 2],
  [(m) => m.notificationRequests.inc({ bot: "ops" }), 'notification_requests_total{bot="ops"}', 1],
  [
    (m) => m.notificationRequestsFailed.inc({ bot: "ops", reason: "busy" }),
    'notification_requests_failed_by_bot_total{bot="ops",reason="busy"}',
    1,
  ],
  [(m) => m.notifications.inc({ bot: "ops" }, 3), 'notifications_total{bot="ops"}', 3],
  [
    (m) => m.notificationsFailed.inc({ bot: "ops", reason: "tooLong" }, 2),
    'notifications_failed_by_bot_total{bot="ops",reason="tooLong"}',
    2,
  ],
  [(m) => m.notificationLatency.observe(1.5), "notification_latency_seconds_sum", 1.5],
  [(m) => m.windowSlotsFree.set({ bot: "ops" }, 17), 'window_slots_free{bot="ops"}', 17],
  [(m) => m.keyUp.set({ bot: "ops" }, 0), 'key_up{bot="ops"}', 0],
  [(m) => m.outboxLimit.set({}, 1000), "outbox_limit_notifications", 1000],
  [(m) => m.unexpectedErrors.inc({ place: "deliver" }), 'unexpected_errors_total{place="deliver"}', 1],
  [(m) => m.tlsSuccessful.set({}, 0), "tls_last_reload_successful", 0],
  [(m) => m.tlsHandshakeFailures.inc({}), "tls_handshake_failures_total", 1],
  [(m) => m.configLoaded({ atMs: 5_000, hash: "00000000000affff" }), "config_hash", 10],
  [(m) => m.demo.set({}, 1), "demo", 1],
  [(m) => m.configRefused(), "config_last_reload_successful", 0],
];
for (const [change, series, value] of cases) {
  test(`a change of ${series} is shown`, async () => {
    const metrics = new Metrics(["ops"], "1");

    change(metrics);

    assert.equal(await shown(metrics, series), value);
  });
}

test("the backlog is read at every scrape, and a bot without any is zero again", async () => {
  const metrics = new Metrics(["ops"], "1");
  let backlog = [{ bot: "ops", notifications: 3, oldestMs: 90_000 }];
  metrics.backlogFrom(async () => backlog);

  assert.equal(await shown(metrics, 'outbox_notifications{bot="ops"}'), 3);
  assert.equal(await shown(metrics, 'outbox_oldest_seconds{bot="ops"}'), 90);
  backlog = [];
  assert.equal(await shown(metrics, 'outbox_notifications{bot="ops"}'), 0);
  assert.equal(await shown(metrics, 'outbox_oldest_seconds{bot="ops"}'), 0);
});

test("metrics are readable while the outbox is not, and count that", async () => {
  const metrics = new Metrics(["ops"], "1");
  metrics.backlogFrom(async () => Promise.reject(new Error("no database")));

  assert.equal(await shown(metrics, 'unexpected_errors_total{place="metrics"}'), 1);
});

test("bots added by a reload have gauges at once, and the others keep their counts", async () => {
  const metrics = new Metrics(["ops"], "1");
  metrics.notificationRequests.inc({ bot: "ops" });
  metrics.keyUp.set({ bot: "ops" }, 0);

  metrics.addBots(["ops", "dba"]);

  assert.equal(await shown(metrics, 'notification_requests_total{bot="ops"}'), 1);
  assert.equal(await shown(metrics, 'key_up{bot="ops"}'), 0);
  assert.equal(await shown(metrics, 'window_slots_free{bot="dba"}'), 0);
});

test("two registries in one process are independent", async () => {
  const [one, other] = [new Metrics(["ops"], "1"), new Metrics(["ops"], "1")];

  one.notificationRequests.inc({ bot: "ops" });

  assert.equal(await shown(one, 'notification_requests_total{bot="ops"}'), 1);
  assert.equal(await shown(other, 'notification_requests_total{bot="ops"}'), undefined);
});
