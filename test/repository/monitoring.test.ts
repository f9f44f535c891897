// The metrics in rules, dashboard and pages exist; rules and runbook name the same alerts.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { parse } from "yaml";
import { Metrics } from "../../src/observe/metrics.ts";
import { anchorOf, headings, pages, read } from "./pages.ts";

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
  it("have a severity, a summary, a description and a section of the runbook", () => {
    for (const { alert, labels, annotations } of rules) {
      assert.match(labels.severity, /^(critical|warning)$/u);
      assert.deepEqual(Object.keys(annotations), ["summary", "description", "runbook_url"]);
      assert.equal(annotations.runbook_url, `docs/runbook.md#${anchorOf(alert)}`);
    }
  });

  for (const page of ["docs/runbook.md", "docs/runbook.zh-CN.md"]) {
    it(`${page} has one section for each alert, in the same order`, () => {
      const sections = headings(read(page)).slice(1);

      assert.deepEqual(
        sections.map(({ text }) => text),
        rules.map(({ alert }) => alert),
      );
    });
  }
});

describe("metrics that exist", () => {
  let known: ReadonlySet<string | undefined>;

  before(async () => {
    const exposed = await new Metrics(["ops"], "0.0.0").text();
    known = new Set([...exposed.matchAll(/^# TYPE (\w+) /gmu)].map(([, name]) => name));
  });

  it("are used by rules and dashboard", () => {
    const text = rulesText + read("deploy/dashboard.json");

    const used = [...text.matchAll(/\b(?:alertmanager_wecom|process|nodejs)_\w+/gu)];

    assert.ok(used.length > 30);
    for (const [name] of used) assert.ok(known.has(name.replace(/_bucket$/u, "")), name);
  });

  it("are named on the pages", () => {
    const named = pages.flatMap((page) => [...read(page).matchAll(/\balertmanager_wecom_\w*[a-z]\b/gu)]);

    assert.ok(named.length > 0);
    for (const [name] of named) assert.ok(known.has(name), name);
  });
});
