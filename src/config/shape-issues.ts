// The faults zod finds in a config file, as issues: with a place, a stable code and a sentence an operator understands.

import type { z } from "zod";
import type { ConfigDocument, ConfigPath, PlaceOf } from "./document.ts";
import type { ConfigIssue, ConfigIssueCode } from "./issue.ts";
import { didYouMean, quote } from "./quote.ts";

export interface Finding {
  readonly code: ConfigIssueCode;
  readonly path: ConfigPath;
  readonly of: PlaceOf;
  readonly message: string;
}

export function issueAt(document: ConfigDocument, finding: Finding): ConfigIssue {
  const { code, path, of, message } = finding;
  return { code, path: formatPath(path), ...document.place(path, of), message };
}

/** `route.routes[1].bot`; a name that is no plain word stands in brackets, quoted. */
export function formatPath(path: ConfigPath): string {
  const written = path.map((name) => {
    if (typeof name === "number") return `[${name}]`;
    return /^[\p{L}\p{N}_-]{1,64}$/u.test(name) && !quote(name).includes("<hidden>") ? `.${name}` : `[${quote(name)}]`;
  });
  return written.join("").replace(/^\./, "");
}

/** zod's own words where the schema has none; what was found instead is added by `shapeFindings`. */
export function shapeSentence(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") return `expected ${expectedWords[issue.expected] ?? issue.expected}`;
  if (issue.code === "invalid_value") return `expected ${issue.values.map(wordOf).join(" or ")}`;
  return undefined;
}

function wordOf(value: unknown): string {
  return value === "" ? '""' : String(value);
}

export function shapeFindings(value: unknown, issues: readonly z.core.$ZodIssue[]): readonly Finding[] {
  return issues.flatMap(wordsOfUnion).flatMap((issue) => {
    const path = issue.path.map((name) => (typeof name === "number" ? name : String(name)));
    if (issue.code === "unrecognized_keys") return unknownKeys(path, issue.keys, issue.message.split(" "));
    if (issue.code === "invalid_key") {
      return [{ code: "bad_value", path, of: "key", message: issue.issues[0]?.message ?? issue.message } as const];
    }
    const found = valueAt(value, path);
    return [found === undefined ? missing(path) : wrong(issue, path, found)];
  });
}

/** A word, or words in a list, that are none of those allowed: each is told by itself, with the nearest. */
function wordsOfUnion(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const isWords = (branch: readonly z.core.$ZodIssue[]) => branch.every((one) => one.code === "invalid_value");
  const branch = issue.errors.filter(isWords).toSorted((a, b) => depthOf(b) - depthOf(a))[0];
  if (branch === undefined) return [issue];
  return branch.map((one) => ({ ...one, path: [...issue.path, ...one.path] }));
}

function depthOf(branch: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...branch.map(({ path }) => path.length));
}

function unknownKeys(path: ConfigPath, keys: readonly string[], known: readonly string[]): readonly Finding[] {
  return keys.map((key) => {
    const rootOnly = path.join(".") === "route" && (key === "matchers" || key === "continue");
    const hint = rootOnly ? "; the root route takes every alert, its routes may have it" : didYouMean(key, known);
    return { code: "unknown_key", path: [...path, key], of: "key", message: `unknown key ${quote(key)}${hint}` };
  });
}

function missing(path: ConfigPath): Finding {
  const message = `missing key ${quote(String(path.at(-1)))}`;
  return { code: "missing_key", path, of: "key", message };
}

function wrong(issue: z.core.$ZodIssue, path: ConfigPath, found: unknown): Finding {
  const { message } = issue;
  if (issue.code === "invalid_value" && typeof found === "string") {
    const hint = didYouMean(found, issue.values.map(String));
    return { code: "bad_value", path, of: "value", message: `${message}, found ${quote(found)}${hint}` };
  }
  const typed = issue.code === "invalid_type" || issue.code === "invalid_union" || issue.code === "invalid_value";
  if (!typed) return { code: "bad_value", path, of: "value", message };
  return { code: "wrong_type", path, of: "value", message: `${message}, found ${describe(found)}` };
}

const expectedWords: Readonly<Record<string, string>> = {
  string: "text",
  boolean: "true or false",
  int: "a whole number",
  number: "a whole number",
  array: "a list",
  object: "a mapping (key: value)",
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

export function valueAt(value: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>((inner, name) => {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, name)) return undefined;
    return (inner as Readonly<Record<string | number, unknown>>)[name];
  }, value);
}

export function mappingOf(value: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as Readonly<Record<string, unknown>>;
}
