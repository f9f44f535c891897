// Where a text stops being JSON. JSON.parse says so too, but quotes the text in its message and often names no position.
// A flat scan with its own stack: no depth and no length of a body makes it fail.

export interface JsonFault {
  /** Both from 1; the column counts UTF-16 units. The place of the token that does not belong there, or the end. */
  readonly line: number;
  readonly column: number;
  readonly atEnd: boolean;
}

type Expected = "value" | "value or ]" | "name" | "name or }" | "colon" | "comma or end";

/** Null when the text is JSON. */
export function findJsonFault(text: string): JsonFault | null {
  const open: string[] = [];
  let expected: Expected | null = "value";
  let at = skipGap(text, 0);

  while (at < text.length) {
    const end = tokenEnd(text, at);
    expected = end === -1 ? null : nextExpected(text.charAt(at), expected, open);
    if (expected === null) return faultAt(text, at);
    at = skipGap(text, end);
  }

  return open.length === 0 && expected === "comma or end" ? null : faultAt(text, text.length);
}

function nextExpected(token: string, expected: Expected, open: string[]): Expected | null {
  const isValuePlace = expected === "value" || expected === "value or ]";
  switch (token) {
    case "{":
    case "[":
      if (!isValuePlace) return null;
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
      return isValuePlace ? "comma or end" : null;
    default:
      return isValuePlace ? "comma or end" : null;
  }
}

const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const escaped = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

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
    at = char === "\\" ? matchEnd(escaped, text, at) : at + 1;
  }
  return -1;
}

function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function skipGap(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\n\r".includes(text.charAt(at))) at += 1;
  return at;
}

function faultAt(text: string, at: number): JsonFault {
  const lines = text.slice(0, at).split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1, atEnd: at === text.length };
}
