// Parses a YAML text by a schema. What zod reports becomes issues: with a place, a stable code and a sentence for an operator.

import type * as z from "zod";
import type { Issue, IssueCode } from "../domain/issue.ts";
import {
  type ConfigDocument,
  type ConfigPath,
  mappingOf,
  type PlacedMessage,
  readDocument,
  valueAtPath,
} from "./document.ts";
import { didYouMean, inQuotes } from "./in-quotes.ts";
import { pastedKeyHint, valueHint } from "./pasted.ts";

type ParsedText<T> =
  | { readonly kind: "parsed"; readonly value: T; readonly issueAt: ConfigDocument["issueAt"] }
  /** The issues in the order of their places; `value` as it is written, null when the text is not YAML. */
  | { readonly kind: "invalid"; readonly issues: readonly Issue[]; readonly value: unknown };

export function parseConfigText<T>(text: string, schema: z.ZodType<T>): ParsedText<T> {
  const document = readDocument(text);
  if (document.value === null) return { kind: "invalid", issues: inOrder(document.issues), value: null };
  // A schema is built for one parse: compiling it would take longer than the parse.
  const parsed = schema.safeParse(document.value, { error: typeMessage, jitless: true });
  const messages = (parsed.error?.issues ?? [])
    .flatMap((issue) => messagesOf(issue, document.value))
    .map((placed) => ({
      ...placed,
      message: withHint(placed, valueAtPath(document.value, placed.path)),
    }));
  const issues = [...document.issues, ...messages.map(document.issueAt)];
  if (!parsed.success || issues.length > 0) return { kind: "invalid", issues: inOrder(issues), value: document.value };
  return { kind: "parsed", value: parsed.data, issueAt: document.issueAt };
}

function withHint({ code, path, message }: PlacedMessage, value: unknown): string {
  const hint = valueHint(value, path.at(-1), code !== "wrong_type");
  return hint === null || message.includes(hint) ? message : `${message}; ${hint}`;
}

export function inOrder(issues: readonly Issue[]): readonly Issue[] {
  return issues.toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** Where the schema has no message of its own; what was found instead is added later. */
function typeMessage(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") return `expected ${expectedTypes[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value") return `expected ${oneOf(issue.values.map(shownChoice))}`;
  return undefined;
}

function shownChoice(value: unknown): string {
  return value === "" ? '""' : String(value);
}

function oneOf(choices: readonly string[]): string {
  return choices.length > 2 ? `one of: ${choices.join(", ")}` : choices.join(" or ");
}

function messagesOf(reported: z.core.$ZodIssue, value: unknown): readonly PlacedMessage[] {
  return choicesOfUnion(reported).flatMap((issue): readonly PlacedMessage[] => {
    const path = issue.path.map((name) => (typeof name === "number" ? name : String(name)));
    if (issue.code === "custom" && isOwn(issue.params)) {
      return [{ code: issue.params.code, path, of: issue.params.of, message: issue.message }];
    }
    if (issue.code === "unrecognized_keys") return unknownKeys(path, issue.keys, issue.message.split(" "));
    if (issue.code === "invalid_key") {
      return [{ code: "bad_value", path, of: "key", message: issue.issues[0]?.message ?? issue.message }];
    }
    const found = valueAtPath(value, path);
    return [found === undefined ? missingKey(path) : wrongValue(issue, path, found)];
  });
}

interface OwnParams {
  readonly code: IssueCode;
  readonly of: PlacedMessage["of"];
}

/** What `rawIssue` adds to an issue of our own. */
function isOwn(params: unknown): params is OwnParams {
  return typeof valueAtPath(params, ["code"]) === "string";
}

/** What is wrong in a list, and a text that is none of the choices, is an issue by itself. */
function choicesOfUnion(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const isNearer = (branch: readonly z.core.$ZodIssue[]) =>
    depthOf(branch) > 0 || branch.every((one) => one.code === "invalid_value");
  const branch = issue.errors.filter(isNearer).toSorted((a, b) => depthOf(b) - depthOf(a))[0];
  if (branch === undefined) return [issue];
  return branch.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}

function depthOf(branch: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...branch.map(({ path }) => path.length));
}

function unknownKeys(path: ConfigPath, keys: readonly string[], known: readonly string[]): readonly PlacedMessage[] {
  return keys.map((key) => {
    const hint = pastedKeyHint(key, path) ?? didYouMean(key, known);
    return { code: "unknown_key", path: [...path, key], of: "key", message: `unknown key ${inQuotes(key)}${hint}` };
  });
}

function missingKey(path: ConfigPath): PlacedMessage {
  const message = `missing key ${inQuotes(String(path.at(-1)))}`;
  return { code: "missing_key", path, of: "key", message };
}

function wrongValue(issue: z.core.$ZodIssue, path: ConfigPath, found: unknown): PlacedMessage {
  const { message } = issue;
  if (issue.code === "invalid_value" && typeof found === "string") {
    const hint = didYouMean(found, issue.values.map(String));
    return { code: "bad_value", path, of: "value", message: `${message}; found ${inQuotes(found)}${hint}` };
  }
  const typed = issue.code === "invalid_type" || issue.code === "invalid_union" || issue.code === "invalid_value";
  if (!typed) return { code: "bad_value", path, of: "value", message };
  const remedy = remedyFor(message, found);
  return { code: "wrong_type", path, of: "value", message: `${message}, found ${describe(found)}${remedy}` };
}

function remedyFor(expected: string, found: unknown): string {
  const isNamed = typeof found === "number" || typeof found === "boolean";
  if (expected === "expected text" && isNamed) return "; put it in quotes";
  // {{x}} is a mapping in a mapping.
  if (Object.keys(mappingOf(found) ?? {})[0]?.startsWith("{") === true) return "; put {{…}} in quotes";
  if (expected.startsWith("expected a mapping") && found === null) return "; indent the lines that belong to it";
  return expected === "expected a list" ? "; write it as a list, [ … ]" : "";
}

const expectedTypes: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  int: "a whole number",
  number: "a whole number",
  array: "a list",
  record: "a mapping (key: value)",
};

/** Never the text itself: it may be a key in the wrong place. */
function describe(found: unknown): string {
  if (found === null) return "nothing";
  if (Array.isArray(found)) return "a list";
  if (typeof found === "object") return "a mapping";
  if (typeof found === "string") return /^(?:yes|no|on|off)$/i.test(found) ? `text (${found})` : "text";
  if (typeof found === "number") return Number.isInteger(found) ? "a number" : "a fraction";
  return String(found);
}
