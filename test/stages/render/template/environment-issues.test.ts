// The issues that compiling a template finds, with their positions.
import assert from "node:assert/strict";
import { test } from "node:test";
import Handlebars from "handlebars";
import { createEnvironment } from "../../../../src/render/template/environment.ts";
import { compile, source } from "./compiling.ts";

interface Faulty {
  readonly text: string;
  readonly at: readonly [line: number, column: number];
  readonly code: "template_syntax" | "template_unknown_helper";
  readonly says: RegExp;
}

const FAULTY: readonly Faulty[] = [
  { text: "a\n  {{foo 1}}", at: [2, 5], code: "template_unknown_helper", says: /no helper "foo"/ },
  { text: "{{a (toUper b)}}", at: [1, 3], code: "template_unknown_helper", says: /no helper "a"/ },
  { text: "{{len (toUper b)}}", at: [1, 8], code: "template_unknown_helper", says: /did you mean "toUpper"/ },
  { text: "{{labels.title 'x'}}", at: [1, 3], code: "template_unknown_helper", says: /labels\.title/ },
  { text: "{{#loop a}}{{/loop}}", at: [1, 4], code: "template_unknown_helper", says: /no helper "loop"/ },
  { text: "{{#toUpper a}}{{/toUpper}}", at: [1, 4], code: "template_unknown_helper", says: /not be used as a block/ },
  { text: "{{#if (each a)}}{{/if}}", at: [1, 8], code: "template_unknown_helper", says: /needs a block/ },
  { text: "{{log a}}", at: [1, 3], code: "template_unknown_helper", says: /no helper "log"/ },
  { text: "{{helperMissing}}{{constructor 1}}", at: [1, 20], code: "template_unknown_helper", says: /"constructor"/ },
  { text: "{{#if a b}}{{/if}}", at: [1, 4], code: "template_syntax", says: /takes one value, got 2/ },
  { text: "{{#each}}{{/each}}", at: [1, 4], code: "template_syntax", says: /takes one value, got 0/ },
  { text: "{{date a}}", at: [1, 3], code: "template_syntax", says: /date LAYOUT TIME/ },
  { text: "x {{#if a}}\n{{> missing}}{{/if}}", at: [2, 1], code: "template_syntax", says: /no partial "missing"/ },
  { text: "{{#if a}}\n  {{/each}}", at: [1, 4], code: "template_syntax", says: /if doesn't match each/ },
  { text: "a\n{{#if a}}\nb", at: [3, 2], code: "template_syntax", says: /not closed/ },
  { text: "a\n\n {{/if}}", at: [3, 2], code: "template_syntax", says: /no such block is open/ },
  { text: "中文\n中文 {{ a ", at: [2, 9], code: "template_syntax", says: /unexpected/ },
  {
    text: "{{ a }}{{ a }} and {{ a }} and a long text before the fault\n{{ .a.. }}",
    at: [2, 4],
    code: "template_syntax",
    says: /unexpected/,
  },
  { text: "{{range .Alerts}}{{end}}", at: [1, 3], code: "template_syntax", says: /Go's syntax/ },
  { text: "{{ $x := 1 }}", at: [1, 4], code: "template_unknown_helper", says: /no helper "\$x"/ },
  { text: "{{#if a}}{{toUpper labels .x}}{{/if}}", at: [1, 20], code: "template_syntax", says: /Go's syntax/ },
  { text: "{{* decorate}}", at: [1, 1], code: "template_syntax", says: /only \{\{#\*inline/ },
  { text: "{{#*other}}{{/other}}", at: [1, 1], code: "template_syntax", says: /only \{\{#\*inline/ },
  { text: "{{> p a b}}", at: [1, 1], code: "template_syntax", says: /partial/ },
];

for (const { text, at, code, says } of FAULTY) {
  test(`${JSON.stringify(text)} is an issue at ${at.join(":")}`, () => {
    const compiled = compile(text, [source("", "p")]);

    assert.equal(compiled.kind, "invalid");
    const issue = compiled.kind === "invalid" ? compiled.issue : null;
    assert.deepEqual(
      [issue?.line, issue?.column, issue?.code, issue?.path],
      [...at, code, "templates/main.hbs"],
      issue?.message,
    );
    assert.match(issue?.message ?? "", says);
  });
}

test("the issue of a partial is reported for each template that uses it, at its position in the partial", () => {
  const partials = [source("{{> second}}", "first"), source("{{> first}}\n{{foo 1}}", "second")];

  const compiled = compile("{{> first}}", partials);

  assert.equal(
    compiled.kind === "invalid" && `${compiled.issue.path}:${compiled.issue.line}`,
    "templates/second.hbs:2",
  );
  assert.equal(compile("no partials", partials).kind, "compiled");
});

test("only text is a template: a parsed tree is rejected", () => {
  const tree = Handlebars.parse("{{a}}") as unknown as string;

  const compiled = createEnvironment({ escape: String }).compile({ name: "t", path: "t", text: tree });

  assert.equal(compiled.kind, "invalid");
});
