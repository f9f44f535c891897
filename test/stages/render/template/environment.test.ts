// What templates may contain, and what they print.
import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "./compiling.ts";

interface Rendered {
  readonly rule: string;
  readonly text: string;
  readonly view?: object;
  readonly out: string;
}

/** As JSON.parse makes it: `__proto__` is an own key. */
const LABELS = JSON.parse('{"__proto__":"p","constructor":"c","toString":"t","title":"T","a.b":"dot","a/b":"slash"}');

const RENDERED: readonly Rendered[] = [
  { rule: "two braces escape", text: "{{a}}", view: { a: "*" }, out: "‹*›" },
  { rule: "three braces do not", text: "{{{a}}}{{& a}}", view: { a: "*" }, out: "**" },
  { rule: "text of the template is left as it is", text: "**<b>**{{a}}", view: { a: 1 }, out: "**<b>**‹1›" },
  { rule: "what is missing is empty", text: "{{a}}{{a.b.c}}{{n}}", view: { n: null }, out: "‹›‹›‹›" },
  {
    rule: "numbers and booleans are plain",
    text: "{{{a}}} {{{b}}} {{{c}}}",
    view: { a: 0, b: false, c: 1234567.5 },
    out: "0 false 1234567.5",
  },
  { rule: "a literal prints itself", text: '{{{"{{"}}} {{{12}}} {{{true}}}', out: "{{ 12 true" },
  { rule: "a list is shown as Go shows it", text: "{{a}}", view: { a: ["x", 1, ["y"]] }, out: "‹[x 1 [y]]›" },
  { rule: "a helper's result is escaped", text: "{{toUpper a}}{{{toUpper a}}}", view: { a: "x" }, out: "‹X›X" },
  {
    rule: "calls nest",
    text: '{{join "-" (names (remove m (list "b")))}}',
    view: { m: { b: 1, a: 2, c: 3 } },
    out: "‹a-c›",
  },
  { rule: "a helper without arguments is called", text: "{{{now}}}", out: "2026-11-22 17:00:00 +0800 CST" },
  {
    rule: "a path wins over a helper",
    text: "{{{labels.title}}}{{{this.title}}}",
    view: { labels: LABELS, title: "V" },
    out: "TV",
  },
  {
    rule: "a block parameter wins over a helper",
    text: "{{#with labels.title as |title|}}{{title}}{{/with}}",
    view: { labels: LABELS },
    out: "‹T›",
  },
  { rule: "data is no helper", text: "{{@title}}", out: "‹›" },
  {
    rule: "labels may have the names of prototypes",
    text: "{{{labels.__proto__}}}{{{labels.constructor}}}{{{labels.toString}}}",
    view: { labels: LABELS },
    out: "pct",
  },
  {
    rule: "prototypes are never read",
    text: "{{{labels.__proto__}}}{{{labels.constructor}}}{{{labels.toString}}}{{{hasOwnProperty}}}{{{lookup labels 'valueOf'}}}{{{index labels '__proto__'}}}",
    view: { labels: {} },
    out: "",
  },
  {
    rule: "any label can be named",
    text: '{{{labels.[a.b]}}} {{{labels.[a/b]}}} {{{index labels "a.b"}}} {{{lookup labels "a/b"}}}',
    view: { labels: LABELS },
    out: "dot slash dot slash",
  },
  {
    rule: "each walks a map in byte order",
    text: "{{#each m}}{{{@key}}}{{{this}}} {{/each}}",
    view: { m: { b: 1, a: 2, Z: 3, "10": 4, "9": 5, "\u{1f600}": 6, "\uff5e": 7 } },
    out: "104 95 Z3 a2 b1 ～7 😀6 ",
  },
  {
    rule: "each walks what JSON calls __proto__",
    text: "{{#each m}}{{{@key}}}={{{this}}};{{/each}}",
    view: { m: LABELS },
    out: "__proto__=p;a.b=dot;a/b=slash;constructor=c;title=T;toString=t;",
  },
  {
    rule: "each sets index, first and last",
    text: "{{#each a}}{{{@index}}}{{{@key}}}{{{@first}}}{{{@last}}} {{/each}}",
    view: { a: ["x", "y"] },
    out: "00truefalse 11falsetrue ",
  },
  {
    rule: "each gives value and key",
    text: "{{#each a as |v k|}}{{{k}}}{{{v}}}{{/each}}",
    view: { a: ["x", "y"] },
    out: "0x1y",
  },
  {
    rule: "each of nothing is else",
    text: "{{#each a}}x{{else}}none{{/each}}{{#each b}}x{{else}}none{{/each}}{{#each m}}x{{else}}none{{/each}}",
    view: { a: [], m: {} },
    out: "nonenonenone",
  },
  {
    rule: "each reaches outside",
    text: "{{#each a}}{{{../b}}}{{{@root.b}}}{{#each this}}{{{@../index}}}{{{@index}}}{{/each}}{{/each}}",
    view: { a: [["x"]], b: "B" },
    out: "BB00",
  },
  {
    rule: "a plain block walks a list and enters a map",
    text: "{{#a}}{{{x}}}{{/a}}{{#m}}{{{x}}}{{/m}}{{^n}}none{{/n}}",
    view: { a: [{ x: 1 }, { x: 2 }], m: { x: 3 } },
    out: "123none",
  },
  {
    rule: "if follows Go",
    text: "{{#if e}}x{{else if m}}y{{else if z}}z{{else}}no{{/if}}",
    view: { e: "", m: {}, z: 0 },
    out: "no",
  },
  { rule: "if can include zero", text: "{{#if z includeZero=true}}yes{{/if}}", view: { z: 0 }, out: "yes" },
  {
    rule: "unless is not if",
    text: "{{#unless m}}empty{{/unless}}{{#unless a}}{{else}}full{{/unless}}",
    view: { m: {}, a: [1] },
    out: "emptyfull",
  },
  {
    rule: "with enters, or is else",
    text: "{{#with m}}{{{x}}}{{/with}}{{#with m.x as |y|}}{{{y}}}{{/with}}{{#with n}}{{else}}none{{/with}}",
    view: { m: { x: 1 } },
    out: "11none",
  },
  { rule: "the context can be asked", text: '{{#if (eq @language "zh")}}{{{@timezone}}}{{/if}}', out: "Asia/Shanghai" },
  { rule: "comments and white space control", text: "a {{~! c ~}} b{{!-- }} --}}", out: "ab" },
  { rule: "a line with only a block leaves no line", text: "a\n{{#if true}}\nb\n{{/if}}\nc", out: "a\nb\nc" },
  {
    rule: "an inline partial",
    text: '{{#*inline "row"}}[{{x}}]{{/inline}}{{#each a}}{{> row}}{{/each}}',
    view: { a: [{ x: 1 }, { x: 2 }] },
    out: "[‹1›][‹2›]",
  },
  {
    rule: "a partial that is missing shows its block",
    text: "{{#> missing}}{{x}}{{/missing}}",
    view: { x: 1 },
    out: "‹1›",
  },
];

for (const { rule, text, view, out } of RENDERED) {
  test(rule, () => assert.equal(render(text, view), out));
}
