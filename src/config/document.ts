// A YAML text in, its plain value and the place of everything in it out. Messages are ours: the parser's own may quote the text,
// and the text may hold keys.

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type YAMLError,
} from "yaml";
import type { ConfigIssue } from "./issue.ts";

export type ConfigPath = readonly (string | number)[];

/** `key` is where the last name of the path is written, `value` what stands behind it. */
export type PlaceOf = "key" | "value";

export interface ConfigDocument {
  readonly value: unknown;
  /** Duplicate keys leave a value that can still be checked; after any other syntax fault `value` is null. */
  readonly issues: readonly ConfigIssue[];
  /** A path that leads nowhere ends at the last key that is there. */
  place(path: ConfigPath, of: PlaceOf): { readonly line: number; readonly column: number };
}

export function readDocument(text: string): ConfigDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  const issues = faults.map((fault) => issueOf(fault, lineCounter));
  const place = (path: ConfigPath, of: PlaceOf) => placeAt(lineCounter, offsetOf(document, path, of));
  if (faults.some((fault) => fault.code !== "DUPLICATE_KEY")) return { value: null, issues, place };
  const value = plainValue(document);
  return value === null ? { value, issues: [...issues, badAliases], place } : { value, issues, place };
}

const badAliases: ConfigIssue = {
  code: "yaml_syntax",
  path: "",
  line: 1,
  column: 1,
  message: "its aliases (*name) stand for too much, or for themselves",
};

/** An empty file is an empty mapping. Null when the aliases cannot be followed to an end. */
function plainValue(document: Document.Parsed): unknown {
  try {
    const value: unknown = document.toJS();
    JSON.stringify(value);
    return value ?? {};
  } catch {
    return null;
  }
}

function placeAt(lineCounter: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lineCounter.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function offsetOf(document: Document.Parsed, path: ConfigPath, of: PlaceOf): number {
  let node: unknown = document.contents;
  let keyOffset = 0;
  let valueOffset = 0;
  for (const name of path) {
    const step = stepInto(resolve(node, document), name);
    if (step === null) return keyOffset;
    keyOffset = startOf(step.key) ?? valueOffset;
    valueOffset = startOf(step.value) ?? keyOffset;
    node = step.value;
  }
  return of === "key" ? keyOffset : valueOffset;
}

function stepInto(node: unknown, name: string | number): { readonly key: unknown; readonly value: unknown } | null {
  if (isSeq(node)) return { key: node.items[Number(name)], value: node.items[Number(name)] };
  if (!isMap(node)) return null;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value ?? "") === String(name));
  return pair === undefined ? null : { key: pair.key, value: pair.value };
}

function resolve(node: unknown, document: Document.Parsed): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** Nothing behind a key (`bots:`) has no place of its own. */
function startOf(node: unknown): number | null {
  if (!isNode(node) || (isScalar(node) && node.value === null && node.source === "")) return null;
  return (node as Node & Pick<ParsedNode, "range">).range[0];
}

function issueOf(fault: YAMLError, lineCounter: LineCounter): ConfigIssue {
  const message =
    sentences[fault.code] ?? "not valid YAML here; check indentation, quotes and brackets around this place";
  return { code: "yaml_syntax", path: "", ...placeAt(lineCounter, fault.pos[0]), message };
}

const sentences: Partial<Readonly<Record<YAMLError["code"], string>>> = {
  BAD_ALIAS: "an alias (*name) without an anchor (&name) before it",
  BAD_DQ_ESCAPE: "a backslash sequence that YAML does not know inside \"…\"; use '…', where a backslash is itself",
  BAD_INDENT: "wrong indentation; or a { or [ before this place is not closed",
  BAD_SCALAR_START: "a value may not start with this character; put it in quotes",
  DUPLICATE_KEY: "this key is already given above",
  MISSING_CHAR: "a closing quote, bracket, comma or colon is missing before this place",
  MULTIPLE_DOCS: "a second document (---) begins here; a config is one document",
  TAB_AS_INDENT: "a tab in the indentation; YAML takes spaces only",
  TAG_RESOLVE_FAILED: "a tag (!name) that has no meaning here",
};
