// Names in templates that their data does not have: Handlebars prints nothing for them. Each template is rendered with data that
// notices what is asked of it. What a branch asks that no sample reaches stays unnoticed.

import { didYouMean, inQuotes } from "../config/in-quotes.ts";
import { issueLine } from "../domain/issue.ts";
import type { LanguageTemplates, TemplateSet } from "../render/template/template-set.ts";

interface TemplateText {
  readonly path: string;
  readonly text: string;
}

interface NoticingTemplates {
  readonly templates: TemplateSet;
  /** A line for each name that was asked for in vain so far. */
  readonly warnings: ReadonlySet<string>;
}

type Notice = (name: string, known: readonly string[]) => void;

/** @param own the templates of the operator: only names in these are reported */
export function noticingTemplates(
  templates: TemplateSet,
  own: readonly (TemplateText & { readonly name: string })[],
): NoticingTemplates {
  const warnings = new Set<string>();
  const noticeIn = (texts: readonly TemplateText[]): Notice => {
    return (name, known) => {
      const place = placeOf(name, texts);
      if (place === null) return;
      const message = `there is no field ${inQuotes(name)} here${didYouMean(name, known)}`;
      warnings.add(issueLine(place.path, { ...place, message }));
    };
  };
  const noticeFor = (file: string) => noticeIn(own.filter(({ name }) => name === file || name.startsWith("_")));
  const within = (inLanguage: LanguageTemplates): LanguageTemplates => ({
    ...inLanguage,
    body(kind, name) {
      const template = inLanguage.body(kind, name);
      const notice = noticeFor(`${name}.${kind}.hbs`);
      return template && { ...template, render: (view, ...rest) => template.render(noticing(view, notice), ...rest) };
    },
    card(kind, name) {
      const card = inLanguage.card(kind, name);
      const notice = noticeFor(`${name}.${kind}.yaml`);
      return card && { ...card, render: (view, context) => card.render(noticing(view, notice), context) };
    },
    inline(text) {
      const compiled = inLanguage.inline(text);
      if (compiled.kind === "invalid") return compiled;
      const notice = noticeIn([{ path: `mention ${inQuotes(text)}`, text }]);
      const { template } = compiled;
      const render: typeof template.render = (view, ...rest) => template.render(noticing(view, notice), ...rest);
      return { ...compiled, template: { ...template, render } };
    },
  });
  return { templates: { ...templates, in: { zh: within(templates.in.zh), en: within(templates.in.en) } }, warnings };
}

/** Where a template first writes the name; null when it is in none of them. */
function placeOf(name: string, texts: readonly TemplateText[]) {
  for (const { path, text } of texts) {
    for (const { 0: mustache, index } of text.matchAll(/\{\{[^}]*\}\}/gu)) {
      const word = [...mustache.matchAll(/[\p{L}\p{N}_-]+/gu)].find(([written]) => written === name);
      if (word === undefined) continue;
      const lines = text.slice(0, index + word.index).split("\n");
      return { path, line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
    }
  }
  return null;
}

/** Maps whose names are the sender's, or of which most are absent. */
const openMaps = /^(?:labels|annotations|values|linkTo|\w+Labels|\w+Annotations)$/u;

function noticing<Value>(value: Value, notice: Notice): Value {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof name === "symbol") return found;
      if (!(name in target) && !Array.isArray(target)) notice(name, Object.keys(target));
      return openMaps.test(name) ? found : noticing(found, notice);
    },
  });
}
