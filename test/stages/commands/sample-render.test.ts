import assert from "node:assert/strict";
import { test } from "node:test";
import { renderSamples } from "../../../src/commands/sample-render.ts";
import { noticingTemplates } from "../../../src/commands/unknown-fields.ts";
import { loadSamples } from "../../../src/console/samples.ts";
import { buildTemplateSet } from "../../../src/render/template/template-set.ts";
import { builtIn, sampleAlert, sampleGroup, settings, sourcesOf, templatesOf } from "../render/deliveries.ts";
import { treeOf } from "../route/samples.ts";

const input = {
  samples: [{ name: "one", group: sampleGroup([sampleAlert({ alertname: "A" })]) }],
  route: treeOf({}),
  settings,
  verbose: true,
};

test("the built-in templates have no issues, digests included", () => {
  for (const language of ["zh", "en"] as const) {
    const { issues } = renderSamples({ ...input, route: treeOf({ language }), templates: builtIn });

    assert.deepEqual(issues, []);
  }
});

test("no built-in template asks for a field that there is not, with any of the samples", () => {
  for (const language of ["zh", "en"] as const) {
    const { templates, warnings } = noticingTemplates(builtIn, builtIn.sources);

    renderSamples({ ...input, samples: loadSamples(), route: treeOf({ language }), templates });

    assert.deepEqual([...warnings], []);
  }
});

test("every template is tried in each language that a route uses, and the report says in which", () => {
  const route = treeOf({ routes: [{ match: "team=x", language: "en" }] });

  const { report } = renderSamples({ ...input, route, templates: builtIn });

  const markdown = report.filter((line) => line.startsWith("markdown,") || line.startsWith("markdown "));
  assert.deepEqual(
    markdown.map((line) => line.replace(/:.*/, "")),
    ['markdown "default" in zh', 'markdown "default" in en'],
  );
  assert.notEqual(markdown[0]?.replace(/.*:/, ""), markdown[1]?.replace(/.*:/, ""));
});

test("a template of digests that fails is an issue", () => {
  const files = { "digest.markdown.hbs": '{{match "(" bot}}', "digest.markdown_v2.hbs": "x", "digest.text.hbs": "x" };
  const templates = templatesOf(buildTemplateSet(sourcesOf(files)));

  const { issues } = renderSamples({ ...input, templates });

  assert.equal(issues.length, 1);
  assert.match(issues[0] ?? "", /^template digest\.markdown fails with all samples: .*match/);
});
