// Go's strconv.Quote: text in, a Go string literal out.
import { isPrintable } from "./escapes.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

export function quote(text: string): string {
  return `"${Array.from(text, quoted).join("")}"`;
}

function quoted(rune: string): string {
  const short = ESCAPES[rune];
  if (short !== undefined) return short;
  if (isPrintable(rune)) return rune;
  const code = rune.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, "0")}`;
  return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
