// Partials, errors while a template runs, and what environments share.
import assert from "node:assert/strict";
import { test } from "node:test";
import Handlebars from "handlebars";
import { createEnvironment, maxOutputBytes } from "../../../../src/render/template/environment.ts";
import { CONTEXT, render, source } from "./compiling.ts";

test("a partial escapes like a template, takes a context and named values, and may use other partials", () => {
  const partials = [source("<{{x}} {{{y}}}{{> inner}}>", "outer"), source("{{@root.x}}", "inner")];

  assert.equal(
    render("{{> outer y='*'}}{{> outer a}}{{> (lookup . 'p')}}", { x: 1, a: { x: 2 }, p: "inner" }, partials),
    "<‹1› *‹1›><‹2› ‹1›>‹1›",
  );
});

test("a partial block is shown where the partial puts it", () => {
  assert.equal(render("{{#> frame}}{{x}}{{/frame}}", { x: 1 }, [source("[{{> @partial-block}}]", "frame")]), "[‹1›]");
});

test("an indented partial is indented", () => {
  assert.equal(render("a\n  {{> p}}\nb", {}, [source("x\ny\n", "p")]), "a\n  x\n  y\nb");
});

test("a path may be written with spaces in brackets, over lines, and with a dot for this", () => {
  assert.equal(
    render(
      "{{{[a b].c}}}{{#with x}}{{> p .}}{{{len .}}}{{/with}}{{{len\n x}}}",
      { "[a b]": 1, "a b": { c: 1 }, x: "y" },
      [source("{{{this}}}", "p")],
    ),
    "1y11",
  );
});

const FAILING: readonly (readonly [rule: string, text: string])[] = [
  ["a partial that calls itself without end", "{{> p}}"],
  ["a partial whose name is found only at run time, and is wrong", "{{> (lookup . 'x')}}"],
  ["a helper that refuses its input", "{{date '2006' x}}"],
  ["an invalid pattern", "{{match x 'a'}}"],
];

for (const [rule, text] of FAILING) {
  test(`${rule} throws an error that names the template`, () => {
    assert.throws(() => render(text, { x: "[" }, [source("{{> p}}", "p")]), {
      code: "template_failed",
      message: /^template "main": /,
    });
  });
}

test("more than 10 MiB is an error", () => {
  const view = { a: Array.from({ length: 1024 }, () => "x".repeat(maxOutputBytes / 1024)) };

  assert.equal(render("{{#each a}}{{{this}}}{{/each}}", view).length, maxOutputBytes);
  assert.throws(() => render("{{#each a}}{{{this}}}{{/each}}!", view), /exceeds 10485760 bytes/);
});

test("a template stops as soon as its values exceed what its caller allows", () => {
  let looked = 0;
  const item = {
    get x() {
      looked += 1;
      return "0123456789";
    },
  };
  const compiled = createEnvironment().compile(source("{{#each a}}{{x}}{{/each}}"), String);
  assert.equal(compiled.kind, "compiled");
  const run = (most: number) =>
    compiled.kind === "compiled" && compiled.template.render({ a: Array(100).fill(item) }, CONTEXT, most);

  assert.throws(() => run(35), { code: "prints_too_much" });
  assert.equal(looked, 4);
  assert.equal(String(run(1_000)).length, 1_000);
});

test("environments share nothing, and Handlebars itself stays as it was", () => {
  const before = [Object.keys(Handlebars.helpers), Handlebars.Utils.escapeExpression("<")];

  const first = createEnvironment({ partials: [source("p", "p")] }).compile(source("{{a}}"), () => "1");
  const second = createEnvironment();

  assert.equal(second.compile(source("{{> p}}"), String).kind, "invalid");
  const compiled = second.compile(source("{{a}}"), () => "2");
  assert.equal(first.kind === "compiled" && first.template.render({}, CONTEXT), "1");
  assert.equal(compiled.kind === "compiled" && compiled.template.render({}, CONTEXT), "2");
  assert.deepEqual([Object.keys(Handlebars.helpers), Handlebars.Utils.escapeExpression("<")], before);
});

test("a template escapes as it was compiled to, also in a partial, and while another one renders", () => {
  const environment = createEnvironment({ partials: [source("{{b}}", "p")] });
  const inner = environment.compile(source("{{a}}{{> p}}"), (text) => `<${text}>`);
  const outer = environment.compile(source("{{a}}{{> p}}{{{c}}}{{a}}"), (text) => `[${text}]`);
  const view = {
    a: "1",
    b: "2",
    get c() {
      return inner.kind === "compiled" && inner.template.render({ a: "1", b: "2" }, CONTEXT);
    },
  };

  assert.equal(outer.kind === "compiled" && outer.template.render(view, CONTEXT), "[1][2]<1><2>[1]");
});

test("nothing is written to the console, whatever a template looks up", (t) => {
  const written = (["log", "info", "warn", "error"] as const).map((method) => t.mock.method(console, method, () => {}));

  render("{{a.constructor}}{{a.__proto__}}{{a.toString}}{{valueOf}}", { a: {} });

  assert.deepEqual(
    written.map((method) => method.mock.callCount()),
    [0, 0, 0, 0],
  );
});
