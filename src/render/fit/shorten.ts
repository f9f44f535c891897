// Makes a view smaller, visibly: every text of it is cut to a cap and says how long it was, every list of labels to a number
// of entries and says how many are missing, a link whose URL is longer than the cap goes. Fields keep their names and kinds.

import { utf8Length } from "../../go-text/strings.ts";
import { isTimestamp } from "../../go-text/timestamp.ts";
import type { Strings } from "../view/strings.ts";

export interface Level {
  /** Of a text, in UTF-8 bytes, without the mark. */
  readonly capBytes: number;
  /** Of a label set or a list of labels. */
  readonly entries: number;
}

/** Cuts between graphemes (what a reader takes for one character). To cut what was cut before says how long it was at first. */
export function shortenText(text: string, capBytes: number, strings: Strings): string {
  if (text.length * 3 <= capBytes) return text;
  const bytes = utf8Length(text);
  if (bytes <= capBytes) return text;
  const whole = Math.max(bytes, bytesSaid(text, strings));
  const short = `${text.slice(0, graphemeEnd(text, capBytes))}${strings.shortened(whole)}`;
  // Marks would make a text that is barely too long longer than it was.
  return utf8Length(short) < bytes ? short : text;
}

/** What the mark at its end says that a text had; 0 without one. */
function bytesSaid(text: string, strings: Strings): number {
  const mark = new RegExp(`${patternOf(strings.shortened(0), "(\\d+)")}$`);
  return Number(mark.exec(text.slice(-longestMark))?.[1] ?? 0);
}

const longestMark = 64;

/** A mark with any number in it. */
function patternOf(mark: string, digits = "\\d+"): string {
  return mark.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace("0", digits);
}

/** Index behind the last whole grapheme within the bytes. */
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

/** Half a pair becomes U+FFFD, of three bytes. */
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

/** Names, dates and numbers are short already; a shortened URL leads nowhere. */
const kept: ReadonlySet<string> = new Set(["status", "fingerprint", "start", "end", "url", "kind", "stateKind"]);

/** Fields that hold a URL: a cut one leads nowhere. */
const linkKeys = /URL$|^(runbook|dashboard|panel|source|silence|picture)$/;

export function shrink<View extends object>(view: View, level: Level, strings: Strings): View {
  const seen = new Map<object, unknown>();
  return shrinkValue(view, { level, strings, seen, key: "" }) as View;
}

interface Shrinking {
  readonly level: Level;
  readonly strings: Strings;
  /** An alert stands in several lists, once. */
  readonly seen: Map<object, unknown>;
  readonly key: string;
}

function shrinkValue(value: unknown, at: Shrinking): unknown {
  if (typeof value === "string") return shrinkText(value, at);
  if (typeof value !== "object" || value === null || isTimestamp(value)) return value;
  const known = at.seen.get(value);
  if (known !== undefined) return known;
  const small = Array.isArray(value) ? shrinkList(value, at) : shrinkObject(value, at);
  at.seen.set(value, small);
  return small;
}

function shrinkText(text: string, { key, level, strings }: Shrinking): string {
  if (kept.has(key)) return text;
  if (linkKeys.test(key)) return utf8Length(text) > level.capBytes ? "" : text;
  return shortenText(text, level.capBytes, strings);
}

function shrinkList(list: readonly unknown[], at: Shrinking): readonly unknown[] {
  if (at.key === "links" || at.key === "differingLinks")
    return list.filter((link) => utf8Length(urlOf(link)) <= at.level.capBytes);
  const isLabels = ["differing", "common", "highlights"].includes(at.key);
  const small = (isLabels ? list.slice(0, at.level.entries) : list).map((item) =>
    shrinkValue(item, { ...at, key: "" }),
  );
  const missing = list.length - small.length;
  return missing === 0 ? small : [...small, { name: "…", word: "…", value: at.strings.moreLabels(missing) }];
}

function urlOf(link: unknown): string {
  return typeof link === "object" && link !== null ? String(Reflect.get(link, "url")) : "";
}

function shrinkObject(object: object, at: Shrinking): object {
  if (/([lL]abels|[aA]nnotations|^values)$/.test(at.key)) return shrinkLabels(object, at);
  const small: Record<string | symbol, unknown> = {};
  for (const key of Reflect.ownKeys(object)) {
    const name = typeof key === "string" ? key : "";
    small[key] = shrinkValue(Reflect.get(object, key), { ...at, key: name });
  }
  return small;
}

/** Keys are the sender's and may collide once they are cut: a later one is numbered. */
function shrinkLabels(labels: object, at: Shrinking): object {
  const { level, strings } = at;
  const entries = Object.entries(labels);
  const small = new Map<string, unknown>();
  for (const [name, value] of entries.slice(0, level.entries)) {
    const short = shortenText(name, level.capBytes, strings);
    const free = small.has(short) ? `${short}~${small.size}` : short;
    small.set(free, typeof value === "string" ? shortenText(value, level.capBytes, strings) : value);
  }
  const missing = entries.length - Math.min(entries.length, level.entries);
  const said = /nnotations$/.test(at.key) ? strings.moreAnnotations(missing) : strings.moreLabels(missing);
  if (missing > 0) small.set("…", said);
  return Object.fromEntries(small);
}

/** How many texts of a body say that something of them is missing. */
export function countShortened(body: string, strings: Strings): number {
  const marks = [strings.shortened(0), strings.moreLabels(0), strings.moreAnnotations(0)];
  return body.match(new RegExp(marks.map((mark) => patternOf(mark)).join("|"), "g"))?.length ?? 0;
}

/** What stands between the marks of a text; of each piece but the last the end is missing. */
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
