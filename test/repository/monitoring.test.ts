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

/** Without what people read. */
function untranslated(value: unknown, texts: ReadonlySet<string>): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) => (texts.has(key) ? null : inner));
}

/** English texts may stand where there is nothing to translate: names, values of labels. */
function shownTexts(value: unknown, texts: ReadonlySet<string>): readonly string[] {
  const found: string[] = [];
  JSON.stringify(value, (key, inner: unknown) => {
    if (texts.has(key) && typeof inner === "string") found.push(inner);
    return inner;
  });
  return found.filter((text) => /[a-z]{3} /u.test(text.replace(/\{\{.*?\}\}|`.*?`/gu, "")));
}

describe("the Chinese files of deploy", () => {
  const both = (path: string, language: string) => parse(read(`deploy/${path.replace(/\.(?=\w+$)/u, `${language}.`)}`));
  for (const [path, ...names] of [
    ["alertmanager-wecom.rules.yaml", "summary", "description", "runbook_url"],
    ["dashboard.json", "title", "description", "legendFormat", "label", "text"],
  ] as const) {
    const texts = new Set<string>(names);

    it(`say the same as ${path} in Chinese`, () => {
      const [english, chinese] = [both(path, ""), both(path, ".zh-CN")];

      assert.deepEqual(untranslated(chinese, texts), untranslated(english, texts));
      const left = shownTexts(chinese, texts).filter((text) => !/\p{Script=Han}/u.test(text));
      assert.deepEqual(left, []);
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
