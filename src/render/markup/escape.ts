// Alert text is data (P9). A template marks what it prints with {{ }}; when the whole body is there, each marked text is made
// harmless for the place it landed in: plain text, inline code, a link's text, a link's URL. Text of the template, and what it
// prints with {{{ }}}, is left as it is. WeCom documents no escape character, so markup is broken with full-width twins.

import { harmless, harmlessBehind, harmlessInV2 } from "./harmless.ts";
import { MarkdownCursor } from "./markdown-cursor.ts";

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

/** Which markup is read: markdown_v2 knows tables, lists and more than markdown does. */
export type Markup = "markdown" | "markdown_v2";

/** Marked text of a whole body in, the body out. Linear in its length, for a sender chooses the texts. */
export function neutralise(marked: string, markup: Markup = "markdown"): string {
  const page = new Page(markup);
  writeTo(page, marked);
  return tidy(page.text());
}

/** The same for a text message, in which only `<@userid>` has a meaning. */
export function neutraliseText(marked: string): string {
  const texts: string[] = [];
  let tail = "";
  const put = (text: string) => {
    texts.push(text);
    tail = tailOf(tail, text);
  };
  writeTo({ literal: put, data: (text) => put(harmlessBehind(plainText(text), tail)) }, marked);
  return tidy(texts.join(""));
}

/** As much of what was written as can join what comes next into a mention. */
function tailOf(tail: string, text: string): string {
  return (tail + text).slice(-2);
}

interface Writer {
  literal(text: string): void;
  /** `after`: the character that will follow. */
  data(text: string, after: string): void;
}

function writeTo(writer: Writer, marked: string): void {
  const [head = "", ...rest] = marked.split(dataStart);
  writer.literal(head.replaceAll(dataEnd, ""));
  for (const piece of rest) {
    const end = piece.indexOf(dataEnd);
    const literal = end === -1 ? "" : piece.slice(end + 1).replaceAll(dataEnd, "");
    writer.data(end === -1 ? piece : piece.slice(0, end), literal.charAt(0));
    writer.literal(literal);
  }
}

/** The body so far, and the place at its end. */
class Page {
  readonly #texts: string[] = [];
  readonly #place = new MarkdownCursor();
  readonly #markup: Markup;
  #tail = "";

  constructor(markup: Markup) {
    this.#markup = markup;
  }

  literal(text: string): void {
    this.#place.literal(text);
    this.#put(text);
  }

  data(text: string, after: string): void {
    const { kind } = this.#place;
    if (kind === "url") this.#putData(encodeInUrl(trimLines(cleanText(text))));
    else if (this.#markup === "markdown_v2" || needsCare.test(text)) this.#putCarefully(text, after);
    else this.#putData(harmlessBehind(text, this.#tail));
  }

  #putCarefully(text: string, after: string): void {
    const place = this.#place;
    const clean = trimLines(cleanText(text));
    const lines = place.oneLine ? [oneLine(clean)] : clean.replace(/\n{3,}/g, "\n\n").split("\n");
    for (const [index, line] of lines.entries()) {
      if (index > 0) this.#continueLine();
      const { kind, lineStart } = place;
      const last = index === lines.length - 1;
      const at = { kind, lineStart, before: this.#tail.slice(-1), after: last ? after : "" };
      const text = this.#markup === "markdown" ? harmless(line, at) : harmlessInV2(line, at);
      this.#putData(harmlessBehind(text, this.#tail));
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
    this.#tail = tailOf(this.#tail, text);
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

/** Percent-encodes what could end or break a link; `%` is left, for a URL is encoded already. */
function encodeInUrl(url: string): string {
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
