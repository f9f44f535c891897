import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compileCard } from "../../../../src/render/card/card-template.ts";
import { createEnvironment } from "../../../../src/render/template/environment.ts";

const environment = createEnvironment();

function issuesOf(text: string): readonly string[] {
  const compiled = compileCard(
    "text_notice",
    { name: "x", path: "x.text_notice.yaml", text, language: null },
    environment,
  );
  assert.equal(compiled.kind, "invalid");
  const { issues } = compiled as Extract<typeof compiled, { kind: "invalid" }>;
  return issues.map(({ code, line, column }) => `${code} ${line}:${column}`);
}

describe("an issue of a card's template has its position", () => {
  const cases: readonly (readonly [rule: string, text: string, issues: readonly string[]])[] = [
    ["an unknown field", "main_title:\n  titel: x\n", ["template_card_field 2:3"]],
    ["a field of another card", "card_image: {url: x}\n", ["template_card_field 1:1"]],
    ["an unknown field in a list", "jump_list:\n  - title: a\n    href: b\n", ["template_card_field 3:5"]],
    ["a text in the place of a list", "jump_list: x\n", ["template_card_field 1:12"]],
    [
      "a template without quotes, which YAML reads as a map",
      "sub_title_text: {{name}}\n",
      ["template_card_field 1:17"],
    ],
    ["YAML that cannot be read", "main_title: [\n", ["template_yaml 2:1"]],
    ["a file that is no map", "just text\n", ["template_card_field 1:1"]],
    ["a leaf's fault in quotes", 'main_title:\n  title: "{{#if a}}"\n', ["template_syntax 2:11"]],
    ["a leaf's fault in a block", "sub_title_text: |-\n  ok\n  {{nope 1}}\n", ["template_unknown_helper 3:3"]],
    ["every fault at once", "a: 1\nb: 2\n", ["template_card_field 1:1", "template_card_field 2:1"]],
  ];
  for (const [rule, text, issues] of cases) {
    test(rule, () => {
      const places = issuesOf(text);

      assert.deepEqual(
        places.map((place) => place.replace(/:\d+$/, "")),
        issues.map((issue) => issue.replace(/:\d+$/, "")),
      );
    });
  }
});

test("columns point at the field and at the issue inside a quoted leaf", () => {
  assert.deepEqual(issuesOf("main_title:\n  titel: x\n"), ["template_card_field 2:3"]);
  assert.deepEqual(issuesOf('main_title:\n  title: "ok {{nope 1}}"\n'), ["template_unknown_helper 2:16"]);
});

test("leaves are rendered in place, and what they render is not parsed again", () => {
  const text = 'main_title:\n  title: "{{name}}"\nsource:\n  desc_color: 2\n';
  const compiled = compileCard("text_notice", { name: "x", path: "x", text, language: null }, environment);

  assert.equal(compiled.kind, "compiled");
  const { card } = compiled as Extract<typeof compiled, { kind: "compiled" }>;
  const part = card.render({ name: "a: [b]\n{{now}}" }, { now: 0, timezone: "UTC", language: "en" });

  assert.deepEqual(part, { main_title: { title: "a: [b]\n{{now}}" }, source: { desc_color: "2" } });
});
