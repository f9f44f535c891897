import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Alert } from "../../../../src/domain/alert.ts";
import { Datasources } from "../../../../src/graph/datasource/datasources.ts";
import type { FakeSeries } from "../../../support/fake-prometheus.ts";
import { sampleGroup } from "../../render/deliveries.ts";
import { type DatasourceLab, datasourceLab, diskAlert, never, query } from "./lab.ts";

const draw = "disk_used_ratio";

interface Lab extends DatasourceLab {
  readonly datasources: Datasources;
}

/** web-1 was over the threshold from 30 to 10 minutes ago. */
async function lab(settings: Parameters<typeof datasourceLab>[0] = {}): Promise<Lab> {
  const made = await datasourceLab(settings);
  const now = made.clock.now();
  made.prometheus.rules = [{ name: "DiskFull", query }];
  made.prometheus.series.set(draw, [
    seriesOf("web-1", (at) => (at >= now - 1_800_000 && at < now - 600_000 ? 0.93 : 0.65)),
    seriesOf("web-2", () => 0.5),
    seriesOf("web-3", () => 0.7),
  ]);
  return { ...made, datasources: new Datasources([made.datasource], made.clock) };
}

function seriesOf(instance: string, valueAt: FakeSeries["valueAt"]): FakeSeries {
  return { labels: { __name__: draw, instance }, valueAt };
}

function resolved({ clock }: Lab, instance: string, rest: Partial<Alert> = {}): Alert {
  const now = clock.now();
  return diskAlert(instance, { status: "resolved", startsAt: now - 1_800_000, endsAt: now - 600_000, ...rest });
}

async function recoveryOf(at: Lab, alert: Alert) {
  return (await at.datasources.recoveriesOf([alert], never)).get(alert.identity) ?? null;
}

async function graphOf(at: Lab, alerts: readonly Alert[], signal = never) {
  const options = { language: "zh", timezone: "Asia/Shanghai", signal } as const;
  return at.datasources.graphOf(sampleGroup(alerts), options);
}

async function contentOf(at: Lab, alerts: readonly Alert[]) {
  const result = await graphOf(at, alerts);
  assert.equal(result.kind, "graph", JSON.stringify(result));
  return (result as Extract<typeof result, { kind: "graph" }>).content;
}

describe("recoveriesOf", () => {
  it("is the value five seconds after the end, with the threshold", async () => {
    await using at = await lab();

    assert.deepEqual(await recoveryOf(at, resolved(at, "web-1")), {
      kind: "value",
      value: "65%",
      thresholds: ["> 90%"],
      at: at.clock.now() - 595_000,
      isBreaching: false,
    });
  });

  it("is not asked of the future", async () => {
    await using at = await lab();
    const endsAt = at.clock.now() - 1_000;

    const recovery = await recoveryOf(at, resolved(at, "web-1", { endsAt }));

    assert.equal(recovery?.kind === "value" && recovery.at, at.clock.now());
  });

  it("says when the value is still over the threshold", async () => {
    await using at = await lab();
    const recovery = await recoveryOf(at, resolved(at, "web-1", { endsAt: at.clock.now() - 700_000 }));

    assert.deepEqual(recovery?.kind === "value" ? [recovery.value, recovery.isBreaching] : recovery, ["93%", true]);
  });

  it("looks again a minute after the end, where the value is still over the threshold: a replica may lag", async () => {
    await using at = await lab();
    const endsAt = at.clock.now() - 600_000;
    at.prometheus.series.set(draw, [seriesOf("web-1", (time) => (time < endsAt + 15_000 ? 0.93 : 0.65))]);

    const recovery = await recoveryOf(at, resolved(at, "web-1", { endsAt }));

    assert.deepEqual(recovery?.kind === "value" ? [recovery.value, recovery.isBreaching, recovery.at] : recovery, [
      "65%",
      false,
      endsAt + 60_000,
    ]);
  });

  it("does not say that a series is gone when the answer is partial", async () => {
    await using at = await lab();
    const endedAt = at.clock.now() - 600_000;
    at.prometheus.series.set(draw, [seriesOf("web-1", (time) => (time < endedAt ? 0.93 : null))]);
    at.prometheus.warnings = ["a store did not answer"];

    assert.equal(await recoveryOf(at, resolved(at, "web-1")), null);
  });

  it("says of alerts that began one after the other that their series are gone", async () => {
    await using at = await lab();
    const [now, endsAt] = [at.clock.now(), at.clock.now() - 600_000];
    const starts = [now - 1_800_000, now - 900_000];
    const alerts = starts.map((startsAt, n) => resolved(at, `web-${n}`, { startsAt, endsAt }));
    at.prometheus.series.set(
      draw,
      starts.map((startsAt, n) => seriesOf(`web-${n}`, (time) => (time >= startsAt && time < endsAt ? 0.93 : null))),
    );

    const recoveries = await at.datasources.recoveriesOf(alerts, never);

    assert.deepEqual([...recoveries.values()], [{ kind: "gone" }, { kind: "gone" }]);
  });

  it("says when the series is gone, if it was there before", async () => {
    await using at = await lab();
    const endedAt = at.clock.now() - 600_000;
    at.prometheus.series.set(draw, [seriesOf("web-1", (time) => (time < endedAt ? 0.93 : null))]);

    assert.deepEqual(await recoveryOf(at, resolved(at, "web-1")), { kind: "gone" });
  });

  const unknown: readonly (readonly [name: string, alert: (at: Lab) => Alert, prepare?: (at: Lab) => void])[] = [
    ["it never had a series with these labels", (at) => resolved(at, "web-9")],
    ["it fires", () => diskAlert("web-1")],
    ["it has no end", (at) => resolved(at, "web-1", { endsAt: null })],
    ["it has no start, and its series is gone", (at) => resolved(at, "web-9", { startsAt: null })],
    ["Grafana sent values", (at) => resolved(at, "web-1", { values: { A: 1 } })],
    ["Grafana sent a reason", (at) => resolved(at, "web-1", { annotations: { grafana_state_reason: "Paused" } })],
    [
      "its generatorURL is of no datasource",
      (at) => ({
        ...resolved(at, "web-1"),
        links: { ...diskAlert("").links, generatorURL: "http://other:9090/graph" },
      }),
    ],
    [
      "its expression is none of the rules",
      (at) => {
        const generatorURL = `http://prometheus:9090/graph?g0.expr=${encodeURIComponent('count({__name__=~".+"}) > 1')}`;
        return { ...resolved(at, "web-1"), links: { ...diskAlert("").links, generatorURL } };
      },
    ],
    ["no rule has its name", (at) => resolved(at, "web-1"), ({ prometheus }) => (prometheus.rules = [])],
    [
      "the value is not a number",
      (at) => resolved(at, "web-1"),
      (at) => at.prometheus.series.set(draw, [seriesOf("web-1", () => Number.NaN)]),
    ],
    [
      "several series are its own",
      (at) => resolved(at, "web-1"),
      (at) =>
        at.prometheus.series.set(draw, [
          seriesOf("web-1", () => 1),
          { labels: { __name__: "x", instance: "web-1" }, valueAt: () => 2 },
        ]),
    ],
    ["the datasource fails", (at) => resolved(at, "web-1"), (at) => at.prometheus.series.delete(draw)],
  ];
  for (const [name, alert, prepare] of unknown) {
    it(`is nothing where ${name}`, async () => {
      await using at = await lab();
      prepare?.(at);

      assert.equal(await recoveryOf(at, alert(at)), null);
    });
  }

  for (const text of ["absent(disk_used_ratio) > 0", "disk_used_ratio > 0.9 or up == 0", "disk_used_ratio > limit"]) {
    it(`is nothing for ${text}`, async () => {
      await using at = await lab();
      at.prometheus.rules = [{ name: "DiskFull", query: text }];
      const generatorURL = `http://prometheus:9090/graph?${new URLSearchParams({ "g0.expr": text })}`;
      const alert = resolved(at, "web-1");

      assert.equal(await recoveryOf(at, { ...alert, links: { ...alert.links, generatorURL } }), null);
      assert.deepEqual(
        at.prometheus.requests.map(({ path }) => path),
        ["/api/v1/rules"],
      );
    });
  }

  it("asks once for all alerts of a rule with one end", async () => {
    await using at = await lab();
    const alerts = ["web-1", "web-2", "web-3"].map((instance) => resolved(at, instance));

    const recoveries = await at.datasources.recoveriesOf(alerts, never);

    assert.deepEqual(
      [...recoveries.keys()],
      alerts.map(({ identity }) => identity),
    );
    assert.deepEqual(
      at.prometheus.requests.map(({ path }) => path),
      ["/api/v1/rules", "/api/v1/query"],
    );
  });

  it("ends with the signal, with what is known", async () => {
    await using at = await lab();
    at.prometheus.misbehave = () => true;
    const over = new AbortController();
    const asked = at.datasources.recoveriesOf([resolved(at, "web-1")], over.signal);
    while (at.prometheus.requests.length === 0) await turn();

    over.abort();

    assert.equal((await asked).size, 0);
  });

  it("does not take longer for each alert: 1,000 among 20,000 series", async () => {
    await using at = await lab();
    const many = Array.from({ length: 20_000 }, (_, n) => seriesOf(`web-${n}`, () => 0.5));
    at.prometheus.series.set(draw, many);
    const alerts = Array.from({ length: 1_000 }, (_, n) => resolved(at, `web-${n}`));

    const startedAt = performance.now();
    const recoveries = await at.datasources.recoveriesOf(alerts, never);

    assert.equal(recoveries.size, 1_000);
    assert.ok(performance.now() - startedAt < 3_000, `${performance.now() - startedAt} ms`);
  });
});

describe("graphOf, of a firing alert", () => {
  it("has the series of the alert first, its neighbours, the threshold and the value now", async () => {
    await using at = await lab();
    const startsAt = at.clock.now() - 300_000;
    at.prometheus.series.set(draw, [
      seriesOf("web-1", (time) => (time >= startsAt - 60_000 ? 0.93 : 0.65)),
      seriesOf("web-2", () => 0.5),
      seriesOf("web-3", () => 0.7),
    ]);

    const { series, startAt, endAt, ...content } = await contentOf(at, [diskAlert("web-1", { startsAt })]);

    assert.deepEqual(content, {
      title: "DiskFull",
      subtitle: query,
      status: "firing",
      value: "93%",
      unit: "ratio",
      thresholds: [{ op: ">", value: 0.9 }],
      omittedSeries: 0,
      firedAt: startsAt,
      resolvedAt: null,
      language: "zh",
      timezone: "Asia/Shanghai",
      source: "prod",
    });
    assert.equal(endAt, at.clock.now());
    assert.ok(endAt - startAt >= 3_600_000 && endAt - startAt < 3_900_000);
    assert.deepEqual(
      series.map(({ name, isAlert, points }) => [name, isAlert, points.at(-1)]),
      [
        ["web-1", true, [endAt, 0.93]],
        ["web-3", false, [endAt, 0.7]],
        ["web-2", false, [endAt, 0.5]],
      ],
    );
    assert.ok(series.every(({ points }) => points.length >= 240 && points.length <= 241));
  });

  it("asks for the chosen series only", async () => {
    await using at = await lab();
    at.prometheus.series.set(
      draw,
      Array.from({ length: 500 }, (_, n) => seriesOf(`web-${n}`, () => n)),
    );

    const content = await contentOf(at, [diskAlert("web-1")]);

    assert.equal(content.series.length, 6);
    assert.equal(content.omittedSeries, 494);
    const asked = at.prometheus.requests.find(({ path }) => path === "/api/v1/query_range")?.parameters.get("query");
    assert.equal(asked?.match(/label_replace/gu)?.length, 6);
  });

  it("has no value where several alerts have one each", async () => {
    await using at = await lab();

    const content = await contentOf(at, [diskAlert("web-1"), diskAlert("web-2")]);

    assert.equal(content.value, null);
    assert.deepEqual(
      content.series.map(({ isAlert }) => isAlert),
      [true, true, false],
    );
  });

  it("is of the rule with the most alerts that fire", async () => {
    await using at = await lab();
    const other = { ...diskAlert("web-1"), labels: { alertname: "Other", instance: "web-1" } };

    const content = await contentOf(at, [other, diskAlert("web-1"), diskAlert("web-2"), resolved(at, "web-3")]);

    assert.equal(content.title, "DiskFull");
    assert.equal(content.status, "firing");
  });

  it("is of all alerts of the rule, whichever replica of the server sent them", async () => {
    await using at = await lab({ generatorURLs: ["http://prometheus:9090", "http://other:9090"] });
    const other = diskAlert("web-2");
    const generatorURL = other.links.generatorURL?.replace("prometheus:", "other:") ?? null;

    const content = await contentOf(at, [diskAlert("web-1"), { ...other, links: { ...other.links, generatorURL } }]);

    assert.deepEqual(
      content.series.map(({ isAlert }) => isAlert),
      [true, true, false],
    );
  });

  it("keeps hostile labels and values", async () => {
    await using at = await lab();
    const instance = '$1 "\\ </svg> $a 磁盘\n';
    at.prometheus.series.set(draw, [seriesOf(instance, () => 0.95), seriesOf("web-2", () => 0.5)]);

    const content = await contentOf(at, [diskAlert(instance)]);

    assert.deepEqual(
      content.series.map(({ name, points }) => [name, points.length > 200]),
      [
        [instance, true],
        ["web-2", true],
      ],
    );
  });

  it("asks the datasource once for two groups with the same alerts in the same step", async () => {
    await using at = await lab();
    await contentOf(at, [diskAlert("web-1")]);
    const before = at.prometheus.requests.length;

    await contentOf(at, [diskAlert("web-1")]);

    assert.equal(at.prometheus.requests.length, before);
  });
});

describe("graphOf, of a resolved alert", () => {
  it("has the value at recovery, and time before and after", async () => {
    await using at = await lab();

    const content = await contentOf(at, [resolved(at, "web-1")]);

    assert.deepEqual([content.status, content.value], ["resolved", "65%"]);
    assert.equal(content.resolvedAt, at.clock.now() - 600_000);
    assert.ok(content.startAt < at.clock.now() - 2_400_000);
    assert.ok(content.endAt > at.clock.now() - 60_000 && content.endAt <= at.clock.now());
  });

  it("has no value where the expression itself ends the series", async () => {
    await using at = await lab();
    const [text, inner] = ["count(up == 0) > 2", "count(up == 0)"];
    const endedAt = at.clock.now() - 600_000;
    at.prometheus.rules = [{ name: "DiskFull", query: text }];
    at.prometheus.series.set(inner, [{ labels: {}, valueAt: (time) => (time < endedAt ? 3 : null) }]);
    const generatorURL = `http://prometheus:9090/graph?${new URLSearchParams({ "g0.expr": text })}`;
    const alert = resolved(at, "web-1");

    const content = await contentOf(at, [{ ...alert, links: { ...alert.links, generatorURL } }]);

    assert.equal(content.value, null);
  });

  it("has no data where the series is gone, and shows what it was", async () => {
    await using at = await lab();
    const endedAt = at.clock.now() - 600_000;
    at.prometheus.series.set(draw, [seriesOf("web-1", (time) => (time < endedAt ? 0.93 : null))]);

    const content = await contentOf(at, [resolved(at, "web-1")]);

    assert.equal(content.value, "无数据");
    const times = content.series[0]?.points.map(([time]) => time) ?? [];
    assert.ok(times.length > 100 && times.every((time) => time < endedAt));
  });
});

describe("graphOf, without a graph", () => {
  const omissions: readonly (readonly [reason: string, alert: () => Alert, prepare: (at: Lab) => void])[] = [
    [
      "unknownSource",
      () => ({ ...diskAlert("web-1"), links: { ...diskAlert("").links, generatorURL: "http://x/" } }),
      () => {},
    ],
    ["noRule", () => ({ ...diskAlert("web-1"), labels: { instance: "web-1" } }), () => {}],
    [
      "noRule",
      () => diskAlert("web-1"),
      ({ prometheus }) => (prometheus.rules = [{ name: "DiskFull", query: "up == 0" }]),
    ],
    ["noSeries", () => diskAlert("web-9"), () => {}],
    ["badQuery", () => diskAlert("web-1"), ({ prometheus }) => prometheus.series.delete(draw)],
    [
      "rejected",
      () => diskAlert("web-1"),
      ({ prometheus }) => (prometheus.misbehave = (_, res) => Boolean(res.writeHead(500).end())),
    ],
    [
      "unreadable",
      () => diskAlert("web-1"),
      ({ prometheus }) => (prometheus.misbehave = (_, res) => Boolean(res.end("{}"))),
    ],
  ];
  for (const [reason, alert, prepare] of omissions) {
    it(`says ${reason}`, async () => {
      await using at = await lab();
      prepare(at);

      assert.deepEqual(await graphOf(at, [alert()]), { kind: "omitted", reason });
    });
  }

  it("says late when nobody waits any more", async () => {
    await using at = await lab();

    assert.deepEqual(await graphOf(at, [diskAlert("web-1")], AbortSignal.abort()), { kind: "omitted", reason: "late" });
    assert.equal(at.prometheus.requests.length, 0);
  });
});

describe("expressions: any", () => {
  it("takes the expression of the alert, without asking for rules", async () => {
    await using at = await lab({ expressions: "any" });
    at.prometheus.rules = [];

    assert.equal((await contentOf(at, [diskAlert("web-1")])).value, "65%");
    assert.ok(at.prometheus.requests.every(({ path }) => path !== "/api/v1/rules"));
  });
});
