// The rules of deploy/ and the runbook, both ways, in both languages; and metrics that exist.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { createMetrics } from "../../src/observe/metrics.ts";
import { anchorOf, headings, read } from "./pages.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const rulesText = read("deploy/alertmanager-wecom.rules.yaml");
const { groups } = parse(rulesText) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

describe("the rules of deploy", () => {
  it("have a severity, a summary, a description and a place in the runbook", () => {
    for (const { alert, labels, annotations } of rules) {
      assert.match(labels.severity, /^(critical|warning)$/u);
      assert.deepEqual(Object.keys(annotations), ["summary", "description", "runbook_url"]);
      assert.equal(annotations.runbook_url, `docs/runbook.md#${anchorOf(alert)}`);
    }
  });

  for (const page of ["docs/runbook.md", "docs/runbook.zh-CN.md"]) {
    it(`${page} has a section for each, in their order, and for no other`, () => {
      const sections = headings(read(page)).slice(1);

      assert.deepEqual(
        sections.map(({ text }) => text),
        rules.map(({ alert }) => alert),
      );
    });
  }

  it("and the dashboard use metrics that exist", async () => {
    const exposed = await createMetrics(["ops"], "0.0.0").text();
    const known = new Set([...exposed.matchAll(/^# TYPE (\w+) /gmu)].map(([, name]) => name));

    const used = [
      ...`${rulesText}${read("deploy/dashboard.json")}`.matchAll(/\b(?:alertmanager_wecom|process|nodejs)_\w+/gu),
    ];

    assert.ok(used.length > 30);
    for (const [name] of used) assert.ok(known.has(name.replace(/_bucket$/u, "")), name);
  });
});
