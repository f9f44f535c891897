// Compiles and renders one template with an escape that shows itself: ‹text›.
import assert from "node:assert/strict";
import { type Compiled, createEnvironment, type RenderContext } from "../../../../src/render/template/environment.ts";
import type { TemplateSource } from "../../../../src/render/template/template-source.ts";

export const CONTEXT: RenderContext = { now: Date.UTC(2026, 10, 22, 9), timezone: "Asia/Shanghai", language: "zh" };

export function source(text: string, name = "main"): TemplateSource {
  return { name, path: `templates/${name}.hbs`, text, language: null };
}

export function compile(text: string, partials: readonly TemplateSource[] = []): Compiled {
  return createEnvironment({ partials }).compile(source(text), (value) => `‹${value}›`);
}

export function render(text: string, view: object = {}, partials: readonly TemplateSource[] = []): string {
  const compiled = compile(text, partials);
  return compiled.kind === "compiled"
    ? compiled.template.render(view, CONTEXT)
    : assert.fail(compiled.issues[0]?.message);
}
