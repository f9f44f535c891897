// Alertmanager's UTF-8 notation (prometheus/alertmanager matcher/parse): names and values are quoted with Go's escapes, or
// unquoted and free of reserved characters; braces are optional but must pair; one trailing comma is allowed.

import { unquoteGo } from "./go-string.ts";
import type { MatcherOp, MatcherParts, ParsedParts } from "./matcher-parts.ts";

interface Token {
  readonly kind: "{" | "}" | "," | "operator" | "quoted" | "unquoted" | "end" | "invalid";
  readonly text: string;
  readonly offset: number;
}

interface Fault {
  readonly message: string;
  readonly offset: number;
}

/** What each kind of token looks like. White space is Unicode's, as Go's `unicode.IsSpace` has it. */
const tokenPatterns = [
  ["{", /\{/y],
  ["}", /\}/y],
  [",", /,/y],
  ["operator", /=~|!=|!~|=/y],
  ["quoted", /"(?:[^"\\]|\\[\s\S])*"/y],
  ["unquoted", /[^\p{White_Space}{}!=~,\\"'`]+/uy],
] as const;

const spacePattern = /\p{White_Space}*/uy;

export function parseUtf8(text: string): ParsedParts {
  const outcome = readAll(tokenize(text));
  return "message" in outcome ? { kind: "faulty", ...outcome } : { kind: "parsed", parts: outcome };
}

/** Ends with an `end` token, or with an `invalid` one where no token can start. */
function tokenize(text: string): Iterator<Token, Token> {
  return (function* tokens(): Generator<Token, Token> {
    let offset = skipSpace(text, 0);
    while (offset < text.length) {
      const token = tokenAt(text, offset);
      if (token.kind === "invalid") return token;
      yield token;
      offset = skipSpace(text, offset + token.text.length);
    }
    return { kind: "end", text: "", offset: text.length };
  })();
}

function skipSpace(text: string, offset: number): number {
  spacePattern.lastIndex = offset;
  return offset + (spacePattern.exec(text)?.[0].length ?? 0);
}

function tokenAt(text: string, offset: number): Token {
  for (const [kind, pattern] of tokenPatterns) {
    pattern.lastIndex = offset;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) return { kind, text: found, offset };
  }
  return { kind: "invalid", text: text.slice(offset, offset + 1), offset };
}

function readAll(tokens: Iterator<Token, Token>): readonly MatcherParts[] | Fault {
  const parts: MatcherParts[] = [];
  let token = tokens.next().value;
  const braced = token.kind === "{";
  if (braced) token = tokens.next().value;
  while (token.kind !== "}" && token.kind !== "end") {
    const part = readOne(token, tokens);
    if ("message" in part) return part;
    parts.push(part);
    token = tokens.next().value;
    if (token.kind === ",") token = tokens.next().value;
    else if (token.kind !== "}" && token.kind !== "end") return fault(token, "a comma or a close brace");
  }
  if (braced && token.kind === "end") return fault(token, "a close brace");
  if (!braced && token.kind === "}") return { message: "a close brace without an open brace", offset: token.offset };
  if (token.kind === "end") return parts;
  const last = tokens.next().value;
  return last.kind === "end" ? parts : fault(last, "nothing after the close brace");
}

function readOne(first: Token, tokens: Iterator<Token, Token>): MatcherParts | Fault {
  const name = readText(first);
  if (name === null) return fault(first, "a label name");
  const operator = tokens.next().value;
  if (operator.kind !== "operator") return fault(operator, "an operator: =, !=, =~ or !~");
  const second = tokens.next().value;
  const value = readText(second);
  if (value === null) return fault(second, "a label value");
  return { name, op: operator.text as MatcherOp, value, valueOffset: second.offset };
}

function readText(token: Token): string | null {
  if (token.kind === "unquoted") return token.text;
  return token.kind === "quoted" ? unquoteGo(token.text) : null;
}

function fault(token: Token, expected: string): Fault {
  if (token.kind === "quoted" && unquoteGo(token.text) === null) {
    return { message: `${token.text} has an escape that Go strings do not know`, offset: token.offset };
  }
  const found = token.kind === "end" ? "the end" : token.text === '"' ? 'a " that is never closed' : token.text;
  return { message: `found ${found}, expected ${expected}`, offset: token.offset };
}
