// Matchers with Alertmanager's meaning. Regular expressions are RE2: anchored, in linear time. There are two notations, tried as in
// Alertmanager (matcher/compat/parse.go, FallbackMatchersParser): UTF-8 if it is valid, else classic. Where both are valid and
// differ, classic is used.

import type { RE2JS } from "re2js";
import type { LabelSet } from "../domain/alert.ts";
import { loadRe2 } from "../go-text/regexp.ts";
import { type MatcherOp, type ParsedParts, parseClassic } from "./matcher-classic.ts";
import { parseUtf8 } from "./matcher-utf8.ts";

export interface Matcher {
  readonly name: string;
  readonly op: MatcherOp;
  readonly value: string;
  /** A missing label counts as the empty string. */
  matches(labels: LabelSet): boolean;
}

export type ParsedMatchers =
  | { readonly kind: "parsed"; readonly matchers: readonly Matcher[] }
  /** `offset` counts UTF-16 units from the start of the text. */
  | { readonly kind: "invalid"; readonly message: string; readonly offset: number };

/** As it is written in a config. */
export function matcherText({ name, op, value }: Omit<Matcher, "matches">): string {
  return `${name}${op}${JSON.stringify(value)}`;
}

/** One entry of a config: any number of matchers with commas between them, with or without braces. */
export function parseMatchers(text: string): ParsedMatchers {
  const utf8 = compileAll(parseUtf8(text));
  const classic = compileAll(parseClassic(text));
  if (classic.kind === "invalid") return utf8;
  return utf8.kind === "parsed" && sameMatchers(utf8.matchers, classic.matchers) ? utf8 : classic;
}

function sameMatchers(a: readonly Matcher[], b: readonly Matcher[]): boolean {
  const same = (x: Matcher, y: Matcher | undefined) => x.name === y?.name && x.op === y.op && x.value === y.value;
  return a.length === b.length && a.every((matcher, index) => same(matcher, b[index]));
}

function compileAll(parsed: ParsedParts): ParsedMatchers {
  if (parsed.kind === "invalid") return parsed;
  const matchers: Matcher[] = [];
  for (const part of parsed.parts) {
    const matcher = compileMatcher(part);
    if (typeof matcher === "string") return { kind: "invalid", message: matcher, offset: part.valueOffset };
    matchers.push(matcher);
  }
  return { kind: "parsed", matchers };
}

/** Returns the error of RE2 when the pattern is invalid. */
export function compileMatcher({ name, op, value }: Omit<Matcher, "matches">): Matcher | string {
  const test = compileTest({ op, value });
  if (typeof test === "string") return test;
  return { name, op, value, matches: (labels) => test(labelValue(labels, name)) };
}

/** The test of a label's value, or the error of RE2. */
function compileTest({ op, value }: Pick<Matcher, "op" | "value">): ((text: string) => boolean) | string {
  if (op === "=") return (text) => text === value;
  if (op === "!=") return (text) => text !== value;
  const pattern = compilePattern(value);
  if (typeof pattern === "string") return pattern;
  return op === "=~" ? (text) => pattern.matches(text) : (text) => !pattern.matches(text);
}

function compilePattern(value: string): RE2JS | string {
  const { RE2JS, RE2JSException } = loadRe2();
  try {
    // The anchors are part of the pattern, as in Alertmanager: what Go accepts between them is accepted here.
    return RE2JS.compile(`^(?:${value})$`);
  } catch (error) {
    if (error instanceof RE2JSException) return error.message;
    throw error;
  }
}

function labelValue(labels: LabelSet, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? "") : "";
}
