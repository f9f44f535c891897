// Alertmanager's UTF-8 notation (prometheus/alertmanager matcher/parse): names and values are quoted with Go's escapes, or
// unquoted and without reserved characters; braces are optional but must be paired; one trailing comma is allowed.

import type { MatcherOp, MatcherParts, ParsedParts } from "./matcher-classic.ts";

interface Token {
  readonly kind: "{" | "}" | "," | "operator" | "quoted" | "unquoted" | "end" | "invalid";
  readonly text: string;
  readonly offset: number;
}

type InvalidMatcher = Extract<ParsedParts, { readonly kind: "invalid" }>;

/** White space is Unicode's, as in Go's `unicode.IsSpace`. */
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
  const parts: MatcherParts[] = [];
  const tokens = tokenize(text);
  let token = tokens.next().value;
  const braced = token.kind === "{";
  if (braced) token = tokens.next().value;
  while (token.kind !== "}" && token.kind !== "end") {
    const part = readUtf8Matcher(token, tokens);
    if ("message" in part) return part;
    parts.push(part);
    token = tokens.next().value;
    if (token.kind === ",") token = tokens.next().value;
    else if (token.kind !== "}" && token.kind !== "end") return unexpected(token, "a comma or a close brace");
  }
  if (braced && token.kind === "end") return unexpected(token, "a close brace");
  if (!braced && token.kind === "}")
    return { kind: "invalid", message: "a close brace without an open brace", offset: token.offset };
  if (token.kind === "end") return { kind: "parsed", parts };
  const last = tokens.next().value;
  return last.kind === "end" ? { kind: "parsed", parts } : unexpected(last, "nothing after the close brace");
}

/** The last token is `end`, or `invalid` where no token can start. */
function* tokenize(text: string): Generator<Token, Token> {
  let offset = skipWhiteSpace(text, 0);
  while (offset < text.length) {
    const token = tokenAt(text, offset);
    if (token.kind === "invalid") return token;
    yield token;
    offset = skipWhiteSpace(text, offset + token.text.length);
  }
  return { kind: "end", text: "", offset: text.length };
}

function skipWhiteSpace(text: string, offset: number): number {
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

function readUtf8Matcher(first: Token, tokens: Iterator<Token, Token>): MatcherParts | InvalidMatcher {
  const name = labelText(first);
  if (name === null) return unexpected(first, "a label name");
  const operator = tokens.next().value;
  if (operator.kind !== "operator") return unexpected(operator, "an operator: =, !=, =~ or !~");
  const second = tokens.next().value;
  const value = labelText(second);
  if (value === null) return unexpected(second, "a label value");
  return { name, op: operator.text as MatcherOp, value, valueOffset: second.offset };
}

function labelText(token: Token): string | null {
  if (token.kind === "unquoted") return token.text;
  return token.kind === "quoted" ? unquoteGo(token.text) : null;
}

function unexpected(token: Token, expected: string): InvalidMatcher {
  if (token.kind === "quoted" && unquoteGo(token.text) === null) {
    return {
      kind: "invalid",
      message: `${token.text} has an escape that Go strings do not have`,
      offset: token.offset,
    };
  }
  const found = token.kind === "end" ? "the end" : token.text === '"' ? 'a " that is not closed' : token.text;
  return { kind: "invalid", message: `found ${found}, expected ${expected}`, offset: token.offset };
}

const goPieces =
  /\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([^\\"\n]+)|([\s\S])/g;

const escapedLetters: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a double-quoted Go string as strconv.Unquote does; null when it is not one or its bytes are not UTF-8. */
function unquoteGo(literal: string): string | null {
  if (literal.length < 2 || !literal.startsWith('"') || !literal.endsWith('"')) return null;
  const bytes: Uint8Array[] = [];
  for (const piece of literal.slice(1, -1).matchAll(goPieces)) {
    const read = readPiece(piece);
    if (read === null) return null;
    bytes.push(read);
  }
  try {
    return strictUtf8.decode(Buffer.concat(bytes));
  } catch {
    return null;
  }
}

/** `\x` and octal escapes are bytes, not characters: several of them may form one character. */
function readPiece(piece: RegExpExecArray): Uint8Array | null {
  const [, letter, hexByte, octalByte, shortCode, longCode, plain] = piece;
  if (plain !== undefined) return Buffer.from(plain);
  if (letter !== undefined) return Buffer.from(escapedLetters[letter] ?? "");
  if (hexByte !== undefined) return Uint8Array.of(Number.parseInt(hexByte, 16));
  if (octalByte !== undefined) return Uint8Array.of(Number.parseInt(octalByte, 8));
  const code = shortCode ?? longCode;
  return code === undefined ? null : encodeCodePoint(Number.parseInt(code, 16));
}

/** Null for surrogates and for numbers beyond Unicode, as in Go. */
function encodeCodePoint(code: number): Uint8Array | null {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
  return Buffer.from(String.fromCodePoint(code));
}
