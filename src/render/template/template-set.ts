// All templates of a configuration, by kind and name. The name of a file says its kind; of two files with the same name
// the later one counts.

import type { Issue } from "../../domain/issue.ts";
import type { MessageKind } from "../../domain/message-kind.ts";
import type { CardKind } from "../card/card-fields.ts";
import { type CardTemplate, compileCard } from "../card/card-template.ts";
import type { BodyKind } from "../markup/dialect.ts";
import { markData, plainText } from "../markup/escape.ts";
import { type Compiled, createEnvironment, type Template, type TemplateEnvironment } from "./environment.ts";
import type { TemplateSource } from "./template-source.ts";

export interface TemplateSet {
  /** What it was built from. A thread builds its own set from them: functions cannot be passed to a thread. */
  readonly sources: readonly TemplateSource[];
  /** A group's template, or with the name `digest` that of a digest. */
  body(kind: BodyKind, name: string): Template | null;
  card(kind: CardKind, name: string): CardTemplate | null;
  /** A template that stands in the config itself: an entry of `mention`. Compiled once. */
  inline(text: string): Compiled;
  /** What a route may name, sorted; empty for kinds that need no template. */
  names(kind: MessageKind): readonly string[];
}

/** Without templates every message has the plain layout. */
export const noTemplates: TemplateSet = {
  sources: [],
  body: () => null,
  card: () => null,
  inline: () => ({
    kind: "faulty",
    issue: { code: "template_syntax", path: "mention", line: 1, column: 1, message: "templates are not used here" },
  }),
  names: () => [],
};

/** Name of the template of digests. No route may name it. */
export const digestName = "digest";

export type LoadedTemplates =
  | { readonly kind: "templates"; readonly set: TemplateSet }
  | { readonly kind: "faulty"; readonly issues: readonly Issue[] };

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
export function buildTemplateSet(sources: readonly TemplateSource[]): LoadedTemplates {
  const issues: Issue[] = [];
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
  const bodies = byKind(bodyKinds, (kind) => byName(of(kind), (source) => collect.template(markdown.compile(source))));
  const cards = byKind(cardKinds, (kind) => byName(of(kind), (source) => collect.card(kind, source, plain)));
  if (issues.length > 0) return { kind: "faulty", issues: withoutRepeats(issues) };
  return { kind: "templates", set: asSet({ sources, bodies, cards, plain }) };
}

type ByKind<Kind extends string, Item> = Readonly<Record<Kind, ReadonlyMap<string, Item | null>>>;

function byKind<Kind extends string, Item>(
  kinds: readonly Kind[],
  of: (kind: Kind) => ReadonlyMap<string, Item | null>,
): ByKind<Kind, Item> {
  return Object.fromEntries(kinds.map((kind) => [kind, of(kind)])) as ByKind<Kind, Item>;
}

function byName<Item>(sources: readonly TemplateSource[], item: (source: TemplateSource) => Item) {
  return new Map(sources.map((source) => [source.name, item(source)]));
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
  const message = `the file of a template must be named ${kinds.join(", ")} or _<partial>.hbs`;
  return { code: "template_name", path, line: 1, column: 1, message };
}

function collector(issues: Issue[]) {
  return {
    template(compiled: Compiled): Template | null {
      if (compiled.kind === "compiled") return compiled.template;
      issues.push(compiled.issue);
      return null;
    },
    card(kind: CardKind, source: TemplateSource, environment: TemplateEnvironment): CardTemplate | null {
      const compiled = compileCard(kind, source, environment);
      if (compiled.kind === "compiled") return compiled.card;
      issues.push(...compiled.issues);
      return null;
    },
  };
}

/** The issue of a partial is reported by every template that uses it. */
function withoutRepeats(issues: readonly Issue[]): readonly Issue[] {
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

interface CompiledTemplates {
  readonly sources: readonly TemplateSource[];
  readonly bodies: ByKind<BodyKind, Template>;
  readonly cards: ByKind<CardKind, CardTemplate>;
  readonly plain: TemplateEnvironment;
}

function asSet({ sources, bodies, cards, plain }: CompiledTemplates): TemplateSet {
  const inline = new Map<string, Compiled>();
  const all: Partial<Record<MessageKind, ReadonlyMap<string, unknown>>> = { ...bodies, ...cards };
  return {
    sources,
    body: (kind, name) => bodies[kind].get(name) ?? null,
    card: (kind, name) => cards[kind].get(name) ?? null,
    inline(text) {
      const compiled = inline.get(text) ?? plain.compile({ name: "mention", path: "mention", text });
      inline.set(text, compiled);
      return compiled;
    },
    names: (kind) => [...(all[kind]?.keys() ?? [])].filter((name) => name !== digestName).sort(),
  };
}

/** What is wrong with a route that names this template for messages of this kind; null if the template exists. */
export function missingTemplate(set: TemplateSet, name: string, kind: MessageKind): string | null {
  const names = set.names(kind);
  if (names.includes(name) || !isTemplated(kind)) return null;
  const file = `${name}.${kind}.${cardKinds.some((card) => card === kind) ? "yaml" : "hbs"}`;
  return `there is no template "${name}" for ${kind} messages (${file}); there are: ${names.join(", ")}`;
}

function isTemplated(kind: MessageKind): boolean {
  return [...bodyKinds, ...cardKinds].some((templated) => templated === kind);
}
