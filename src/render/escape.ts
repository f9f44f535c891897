// Alert text is data (P9). A template marks what it prints with {{ }}; when the whole body is there, each marked text is made
// harmless for the place it landed in: plain text, inline code, a link's text, a link's URL. Text of the template, and what it
// prints with {{{ }}}, is left as it is. WeCom documents no escape character, so markup is broken with full-width twins.

import { Place, type PlaceKind } from "./place.ts";

// Non-characters (Unicode 23.7): no text that is meant to be shown contains them.
const dataStart = "\uFDD0";
const dataEnd = "\uFDD1";
const marks = /[\uFDD0\uFDD1]/g;

/** The escape function of markdown environments; `neutralise` must follow. */
export function markData(text: string): string {
  return dataStart + text.replace(marks, "") + dataEnd;
}

// C0 and C1 controls but the line feed, and the controls that reorder what is read (Unicode TR9).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g;
const lineBreaks = /\r\n?|\u0085|\u2028|\u2029/g;

/** Well-formed Unicode whose only control character is `\n`; a tab becomes a space. */
export function cleanText(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.replace(lineBreaks, "\n").replaceAll("\t", " ").replace(controls, "");
}

/** The escape function where no markdown is read: cards, plain text, mentions. */
export function plainText(text: string): string {
  return cleanText(text)
    .replace(marks, "")
    .replace(/<(?=@|$)/g, "＜");
}

/** Anything outside this needs no look at where it stands, except inside a URL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among what needs care.
const needsCare = /[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uD800-\uDFFF`<>[\]()*#!]/;

/** Marked text of a whole body in, the body out. Linear in its length, for a sender chooses the texts. */
export function neutralise(marked: string): string {
  const [head = "", ...rest] = marked.split(dataStart);
  const page = new Page();
  page.literal(head.replaceAll(dataEnd, ""));
  for (const piece of rest) {
    const end = piece.indexOf(dataEnd);
    const literal = end === -1 ? "" : piece.slice(end + 1).replaceAll(dataEnd, "");
    page.data(end === -1 ? piece : piece.slice(0, end), literal.charAt(0));
    page.literal(literal);
  }
  return tidy(page.text());
}

/** The body so far, and the place at its end. */
class Page {
  readonly #texts: string[] = [];
  readonly #place = new Place();
  #before = "";

  literal(text: string): void {
    this.#place.literal(text);
    this.#put(text);
  }

  data(text: string, after: string): void {
    const { kind } = this.#place;
    if (kind === "url") this.#putData(encodeInUrl(trimLines(cleanText(text))));
    else if (needsCare.test(text)) this.#putCarefully(text, after);
    else this.#putData(text);
  }

  #putCarefully(text: string, after: string): void {
    const place = this.#place;
    const clean = trimLines(cleanText(text));
    const lines = place.oneLine ? [oneLine(clean)] : clean.replace(/\n{3,}/g, "\n\n").split("\n");
    for (const [index, line] of lines.entries()) {
      if (index > 0) this.#continueLine();
      const { kind, lineStart } = place;
      const last = index === lines.length - 1;
      this.#putData(harmless(line, { kind, lineStart, before: this.#before, after: last ? after : "" }));
    }
  }

  /** A quote goes on with its mark; a colour is closed and opened again, for a font tag ends with its line. */
  #continueLine(): void {
    const { font, quoted } = this.#place;
    this.literal(`${font === null ? "" : "</font>"}\n${quoted ? "> " : ""}${font ?? ""}`);
    // Behind the tag the line has still to begin.
    this.#place.lineStart = true;
  }

  #putData(text: string): void {
    this.#place.data(text);
    this.#put(text);
  }

  #put(text: string): void {
    this.#texts.push(text);
    this.#before = text.at(-1) ?? this.#before;
  }

  text(): string {
    return this.#texts.join("");
  }
}

/** Line feeds and the spaces around them become one space. */
export function oneLine(text: string): string {
  if (!text.includes("\n")) return text;
  const lines = text.split("\n").map((line, index, all) => {
    const start = index === 0 ? line : line.trimStart();
    return index === all.length - 1 ? start : start.trimEnd();
  });
  return lines.filter((line, index) => line !== "" || index === 0).join(" ");
}

/** Without line feeds at its ends. */
function trimLines(text: string): string {
  let start = 0;
  let end = text.length;
  while (text.charAt(start) === "\n") start += 1;
  while (end > start && text.charAt(end - 1) === "\n") end -= 1;
  return text.slice(start, end);
}

interface Neighbours {
  readonly kind: PlaceKind;
  readonly lineStart: boolean;
  readonly before: string;
  readonly after: string;
}

/** One line of data. `<` stays where no tag and no mention can follow: before a number or a sign. */
function harmless(line: string, at: Neighbours): string {
  const text = line
    .replaceAll("`", "'")
    .replace(/<+(\s?[-+=.$\d])?/g, (signs, number) => (number === undefined ? signs.replaceAll("<", "＜") : signs))
    .replace(/\](?=\()/g, "］");
  const joined = text.startsWith("(") && at.before === "]" ? `（${text.slice(1)}` : text;
  if (at.kind === "code") return joined;
  const ends = wideEnds(joined, at);
  const brackets = at.kind === "linkText" ? wideBrackets(ends) : wideUnpairedBrackets(ends);
  return wideLineStart(wideStars(brackets, at), at);
}

function wideBrackets(text: string): string {
  return text.replaceAll("[", "［").replaceAll("]", "］");
}

/** `[` without its `]` would reach for the next link of the template. */
function wideUnpairedBrackets(text: string): string {
  if (!/[[\]]/.test(text)) return text;
  const chars = text.split("");
  const open: number[] = [];
  for (const [index, char] of chars.entries()) {
    if (char === "[") open.push(index);
    if (char === "]" && open.pop() === undefined) chars[index] = "］";
  }
  for (const index of open) chars[index] = "［";
  return chars.join("");
}

function wideStars(text: string, { before, after }: Neighbours): string {
  const wide = text.replace(/\*{2,}/g, (stars) => "＊".repeat(stars.length));
  const start = before === "*" && wide.startsWith("*") ? `＊${wide.slice(1)}` : wide;
  return after === "*" && start.endsWith("*") ? `${start.slice(0, -1)}＊` : start;
}

/** `]` before a `(` of the template would be a link, `!` before its `[` an image. */
function wideEnds(text: string, { after }: Neighbours): string {
  if (after === "(" && text.endsWith("]")) return `${text.slice(0, -1)}］`;
  return after === "[" && text.endsWith("!") ? `${text.slice(0, -1)}！` : text;
}

function wideLineStart(text: string, { lineStart }: Neighbours): string {
  if (!lineStart) return text;
  return text.replace(/^(\s*)([#>]+)/, (_, space: string, signs: string) => {
    return space + signs.replaceAll("#", "＃").replaceAll(">", "＞");
  });
}

/** Percent-encodes what could end or break a link; `%` is left, for a URL is encoded already. */
export function encodeInUrl(url: string): string {
  return url.replace(/[\s()<>"'`\\[\]{}|^\u0080-\uFFFF]+/g, (text) =>
    encodeURIComponent(text).replace(/[()']/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  );
}

/** Templates leave blank lines where nothing was printed. */
function tidy(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  const lines = wellFormed.split("\n").map((line) => (/[ \u3000]$/.test(line) ? line.trimEnd() : line));
  return trimLines(lines.join("\n").replace(/\n{3,}/g, "\n\n"));
}
