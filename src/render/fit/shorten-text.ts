// Cuts texts, visibly: to bytes with a mark that says how long the text was, or to characters or bytes with `…`.

import { utf8Length } from "../../go-text/strings.ts";
import type { Strings } from "../view/strings.ts";

/**
 * Cuts between graphemes (what a reader takes for one character). `capBytes` is without the mark. The mark of a text
 * that was cut before gives its first length.
 */
export function shortenText(text: string, capBytes: number, strings: Strings): string {
  if (text.length * 3 <= capBytes) return text;
  const bytes = utf8Length(text);
  if (bytes <= capBytes) return text;
  const whole = Math.max(bytes, markedLength(text, strings));
  const short = `${text.slice(0, graphemeEnd(text, capBytes))}${strings.shortened(whole)}`;
  // The mark would make a text that is barely too long longer than it was.
  return utf8Length(short) < bytes ? short : text;
}

/** The length in the mark at the end of a text; 0 without a mark. */
function markedLength(text: string, strings: Strings): number {
  const mark = new RegExp(`${patternOf(strings.shortened(0), "(\\d+)")}$`);
  return Number(mark.exec(text.slice(-longestMark))?.[1] ?? 0);
}

const longestMark = 64;

/** Matches a mark with any number in it. */
function patternOf(mark: string, digits = "\\d+"): string {
  return mark.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace("0", digits);
}

/** Index after the last whole grapheme within the bytes. */
export function graphemeEnd(text: string, maxBytes: number): number {
  let bytes = 0;
  let end = 0;
  while (end < text.length) {
    const point = text.codePointAt(end) ?? 0;
    bytes += bytesOf(point);
    if (bytes > maxBytes) break;
    end += point > 0xffff ? 2 : 1;
  }
  return wholeGraphemes(text, end);
}

/** Half of a surrogate pair becomes U+FFFD, which has three bytes. */
function bytesOf(point: number): number {
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point > 0xffff ? 4 : 3;
}

/** `end`, or the start of the grapheme that it falls into. */
function wholeGraphemes(text: string, end: number): number {
  if (end >= text.length) return end;
  // A grapheme that the end falls into began shortly before it: a family of emoji has some 25 code units.
  const from = Math.max(0, end - 64);
  const segment = new Intl.Segmenter().segment(text.slice(from, end + 64)).containing(end - from);
  const start = segment === undefined ? end : from + segment.index;
  return start === 0 ? end : start;
}

/** How many marks of shortened texts a body holds. */
export function countShortened(body: string, strings: Strings): number {
  const marks = [strings.shortened(0), strings.moreLabels(0), strings.moreAnnotations(0)];
  return body.match(new RegExp(marks.map((mark) => patternOf(mark)).join("|"), "g"))?.length ?? 0;
}

/** The text between marks; the end of every piece but the last is missing. */
export function piecesBetweenMarks(text: string, strings: Strings): readonly string[] {
  return text.split(new RegExp(patternOf(strings.shortened(0))));
}

/** At most `maxChars` characters (code points, as WeCom's advice counts), `…` included. */
export function shortenChars(text: string, maxChars: number): string {
  const chars = [...text];
  if (chars.length <= maxChars) return text;
  const kept = chars.slice(0, maxChars - 1).join("");
  return `${kept.slice(0, wholeGraphemes(text, kept.length)).trimEnd()}…`;
}

/** At most `maxBytes` of UTF-8, `…` included. */
export function shortenBytes(text: string, maxBytes: number): string {
  if (utf8Length(text) <= maxBytes) return text;
  return `${text.slice(0, graphemeEnd(text, maxBytes - utf8Length("…"))).trimEnd()}…`;
}
