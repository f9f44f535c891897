// All templates of a configuration, by kind and name. The name of a file says its kind; of two files with the same name
// the later one counts.

import type { Issue } from "../../domain/issue.ts";
import type { Language, MessageKind } from "../../domain/message-kind.ts";
import type { Rotation } from "../../route/on-call.ts";
import type { CardKind } from "../card/card-fields.ts";
import { type CardTemplate, compileCard } from "../card/card-template.ts";
import type { BodyKind } from "../markup/dialect.ts";
import { markData, plainText } from "../markup/escape.ts";
import { type Compiled, createEnvironment, type Template, type TemplateEnvironment } from "./environment.ts";
import type { TemplateSource } from "./template-source.ts";

export interface TemplateSet {
  /** What it was built from. A thread builds its own set from both: functions cannot be passed to a thread. */
  readonly sources: readonly TemplateSource[];
  readonly rotations: ReadonlyMap<string, Rotation>;
  /** The built-in templates of a language, and those of the operator. Partials are the same in every language. */
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

/** The templates of one language, by kind and name. */
interface CompiledFiles {
  readonly bodies: Map<string, Template>;
  readonly cards: Map<string, CardTemplate>;
}

/**
 * The built-in sources come first, then those of the operator, which replace built-in ones of the same name and kind.
 * Partials, and templates that all languages share, are compiled once: compiling is a fifth of the service's start.
 */
export function buildTemplateSet(
  sources: readonly TemplateSource[],
  rotations: TemplateSet["rotations"] = new Map(),
): LoadedTemplates {
  const issues: Issue[] = [];
  const files = sources.flatMap((source) => {
    const file = asTemplateFile(source);
    if (file === null) issues.push(misnamed(source.path));
    return file ?? [];
  });
  const environment = createEnvironment({ partials: partialsOf(files), rotations });
  const compiled = {
    zh: { bodies: new Map(), cards: new Map() },
    en: { bodies: new Map(), cards: new Map() },
  } satisfies Record<Language, CompiledFiles>;
  issues.push(...environment.partialIssues);
  for (const file of files) {
    const { language } = file.source;
    const to = language === null ? Object.values(compiled) : [compiled[language]];
    issues.push(...addFile(file, { environment, to }));
  }
  if (issues.length > 0) return { kind: "invalid", issues: withoutRepeats(issues) };
  const inline = inlineOf(environment);
  const inLanguages = { zh: templatesOf(compiled.zh, inline), en: templatesOf(compiled.en, inline) };
  return { kind: "templates", set: { sources, rotations, in: inLanguages } };
}

interface Adding {
  readonly environment: TemplateEnvironment;
  readonly to: readonly CompiledFiles[];
}

/** Returns its issues. */
function addFile({ kind, source }: TemplateFile, { environment, to }: Adding): readonly Issue[] {
  if (kind === "partial") return [];
  const key = keyOf(kind, source.name);
  if (isCardKind(kind)) {
    const compiled = compileCard(kind, source, environment);
    if (compiled.kind === "invalid") return compiled.issues;
    for (const { cards } of to) cards.set(key, compiled.card);
  } else {
    const compiled = environment.compile(source, markData);
    if (compiled.kind === "invalid") return compiled.issues;
    for (const { bodies } of to) bodies.set(key, compiled.template);
  }
  return [];
}

function templatesOf({ bodies, cards }: CompiledFiles, inline: LanguageTemplates["inline"]): LanguageTemplates {
  const keys = [...bodies.keys(), ...cards.keys()];
  return {
    body: (kind, name) => bodies.get(keyOf(kind, name)) ?? null,
    card: (kind, name) => cards.get(keyOf(kind, name)) ?? null,
    inline,
    names(kind) {
      const prefix = keyOf(kind, "");
      const names = keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
      return names.filter((name) => name !== digestName).sort();
    },
  };
}

function keyOf(kind: MessageKind, name: string): string {
  return `${kind} ${name}`;
}

function inlineOf(environment: TemplateEnvironment): LanguageTemplates["inline"] {
  const inline = new Map<string, Compiled>();
  return (text) => {
    const source: TemplateSource = { name: "mention", path: "mention", text, language: null };
    const compiled = inline.get(text) ?? environment.compile(source, plainText);
    inline.set(text, compiled);
    return compiled;
  };
}

/** If two have the same name, the later one is used. */
function partialsOf(files: readonly TemplateFile[]): readonly TemplateSource[] {
  const partials = files.filter(({ kind }) => kind === "partial").map(({ source }) => source);
  return [...new Map(partials.map((source) => [source.name, source])).values()];
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
