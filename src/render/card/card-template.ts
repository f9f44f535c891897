// The template of a card or an article: YAML whose leaves are templates. The YAML is parsed once, when it is loaded;
// what a leaf renders is text and is never parsed.

import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLParseError,
} from "yaml";
import type { Issue, IssueCode } from "../../domain/issue.ts";
import { plainText } from "../markup/escape.ts";
import type { RenderContext, TemplateEnvironment } from "../template/environment.ts";
import type { TemplateSource } from "../template/template-source.ts";
import { type CardField, type CardKind, type CardObject, cardFields } from "./card-fields.ts";

/** A rendered leaf, list or object of a card, in the structure of the YAML. */
export type CardPart = string | readonly CardPart[] | { readonly [field: string]: CardPart };

export interface CardTemplate {
  readonly name: string;
  /** The rendered leaves under the names of the card's fields. Throws as a template does. */
  render(view: object, context: RenderContext): CardPart;
}

type CompiledCard =
  | { readonly kind: "compiled"; readonly card: CardTemplate }
  | { readonly kind: "invalid"; readonly issues: readonly Issue[] };

type RenderPart = (view: object, context: RenderContext) => CardPart;

interface Compiling {
  readonly kind: CardKind;
  readonly source: TemplateSource;
  readonly environment: TemplateEnvironment;
  readonly lines: LineCounter;
  readonly issues: Issue[];
}

export function compileCard(kind: CardKind, source: TemplateSource, environment: TemplateEnvironment): CompiledCard {
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false });
  const issues: Issue[] = [];
  const at: Compiling = { kind, source, environment, lines, issues };
  for (const error of document.errors)
    report(at, error.pos[0], { code: "template_yaml", message: yamlDefect(at, error) });
  const render =
    issues.length > 0 ? null : compileObject(at, document.contents, { field: cardFields[kind], name: "the file" });
  if (render === null || issues.length > 0) return { kind: "invalid", issues };
  return { kind: "compiled", card: { name: source.name, render } };
}

const needsQuotes = 'put {{…}} in quotes: "{{…}}"';

/** {{x}} begins a mapping; YAML reports what follows it. */
function yamlDefect({ source, lines }: Compiling, { pos, message }: YAMLParseError): string {
  const written = source.text.split("\n")[lines.linePos(pos[0]).line - 1] ?? "";
  return /(?::|-)\s+\{\{/.test(written) ? needsQuotes : message;
}

interface CardIssue {
  readonly code: IssueCode;
  readonly message: string;
}

function report(at: Compiling, offset: number, issue: CardIssue): void {
  const { line, col } = at.lines.linePos(offset);
  at.issues.push({ code: issue.code, path: at.source.path, line, column: col, message: issue.message });
}

interface Expected<Field> {
  readonly field: Field;
  /** As an issue calls it. */
  readonly name: string;
}

function compilePart(at: Compiling, node: Node | null, { field, name }: Expected<CardField>): RenderPart | null {
  switch (field.kind) {
    case "object":
      return compileObject(at, node, { field, name });
    case "list":
      return compileList(at, node, { field: field.item, name });
    default:
      return compileLeaf(at, node, name);
  }
}

function compileObject(at: Compiling, node: Node | null, { field, name }: Expected<CardObject>): RenderPart | null {
  if (!isMap(node)) return wrong(at, node, `${name} must be a map of: ${Object.keys(field.fields).join(", ")}`);
  const parts = entriesOf(at, node, field).flatMap(([key, value]) => {
    const part = compilePart(at, value, { field: field.fields[key] as CardField, name: key });
    return part === null ? [] : [[key, part] as const];
  });
  return (view, context) => Object.fromEntries(parts.map(([key, part]) => [key, part(view, context)]));
}

function entriesOf(at: Compiling, map: YAMLMap, field: CardObject): readonly (readonly [string, Node | null])[] {
  return map.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : "";
    if (Object.hasOwn(field.fields, name)) return [[name, value as Node | null] as const];
    const offset = (key as Node | null)?.range?.[0] ?? 0;
    // {{x}} is a mapping in a mapping.
    const message = isMap(key)
      ? needsQuotes
      : `${at.kind} has no field "${name}" here; there are: ${Object.keys(field.fields).join(", ")}`;
    report(at, offset, { code: "template_card_field", message });
    return [];
  });
}

function compileList(at: Compiling, node: Node | null, { field, name }: Expected<CardObject>): RenderPart | null {
  if (!isSeq(node)) return wrong(at, node, `${name} must be a list`);
  const items = node.items.map((item) =>
    compileObject(at, item as Node | null, { field, name: `an entry of ${name}` }),
  );
  const parts = items.filter((item) => item !== null);
  return (view, context) => parts.map((part) => part(view, context));
}

function compileLeaf(at: Compiling, node: Node | null, name: string): RenderPart | null {
  if (!isScalar(node)) return wrong(at, node, `${name} must be a text; ${needsQuotes}`);
  const text = node.value === null ? "" : String(node.value);
  const compiled = at.environment.compile({ ...at.source, text }, plainText);
  if (compiled.kind === "invalid") {
    const { path } = at.source;
    at.issues.push(
      ...compiled.issues.map((one) => (one.path === path ? { ...one, ...positionIn(at, node, one) } : one)),
    );
    return null;
  }
  return (view, context) => compiled.template.render(view, context);
}

/** The position in the file of an issue of a leaf. Columns are exact on the first line of a plain or quoted leaf. */
function positionIn(at: Compiling, node: Scalar, issue: { readonly line: number; readonly column: number }) {
  const start = at.lines.linePos(node.range?.[0] ?? 0);
  const isBlock = node.type === "BLOCK_FOLDED" || node.type === "BLOCK_LITERAL";
  const isQuoted = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE";
  if (isBlock) return { line: start.line + issue.line, column: issue.column };
  if (issue.line > 1) return { line: start.line + issue.line - 1, column: issue.column };
  return { line: start.line, column: start.col + (isQuoted ? 1 : 0) + issue.column - 1 };
}

function wrong(at: Compiling, node: Node | null, message: string): null {
  report(at, node?.range?.[0] ?? 0, { code: "template_card_field", message });
  return null;
}
