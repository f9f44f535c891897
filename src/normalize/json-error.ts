// Where a text stops being JSON. The error of JSON.parse quotes the text and often has no position.
// A flat scan with its own stack: neither depth nor length of a body makes it fail.

export interface JsonError {
  /** From 1. The position of the first token that does not belong there, or the end of the text. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  readonly atEnd: boolean;
}

type ExpectedToken = "value" | "value or ]" | "name" | "name or }" | "colon" | "comma or end";

/** Null when the text is JSON. */
export function findJsonError(text: string): JsonError | null {
  const open: string[] = [];
  let expected: ExpectedToken | null = "value";
  let at = skipJsonSpace(text, 0);

  while (at < text.length) {
    const end = tokenEnd(text, at);
    expected = end === -1 ? null : nextExpected(text.charAt(at), expected, open);
    if (expected === null) return errorAt(text, at);
    at = skipJsonSpace(text, end);
  }

  return open.length === 0 && expected === "comma or end" ? null : errorAt(text, text.length);
}

function nextExpected(token: string, expected: ExpectedToken, open: string[]): ExpectedToken | null {
  const mayBeValue = expected === "value" || expected === "value or ]";
  switch (token) {
    case "{":
    case "[":
      if (!mayBeValue) return null;
      open.push(token);
      return token === "{" ? "name or }" : "value or ]";
    case "}":
      return (expected === "name or }" || expected === "comma or end") && open.pop() === "{" ? "comma or end" : null;
    case "]":
      return (expected === "value or ]" || expected === "comma or end") && open.pop() === "[" ? "comma or end" : null;
    case ":":
      return expected === "colon" ? "value" : null;
    case ",":
      if (expected !== "comma or end" || open.length === 0) return null;
      return open.at(-1) === "{" ? "name" : "value";
    case '"':
      if (expected === "name" || expected === "name or }") return "colon";
      return mayBeValue ? "comma or end" : null;
    default:
      return mayBeValue ? "comma or end" : null;
  }
}

const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** -1 when no token starts there. */
function tokenEnd(text: string, at: number): number {
  if ("{}[]:,".includes(text.charAt(at))) return at + 1;
  return text.charAt(at) === '"' ? stringEnd(text, at + 1) : matchEnd(literal, text, at);
}

function stringEnd(text: string, from: number): number {
  let at = from;
  while (at !== -1 && at < text.length) {
    const char = text.charAt(at);
    if (char === '"') return at + 1;
    if (char < " ") return -1;
    at = char === "\\" ? matchEnd(escapeSequence, text, at) : at + 1;
  }
  return -1;
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function skipJsonSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\n\r".includes(text.charAt(at))) at += 1;
  return at;
}

function errorAt(text: string, at: number): JsonError {
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1, atEnd: at === text.length };
}
