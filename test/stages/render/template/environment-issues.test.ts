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
  { text: "{{range .Alerts}}{{end}}", at: [1, 3], code: "template_syntax", says: /space before a dot/ },
  { text: "{{ $x := 1 }}", at: [1, 4], code: "template_unknown_helper", says: /no helper "\$x"/ },
  { text: "{{#if a}}{{toUpper labels .x}}{{/if}}", at: [1, 20], code: "template_syntax", says: /space before a dot/ },
  { text: "{{* decorate}}", at: [1, 1], code: "template_syntax", says: /only \{\{#\*inline/ },
  { text: "{{#*other}}{{/other}}", at: [1, 1], code: "template_syntax", says: /only \{\{#\*inline/ },
  { text: "{{> p a b}}", at: [1, 1], code: "template_syntax", says: /partial/ },
];

for (const { text, at, code, says } of FAULTY) {
  test(`${JSON.stringify(text)} is an issue at ${at.join(":")}`, () => {
    const compiled = compile(text, [source("", "p")]);

    assert.equal(compiled.kind, "invalid");
    const issue = compiled.kind === "invalid" ? compiled.issues[0] : null;
    assert.deepEqual(
      [issue?.line, issue?.column, issue?.code, issue?.path],
      [...at, code, "templates/main.hbs"],
      issue?.message,
    );
    assert.match(issue?.message ?? "", says);
  });
}

/** The first issue of a pasted Go template, and the words that its hint has for it. */
const PASTED: readonly (readonly [text: string, hint: string])[] = [
  ["{{ .Status }}", "Go's .Status is {{status}}"],
  ["{{- .Status -}}", "Go's .Status is {{status}}"],
  ["{{- status -}}", "Go's {{- x -}} is {{~x~}}"],
  ["{{ .Status | toUpper }}", "Go's | is {{toUpper status}}"],
  ["{{ toUpper .Status }}", "Go's toUpper … .Status is {{toUpper … status}}"],
  ['{{ reReplaceAll "a" "b" .Status }}', "Go's reReplaceAll … .Status is {{reReplaceAll … status}}"],
  ["{{ range .Alerts }}{{ end }}", "Go's range is {{#each alerts}}…{{/each}}"],
  ["a\n{{ range $i, $a := .Alerts }}{{ end }}", "Go's range is {{#each"],
  ['{{ if eq .Status "firing" }}{{ end }}', "Go's if is {{#if"],
  ["{{ if not $x }}a{{ else if .Y }}{{ end }}", "Go's if is {{#if"],
  ["{{ if eq 1 1 }}a{{ else }}b{{ end }}", "Go's if, range and with are {{#if}}, {{#each}}, {{#with}}"],
  ["{{ with .X }}{{ end }}", "Go's with is {{#with x}}"],
  ['{{ define "row" }}{{ end }}', 'Go\'s define is {{#*inline "row"}}'],
  ['{{ template "row" . }}', "Go's template is {{> row}}"],
  ['{{ block "row" . }}{{ end }}', "Go's block is {{#> row}}"],
  ["{{ $x := .Labels.job }}", "Go's := is {{#with labels.job as |x|}}"],
  ["{{ call .F }}", "Go's call is not available"],
  ["{{ range .Alerts.Firing }}{{ end }}", "Go's range is"],
  ["{{ len .Alerts.Firing }}", "(firing alerts)"],
  ["{{ .CommonLabels.SortedPairs }}", "Go's .SortedPairs is (sortedPairs labels)"],
  ['{{ .StartsAt.Format "15:04" }}', 'Go\'s .Format is {{format startsAt "15:04"}}'],
  ["{{ (index .Alerts 0).Status }}", "{{alerts.[0].status}}"],
  ["{{/* note */}}", "Go's {{/* … */}} is {{!-- … --}}"],
];

test("a pasted Go template gets a hint for what stands at its first issue, and the page that translates the rest", () => {
  for (const [text, hint] of PASTED) {
    const compiled = compile(text);

    const message = compiled.kind === "invalid" ? (compiled.issues[0]?.message ?? "") : "compiles";
    assert.ok(
      message.includes(hint) && message.endsWith('docs/templates.md, "From Go templates"'),
      `${text}: ${message}`,
    );
  }
});

test("an issue of our own syntax gets no hint about Go's", () => {
  const wrong = [
    "{{foo 1}}",
    "{{#if a b}}{{/if}}",
    "{{else}}",
    "{{#each a as |b|}}{{/if}}",
    "{{if a}}",
    "{{ a..b }}",
    "{{",
  ];
  for (const text of wrong) {
    const compiled = compile(text);

    assert.ok(compiled.kind === "invalid" && !compiled.issues[0]?.message.includes("Go"), JSON.stringify(compiled));
  }
});

test("the issue of a partial is reported for each template that uses it, at its position in the partial", () => {
  const partials = [source("{{> second}}", "first"), source("{{> first}}\n{{foo 1}}", "second")];

  const compiled = compile("{{> first}}", partials);

  assert.equal(
    compiled.kind === "invalid" && `${compiled.issues[0]?.path}:${compiled.issues[0]?.line}`,
    "templates/second.hbs:2",
  );
  assert.equal(compile("no partials", partials).kind, "compiled");
});

test("only text is a template: a parsed tree is rejected", () => {
  const tree = Handlebars.parse("{{a}}") as unknown as string;

  const compiled = createEnvironment().compile({ name: "t", path: "t", text: tree, language: null }, String);

  assert.equal(compiled.kind, "invalid");
});
