// Alertmanager's classic notation (prometheus/alertmanager pkg/labels/parse.go): optional braces, split at commas outside quotes,
// names of Prometheus' old alphabet, values quoted or not, with OpenMetrics escapes; any other backslash is literal.

export type MatcherOp = "=" | "!=" | "=~" | "!~";

/** A matcher as both notations read it, not yet compiled. */
export interface MatcherParts {
  readonly name: string;
  readonly op: MatcherOp;
  readonly value: string;
  /** Where the value starts in the text, in UTF-16 units. */
  readonly valueOffset: number;
}

export type ParsedParts =
  | { readonly kind: "parsed"; readonly parts: readonly MatcherParts[] }
  | { readonly kind: "invalid"; readonly message: string; readonly offset: number };

/** `=~` comes before `=`; otherwise its `~` would become part of the value. White space is Go's `\s`, ASCII only. */
const matcherPattern =
  /^[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*([\s\S]*?)[\t\n\f\r ]*$/d;

interface TextPiece {
  readonly text: string;
  readonly offset: number;
}

export function parseClassic(text: string): ParsedParts {
  const start = text.startsWith("{") ? 1 : 0;
  const end = text.length > start && text.endsWith("}") ? text.length - 1 : text.length;
  const parts: MatcherParts[] = [];
  for (const piece of splitAtCommas({ text: text.slice(start, end), offset: start })) {
    const part = readClassicMatcher(piece);
    if (part === null) return { kind: "invalid", message: "not a matcher", offset: piece.offset };
    parts.push(part);
  }
  return { kind: "parsed", parts };
}

/** A backslash escapes the next quote even when there are commas between them; Alertmanager counts quotes in this way. */
function splitAtCommas(whole: TextPiece): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  let insideQuotes = false;
  let escaped = false;
  for (const [index, character] of whole.text.split("").entries()) {
    if (character === "," && !insideQuotes) {
      pieces.push({ text: whole.text.slice(from, index), offset: whole.offset + from });
      from = index + 1;
    }
    if (character === '"' && !escaped) insideQuotes = !insideQuotes;
    if (character !== ",") escaped = character === "\\" && !escaped;
  }
  const rest = lastPiece(whole, from);
  return rest.text === "" ? pieces : [...pieces, rest];
}

/** Only the text after the last comma is trimmed of all Unicode white space; if nothing remains, it is not a piece. */
function lastPiece(whole: TextPiece, from: number): TextPiece {
  const text = whole.text.slice(from);
  return { text: text.trim(), offset: whole.offset + from + (text.length - text.trimStart().length) };
}

function readClassicMatcher(piece: TextPiece): MatcherParts | null {
  const found = matcherPattern.exec(piece.text);
  const [, name, op, raw] = found ?? [];
  if (name === undefined || op === undefined || raw === undefined) return null;
  const value = unescapeValue(raw);
  if (value === null) return null;
  return { name, op: op as MatcherOp, value, valueOffset: piece.offset + (found?.indices?.[3]?.[0] ?? 0) };
}

/** Null when a quote is not closed, or is inside without an escape. */
function unescapeValue(raw: string): string | null {
  const quoted = raw.startsWith('"');
  const body = /^((?:[^\\"]|\\[\s\S]|\\$)*)("?)$/.exec(quoted ? raw.slice(1) : raw);
  if (body === null || (body[2] === '"') !== quoted) return null;
  return (body[1] ?? "").replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
