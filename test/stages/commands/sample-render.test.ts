import assert from "node:assert/strict";
import { test } from "node:test";
import { renderSamples } from "../../../src/commands/sample-render.ts";
import { loadTemplates } from "../../../src/render/load-templates.ts";
import { buildTemplateSet } from "../../../src/render/template/template-set.ts";
import { sampleAlert, sampleGroup, settings, sourcesOf, templatesOf } from "../render/deliveries.ts";
import { treeOf } from "../route/samples.ts";

const input = {
  samples: [{ name: "one", group: sampleGroup([sampleAlert({ alertname: "A" })]) }],
  route: treeOf({}),
  settings,
};

test("the built-in templates have no issues, digests included", () => {
  for (const language of ["zh", "en"] as const) {
    const templates = templatesOf(loadTemplates({ language, globs: [], baseDir: "." }));

    assert.deepEqual(renderSamples({ ...input, templates }).issues, []);
  }
});

test("a template of digests that fails is an issue", () => {
  const files = { "digest.markdown.hbs": '{{match "(" bot}}', "digest.markdown_v2.hbs": "x", "digest.text.hbs": "x" };
  const templates = templatesOf(buildTemplateSet(sourcesOf(files)));

  const { issues } = renderSamples({ ...input, templates });

  assert.equal(issues.length, 1);
  assert.match(issues[0] ?? "", /^template digest\.markdown fails with all samples: .*match/);
});
