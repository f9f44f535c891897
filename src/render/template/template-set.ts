// All templates of a configuration, by kind and name. The name of a file says its kind; of two files with the same name
// the later one counts.

import type { Issue } from "../../domain/issue.ts";
import type { Language, MessageKind } from "../../domain/message-kind.ts";
import type { Rotation } from "../../route/on-call.ts";
import type { CardKind } from "../card/card-fields.ts";
import { type CardTemplate, compileCard } from "../card/card-template.ts";
import type { BodyKind } from "../markup/dialect.ts";
import { markData, plainText } from "../markup/escape.ts";
import { type Compiled, createEnvironment, type Template } from "./environment.ts";
import type { TemplateSource } from "./template-source.ts";

export interface TemplateSet {
  /** What it was built from. A thread builds its own set from both: functions cannot be passed to a thread. */
  readonly sources: readonly TemplateSource[];
  readonly rotations: ReadonlyMap<string, Rotation>;
  /** The built-in templates of a language, and those of the operator. */
  readonly in: Readonly<Record<Language, LanguageTemplates>>;
}

/** The names are the same in every language. */
export interface LanguageTemplates {
  /** A group's template, or with the name `digest` that of a digest. */
  body(kind: BodyKind, name: string): Template | null;
  card(kind: CardKind, name: string): CardTemplate | null;
  /** A template that stands in the config itself: an entry of `mention`. Compiled once. */
  inline(text: string): Compiled;
  /** What a route may name, sorted; empty for kinds that need no template. */
  names(kind: MessageKind): readonly string[];
}

const none: LanguageTemplates = {
  body: () => null,
  card: () => null,
  inline: () => ({
    kind: "invalid",
    issues: [{ code: "template_syntax", path: "mention", line: 1, column: 1, message: "templates are not used here" }],
  }),
  names: () => [],
};

/** Without templates every message has the plain layout. */
export const noTemplates: TemplateSet = { sources: [], rotations: new Map(), in: { zh: none, en: none } };

/** Name of the template of digests. No route may name it. */
export const digestName = "digest";

export type LoadedTemplates =
  | { readonly kind: "templates"; readonly set: TemplateSet }
  | { readonly kind: "invalid"; readonly issues: readonly Issue[] };

const bodyKinds = ["markdown", "markdown_v2", "text"] as const satisfies readonly BodyKind[];
const cardKinds = ["text_notice", "news_notice", "news"] as const satisfies readonly CardKind[];

type FileKind = BodyKind | CardKind | "partial";

interface TemplateFile {
  readonly kind: FileKind;
  readonly source: TemplateSource;
}

const fileNames: readonly { readonly kind: FileKind; readonly pattern: RegExp }[] = [
  ...bodyKinds.map((kind) => ({ kind, pattern: new RegExp(`^([^_].*)\\.${kind}\\.hbs$`) })),
  ...cardKinds.map((kind) => ({ kind, pattern: new RegExp(`^([^_].*)\\.${kind}\\.yaml$`) })),
  { kind: "partial", pattern: /^_(.+)\.hbs$/ },
];

/** The built-in sources come first, then those of the operator, which replace built-in ones of their name and kind. */
export function buildTemplateSet(
  sources: readonly TemplateSource[],
  rotations: TemplateSet["rotations"] = new Map(),
): LoadedTemplates {
  const issues: Issue[] = [];
  const build = (language: Language) => {
    const ofLanguage = sources.filter((source) => source.language === null || source.language === language);
    return buildIn(ofLanguage, rotations, issues);
  };
  const set: TemplateSet = { sources, rotations, in: { zh: build("zh"), en: build("en") } };
  return issues.length > 0 ? { kind: "invalid", issues: withoutRepeats(issues) } : { kind: "templates", set };
}

/** A template with an issue is left out. */
function buildIn(
  sources: readonly TemplateSource[],
  rotations: TemplateSet["rotations"],
  issues: Issue[],
): LanguageTemplates {
  const files = new Map<string, TemplateFile>();
  for (const source of sources) {
    const file = asTemplateFile(source);
    if (file === null) issues.push(misnamed(source.path));
    else files.set(`${file.kind} ${file.source.name}`, file);
  }
  const partials = [...files.values()].filter(({ kind }) => kind === "partial").map(({ source }) => source);
  const markdown = createEnvironment({ escape: markData, partials, rotations });
  const plain = createEnvironment({ escape: plainText, partials, rotations });
  const bodies = new Map<string, Template>();
  const cards = new Map<string, CardTemplate>();
  for (const [key, { kind, source }] of files) {
    if (isCardKind(kind)) {
      const compiled = compileCard(kind, source, plain);
      if (compiled.kind === "compiled") cards.set(key, compiled.card);
      else issues.push(...compiled.issues);
    } else {
      const compiled = markdown.compile(source);
      if (compiled.kind === "invalid") issues.push(...compiled.issues);
      else if (kind !== "partial") bodies.set(key, compiled.template);
    }
  }
  const inline = new Map<string, Compiled>();
  return {
    body: (kind, name) => bodies.get(`${kind} ${name}`) ?? null,
    card: (kind, name) => cards.get(`${kind} ${name}`) ?? null,
    inline(text) {
      const compiled = inline.get(text) ?? plain.compile({ name: "mention", path: "mention", text, language: null });
      inline.set(text, compiled);
      return compiled;
    },
    names(kind) {
      const ofKind = [...files.values()].filter((file) => file.kind === kind).map(({ source }) => source.name);
      return ofKind.filter((name) => name !== digestName).sort();
    },
  };
}

function asTemplateFile(source: TemplateSource): TemplateFile | null {
  const file = source.path.replace(/^.*[/\\]/, "");
  for (const { kind, pattern } of fileNames) {
    const name = pattern.exec(file)?.[1];
    if (name !== undefined) return { kind, source: { ...source, name } };
  }
  return null;
}

function misnamed(path: string): Issue {
  const kinds = [...bodyKinds.map((kind) => `<name>.${kind}.hbs`), ...cardKinds.map((kind) => `<name>.${kind}.yaml`)];
  const go = path.endsWith(".tmpl") ? '; Go templates are not read: docs/templates.md, "From Go templates"' : "";
  const message = `the file of a template must be named ${kinds.join(", ")} or _<partial>.hbs${go}`;
  return { code: "template_name", path, line: 1, column: 1, message };
}

/** The issue of a partial is reported by every template that uses it, and both in every language. */
function withoutRepeats(issues: readonly Issue[]): readonly Issue[] {
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

/** What is wrong with a route that names this template for messages of this kind; null if the template exists. */
export function missingTemplate(set: LanguageTemplates, name: string, kind: MessageKind): string | null {
  const names = set.names(kind);
  const isTemplated = isCardKind(kind) || bodyKinds.some((body) => body === kind);
  if (names.includes(name) || !isTemplated) return null;
  const file = `${name}.${kind}.${isCardKind(kind) ? "yaml" : "hbs"}`;
  return `there is no template "${name}" for ${kind} messages (${file}); there are: ${names.join(", ")}`;
}

function isCardKind(kind: string): kind is CardKind {
  return cardKinds.some((card) => card === kind);
}
