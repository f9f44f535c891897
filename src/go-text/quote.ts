// Go's strconv.Quote: text in, a Go string literal out.
import { isPrintable } from "./escapes.ts";

export interface QuoteOptions {
  /** Escape all but ASCII. */
  readonly ascii?: boolean;
  /** Use back-quotes when the text allows it. */
  readonly raw?: boolean;
}

export function quote(text: string, options: QuoteOptions): string {
  if (options.raw === true && !/[`\p{Cc}\ufeff]/u.test(text.replaceAll("\t", ""))) return `\`${text}\``;
  return `"${Array.from(text, (rune) => quoted(rune, '"', options)).join("")}"`;
}

export function quoteRune(rune: string, options: QuoteOptions): string {
  return `'${quoted(rune, "'", options)}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

function quoted(rune: string, mark: string, options: QuoteOptions): string {
  if (rune === mark) return `\\${mark}`;
  const short = ESCAPES[rune];
  if (short !== undefined) return short;
  const code = rune.codePointAt(0) ?? 0;
  if (isPrintable(rune) && (options.ascii !== true || code < 0x80)) return rune;
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, "0")}`;
  return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
