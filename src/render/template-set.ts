// All templates of one configuration: sources in, compiled templates by name and kind out, or every fault with its place.
// The kind is told by the file's name; of two files with the same name the later one counts.

import type { MessageKind } from "../domain/message-kind.ts";
import { type CardTemplate, compileCard } from "./card-template.ts";
import {
  type Compiled,
  createEnvironment,
  type Environment,
  type Template,
  type TemplateSource,
} from "./environment.ts";
import { markData, plainText } from "./escape.ts";
import type { LoadIssue } from "./load-issue.ts";

export type { LoadIssue };

export interface TemplateSet {
  markdown(name: string): Template | null;
  textNotice(name: string): CardTemplate | null;
  /** A template that stands in the config itself: an entry of `mention.users`. Compiled once. */
  inline(text: string): Compiled;
  /** Sorted. */
  names(kind: MessageKind): readonly string[];
}

export type LoadedTemplates =
  | { readonly kind: "templates"; readonly set: TemplateSet }
  | { readonly kind: "faulty"; readonly issues: readonly LoadIssue[] };

type FileKind = "markdown" | "textNotice" | "partial";

interface TemplateFile {
  readonly kind: FileKind;
  readonly source: TemplateSource;
}

const fileNames: readonly { readonly kind: FileKind; readonly pattern: RegExp }[] = [
  { kind: "markdown", pattern: /^([^_].*)\.markdown\.hbs$/ },
  { kind: "textNotice", pattern: /^([^_].*)\.text_notice\.yaml$/ },
  { kind: "partial", pattern: /^_(.+)\.hbs$/ },
];

/** Built-in sources first, own ones after them: own ones win by name and kind. */
export function buildTemplateSet(sources: readonly TemplateSource[]): LoadedTemplates {
  const issues: LoadIssue[] = [];
  const files = new Map<string, TemplateFile>();
  for (const source of sources) {
    const file = asTemplateFile(source);
    if (file === null) issues.push(misnamed(source.path));
    else files.set(`${file.kind} ${file.source.name}`, file);
  }
  const of = (kind: FileKind) => [...files.values()].filter((file) => file.kind === kind).map((file) => file.source);
  const partials = of("partial");
  const markdown = createEnvironment({ escape: markData, partials });
  const plain = createEnvironment({ escape: plainText, partials });
  const collect = collector(issues);
  for (const partial of partials) collect.template(markdown.compile(partial));
  const bodies = new Map(of("markdown").map((source) => [source.name, collect.template(markdown.compile(source))]));
  const cards = new Map(of("textNotice").map((source) => [source.name, collect.card(source, plain)]));
  if (issues.length > 0) return { kind: "faulty", issues: withoutRepeats(issues) };
  return { kind: "templates", set: asSet(bodies, cards, plain) };
}

function asTemplateFile(source: TemplateSource): TemplateFile | null {
  const file = source.path.replace(/^.*[/\\]/, "");
  for (const { kind, pattern } of fileNames) {
    const name = pattern.exec(file)?.[1];
    if (name !== undefined) return { kind, source: { ...source, name } };
  }
  return null;
}

function misnamed(path: string): LoadIssue {
  const message =
    "a template is named <name>.markdown.hbs, <name>.text_notice.yaml or _<partial>.hbs, and this file is not";
  return { code: "template_name", path, line: 1, column: 1, message };
}

function collector(issues: LoadIssue[]) {
  return {
    template(compiled: Compiled): Template | null {
      if (compiled.kind === "compiled") return compiled.template;
      issues.push(compiled.issue);
      return null;
    },
    card(source: TemplateSource, environment: Environment): CardTemplate | null {
      const compiled = compileCard(source, environment);
      if (compiled.kind === "compiled") return compiled.card;
      issues.push(...compiled.issues);
      return null;
    },
  };
}

/** A fault in a partial is reported by every template that uses it. */
function withoutRepeats(issues: readonly LoadIssue[]): readonly LoadIssue[] {
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

function asSet(
  bodies: ReadonlyMap<string, Template | null>,
  cards: ReadonlyMap<string, CardTemplate | null>,
  plain: Environment,
): TemplateSet {
  const inline = new Map<string, Compiled>();
  return {
    markdown: (name) => bodies.get(name) ?? null,
    textNotice: (name) => cards.get(name) ?? null,
    inline(text) {
      const compiled = inline.get(text) ?? plain.compile({ name: "mention", path: "mention.users", text });
      inline.set(text, compiled);
      return compiled;
    },
    names: (kind) => [...(kind === "markdown" ? bodies : cards).keys()].sort(),
  };
}

/** What to tell the writer of a route whose template does not exist for its kind of message; null when it does. */
export function missingTemplate(set: TemplateSet, name: string, kind: MessageKind): string | null {
  const names = set.names(kind);
  if (names.includes(name)) return null;
  const file = kind === "markdown" ? `${name}.markdown.hbs` : `${name}.text_notice.yaml`;
  return `there is no template "${name}" for ${kind} messages (${file}); there are: ${names.join(", ")}`;
}
