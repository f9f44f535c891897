import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { datasourceOf, ruleHintOf } from "../../../../src/graph/datasource/generator-url.ts";

const datasources = [
  { name: "prod", generatorURLs: ["http://prometheus-0:9090", "https://prom.example.cn/prod"] },
  { name: "tenant", generatorURLs: ["https://prom.example.cn/prod/tenant-a"] },
  { name: "vm", generatorURLs: ["http://vmalert:8880"] },
];

describe("datasourceOf", () => {
  const cases: readonly (readonly [generatorURL: string | null, name: string | null])[] = [
    ["http://prometheus-0:9090/graph?g0.expr=up&g0.tab=1", "prod"],
    ["http://PROMETHEUS-0:9090/graph", "prod"],
    ["http://prometheus-0:9090", "prod"],
    ["http://prometheus-0:9091/graph", null],
    ["https://prometheus-0:9090/graph", null],
    ["http://prometheus-0.example:9090/graph", null],
    ["http://prometheus-0:9090@evil.example/graph", null],
    ["http://evil.example/http://prometheus-0:9090/graph", null],
    ["https://prom.example.cn/prod/graph?g0.expr=up", "prod"],
    ["https://prom.example.cn:443/prod", "prod"],
    ["https://prom.example.cn/production/graph", null],
    ["https://prom.example.cn/prod/../other/graph", null],
    ["https://prom.example.cn/prod/tenant-a/graph", "tenant"],
    ["https://prom.example.cn/prod/tenant-ab/graph", "prod"],
    ["http://vmalert:8880/vmalert/alert?group_id=1&alert_id=2", "vm"],
    ["not a URL", null],
    [`http://vmalert:8880/${"a".repeat(70_000)}`, null],
    [null, null],
  ];
  for (const [generatorURL, name] of cases) {
    it(`of ${generatorURL?.slice(0, 70)} is ${name}`, () => {
      assert.equal(datasourceOf(generatorURL, datasources)?.name ?? null, name);
    });
  }
});

describe("ruleHintOf", () => {
  const left = { datasource: "VictoriaMetrics", queries: [{ expr: "up == 0", refId: "A" }], range: { from: "now-1h" } };
  const oldLeft = ["now-1h", "now", "VictoriaMetrics", { expr: "up == 0" }, { mode: "Metrics" }];
  const panes = { abc: { datasource: "x", queries: [{ refId: "A", expr: "up == 0", range: true }] } };
  const written = (value: unknown) => encodeURIComponent(JSON.stringify(value));
  const cases: readonly (readonly [generatorURL: string | null, expression: string | null, groupId: string | null])[] =
    [
      ["http://p:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1", "up == 0", null],
      ["http://p:9090/graph?g0.expr=%E7%A3%81%E7%9B%98%20%3E%201", "磁盘 > 1", null],
      ["http://p:9090/graph?g0.expr=", null, null],
      ["http://p:9090/graph?g1.expr=up", null, null],
      ["http://v:8880/vmalert/alert?group_id=17&alert_id=4", null, "17"],
      ["http://v:8428/vmui/#/?g0.expr=up%20%3D%3D%200&g0.range_input=1h", "up == 0", null],
      [`http://g:3000/explore?orgId=1&left=${written(left)}`, "up == 0", null],
      [`http://g:3000/explore?left=${written(oldLeft)}`, "up == 0", null],
      [`http://g:3000/explore?schemaVersion=1&panes=${written(panes)}`, "up == 0", null],
      ["http://g:3000/explore?left=%7Bbroken", null, null],
      [`http://g:3000/explore?left=${"[".repeat(2000)}${"]".repeat(2000)}`, null, null],
      ["http://g:3000/alerting/grafana/abc/view?orgId=1", null, null],
      ["not a URL", null, null],
      [null, null, null],
    ];
  for (const [generatorURL, expression, groupId] of cases) {
    it(`of ${generatorURL?.slice(0, 70)}`, () => {
      assert.deepEqual(ruleHintOf(generatorURL), { expression, groupId });
    });
  }

  it("finds any expression that Prometheus writes", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (text) => {
        fc.pre(text.trim() !== "");
        const url = `http://p:9090/graph?${new URLSearchParams({ "g0.expr": text, "g0.tab": "1" })}`;

        assert.equal(ruleHintOf(url).expression, text);
      }),
    );
  });
});
