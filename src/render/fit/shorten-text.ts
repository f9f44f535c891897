// Cuts texts, visibly: to bytes with a mark that says how long the text was, or to characters or bytes with `…`. A
// shortener does it, at one level, to the texts, URLs and labels of an alert.

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

export interface Level {
  /** Of a text, in UTF-8 bytes, without the mark. */
  readonly capBytes: number;
  /** Of a set or a list of labels. */
  readonly entries: number;
}

export const allEntries = Number.MAX_SAFE_INTEGER;

type Entries<Value> = Readonly<Record<string, Value>>;

export interface Shortener {
  readonly text: (whole: string) => string;
  /** Empty for a URL that is longer than the cap: a cut URL leads nowhere. */
  readonly url: (whole: string) => string;
  readonly links: <Link extends { readonly url: string }>(whole: readonly Link[]) => readonly Link[];
  readonly labels: <Value extends string | number>(whole: Entries<Value>) => Entries<Value | string>;
  readonly annotations: (whole: Entries<string>) => Entries<string>;
  /** The first labels of a list; `rest` makes the entry that says how many are missing. */
  readonly list: <Item>(
    whole: readonly Item[],
    each: (item: Item) => Item,
    rest: (more: string) => Item,
  ) => readonly Item[];
}

export function shortenerFor(level: Level, strings: Strings): Shortener {
  // A label's value stands in several lists of a view.
  const known = new Map<string, string>();
  const text = (whole: string) => {
    if (whole.length * 3 <= level.capBytes) return whole;
    const short = known.get(whole) ?? shortenText(whole, level.capBytes, strings);
    known.set(whole, short);
    return short;
  };
  const hasRoom = (url: string) => utf8Length(url) <= level.capBytes;
  return {
    text,
    url: (whole) => (hasRoom(whole) ? whole : ""),
    links: (whole) => whole.filter(({ url }) => hasRoom(url)),
    labels: (whole) => shortenEntries(whole, level, { text, more: strings.moreLabels }),
    annotations: (whole) => shortenEntries(whole, level, { text, more: strings.moreAnnotations }),
    list: (whole, each, rest) => {
      const kept = whole.slice(0, level.entries).map(each);
      return kept.length === whole.length ? kept : [...kept, rest(strings.moreLabels(whole.length - kept.length))];
    },
  };
}

interface EntryTexts {
  readonly text: (whole: string) => string;
  readonly more: (count: number) => string;
}

/** Names are the sender's and may become equal when they are cut: a later one gets a number. */
function shortenEntries<Value extends string | number>(
  whole: Entries<Value>,
  { capBytes, entries }: Level,
  { text, more }: EntryTexts,
): Entries<Value | string> {
  const all = Object.entries(whole);
  // A UTF-16 unit has three bytes of UTF-8 at most.
  const isShort = (one: Value | string) => typeof one !== "string" || one.length * 3 <= capBytes;
  if (all.length <= entries && all.every((pair) => pair.every(isShort))) return whole;
  const short = new Map<string, Value | string>();
  for (const [name, value] of all.slice(0, entries)) {
    const cut = text(name);
    short.set(short.has(cut) ? `${cut}~${short.size}` : cut, typeof value === "string" ? text(value) : value);
  }
  if (all.length > entries) short.set("…", more(all.length - entries));
  return Object.fromEntries(short);
}
