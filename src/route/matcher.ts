// Matchers as Alertmanager means them: text in, tests of a label set out. Regular expressions are RE2: anchored, linear time.
// Two notations, read in Alertmanager's order (matcher/compat/parse.go, FallbackMatchersParser): UTF-8 if it is valid,
// else classic; where both are valid and mean different things, classic wins, as it does there.

import { RE2JS, RE2JSException } from "re2js";
import type { LabelSet } from "../domain/alert.ts";
import { parseClassic } from "./matcher-classic.ts";
import type { MatcherOp, MatcherParts, ParsedParts } from "./matcher-parts.ts";
import { parseUtf8 } from "./matcher-utf8.ts";

export interface Matcher {
  readonly name: string;
  readonly op: MatcherOp;
  readonly value: string;
  /** A label that is not there counts as the empty string. */
  matches(labels: LabelSet): boolean;
}

export type ParsedMatchers =
  | { readonly kind: "parsed"; readonly matchers: readonly Matcher[] }
  /** `offset` counts UTF-16 units from the start of the text. */
  | { readonly kind: "faulty"; readonly message: string; readonly offset: number };

/** One line of a config: no, one or several matchers with commas between, in braces or not. */
export function parseMatchers(text: string): ParsedMatchers {
  const utf8 = compileAll(parseUtf8(text));
  const classic = compileAll(parseClassic(text));
  if (classic.kind === "faulty") return utf8;
  return utf8.kind === "parsed" && sameMatchers(utf8.matchers, classic.matchers) ? utf8 : classic;
}

function sameMatchers(a: readonly Matcher[], b: readonly Matcher[]): boolean {
  const same = (x: Matcher, y: Matcher | undefined) => x.name === y?.name && x.op === y.op && x.value === y.value;
  return a.length === b.length && a.every((matcher, index) => same(matcher, b[index]));
}

function compileAll(parsed: ParsedParts): ParsedMatchers {
  if (parsed.kind === "faulty") return parsed;
  const matchers: Matcher[] = [];
  for (const part of parsed.parts) {
    const test = compileTest(part);
    if (typeof test === "string") return { kind: "faulty", message: test, offset: part.valueOffset };
    const { name, op, value } = part;
    matchers.push({ name, op, value, matches: (labels) => test(labelValue(labels, name)) });
  }
  return { kind: "parsed", matchers };
}

/** The test of a label's value, or why RE2 refuses the pattern. */
function compileTest({ op, value }: MatcherParts): ((text: string) => boolean) | string {
  if (op === "=") return (text) => text === value;
  if (op === "!=") return (text) => text !== value;
  const pattern = compilePattern(value);
  if (typeof pattern === "string") return pattern;
  return op === "=~" ? (text) => pattern.matches(text) : (text) => !pattern.matches(text);
}

function compilePattern(value: string): RE2JS | string {
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
