// Reads a YAML text: its plain value, and the line and column of everything in it. The messages are our own: the parser's may
// quote the text, and the text may hold keys.

import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from "yaml";
import type { Issue, IssueCode } from "../domain/issue.ts";
import { inQuotes } from "./in-quotes.ts";
import { yamlMistake } from "./yaml-mistake.ts";

export type ConfigPath = readonly (string | number)[];

export interface ConfigDocument {
  readonly value: unknown;
  /** Duplicate keys leave a value that can still be checked; after any other syntax error `value` is null. */
  readonly issues: readonly Issue[];
  issueAt(place: PlacedMessage): Issue;
}

export interface PlacedMessage {
  readonly code: IssueCode;
  /** A path that leads nowhere stands for the last key that is there. */
  readonly path: ConfigPath;
  /** `key` is where the last name of the path is written, `value` the value of it. */
  readonly of: "key" | "value";
  readonly message: string;
}

export function readDocument(text: string): ConfigDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: "error" });
  const errors = [...document.errors, ...document.warnings];
  const issues = [
    ...errors.map((error) => syntaxIssue(error, lineCounter, text)),
    ...protoKeys(document).map((key) => protoIssue(key, lineCounter)),
  ];
  const issueAt = ({ code, path, of, message }: PlacedMessage): Issue => {
    const { line, column } = placeAt(lineCounter, offsetIn(document, path, of));
    return { code, path: formatPath(path), line, column, message };
  };
  if (errors.some((error) => error.code !== "DUPLICATE_KEY")) return { value: null, issues, issueAt };
  const value = plainValue(document);
  return value === null ? { value, issues: [...issues, badAliases], issueAt } : { value, issues, issueAt };
}

/** `route.routes[1]`; a name that is no plain word stands in brackets, quoted. */
export function formatPath(path: ConfigPath): string {
  const written = path.map((name) => {
    if (typeof name === "number") return `[${name}]`;
    return /^[\p{L}\p{N}_-]{1,64}$/u.test(name) && !inQuotes(name).includes("<hidden>")
      ? `.${name}`
      : `[${inQuotes(name)}]`;
  });
  return written.join("").replace(/^\./, "");
}

/** Undefined when the path leads nowhere. */
export function valueAtPath(value: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>((inner, name) => {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, name)) return undefined;
    return (inner as Readonly<Record<string | number, unknown>>)[name];
  }, value);
}

export function mappingOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as Readonly<Record<string, unknown>>;
}

const badAliases: Issue = {
  code: "yaml_syntax",
  path: "",
  line: 1,
  column: 1,
  message: "its aliases (*name) refer to themselves or expand to too much; write the values out",
};

/** Keys that are lost when a plain object is copied: their values would be ignored without a message. */
function protoKeys(document: Document.Parsed): readonly Scalar[] {
  const found: Scalar[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === "__proto__") found.push(key);
    },
  });
  return found;
}

function protoIssue(key: Scalar, lineCounter: LineCounter): Issue {
  const { line, column } = placeAt(lineCounter, startOf(key) ?? 0);
  return { code: "unknown_key", path: "", line, column, message: "no key may be named __proto__; choose another name" };
}

/**
 * An empty file is an empty mapping. Keys of the root that begin with `x-` hold what aliases refer to. Null when the aliases
 * cannot be followed to an end.
 */
function plainValue(document: Document.Parsed): unknown {
  try {
    const value: unknown = document.toJS();
    JSON.stringify(value);
    const root = mappingOf(value);
    return root === null
      ? (value ?? {})
      : Object.fromEntries(Object.entries(root).filter(([key]) => !/^x-/u.test(key)));
  } catch {
    return null;
  }
}

function placeAt(lineCounter: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lineCounter.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function offsetIn(document: Document.Parsed, path: ConfigPath, of: PlacedMessage["of"]): number {
  let node: unknown = document.contents;
  let keyOffset = 0;
  let valueOffset = 0;
  for (const name of path) {
    const step = stepInto(followAlias(node, document), name);
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

function followAlias(node: unknown, document: Document.Parsed): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** Nothing behind a key (`bots:`) has no place of its own. */
function startOf(node: unknown): number | null {
  if (!isNode(node) || (isScalar(node) && node.value === null && node.source === "")) return null;
  return node.range?.[0] ?? null;
}

function syntaxIssue(error: YAMLError, lineCounter: LineCounter, text: string): Issue {
  return { code: "yaml_syntax", path: "", ...yamlMistake(error.code, placeAt(lineCounter, error.pos[0]), text) };
}
