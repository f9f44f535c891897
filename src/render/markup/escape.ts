// Alert text is data. A template marks what it prints with {{ }}; once the whole body is there, each marked text is
// escaped for the place where it stands: plain text, inline code, the text or the URL of a link. Text of the
// template itself, and what it prints with {{{ }}}, is left as it is. WeCom documents no escape character, so markup is
// broken by full-width characters.

import { MarkdownCursor, type MarkdownPlace } from "./markdown-cursor.ts";

// Non-characters (Unicode 23.7): no text for readers contains them.
const dataStart = "\uFDD0";
const dataEnd = "\uFDD1";
const dataMarks = /[\uFDD0\uFDD1]/g;

/** Marks text as data, and escapes nothing: `escapeMarked` does it once the body is complete. */
export function markData(text: string): string {
  return dataStart + text.replace(dataMarks, "") + dataEnd;
}

// C0 and C1 controls but the line feed, and the controls that reorder what is read (Unicode TR9).
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is for control characters.
const controls = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g;
const lineBreaks = /\r\n?|\u0085|\u2028|\u2029/g;

/** All that the two find, and halves of characters. Most texts have none of it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern is for control characters.
const unclean = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uD800-\uDFFF]/;

/** Well-formed Unicode whose only control character is `\n`; a tab becomes a space. */
export function cleanText(text: string): string {
  if (!unclean.test(text)) return text;
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  return wellFormed.replace(lineBreaks, "\n").replaceAll("\t", " ").replace(controls, "");
}

/** The escape function where WeCom reads no markdown: cards, plain text, mentions. */
export function plainText(text: string): string {
  return cleanText(text)
    .replace(dataMarks, "")
    .replace(/<(?=@|$)/g, "＜");
}

/** Text without these characters needs no escaping, except in a URL, and a row of dashes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters need care.
const needsCare = /[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uD800-\uDFFF`<>[\]()*#!]/;

/** markdown_v2 has tables, lists and other markup that markdown does not have. */
type Markup = "markdown" | "markdown_v2";

/** Escapes what is marked as data, and removes the marks. Linear in the length of the text: a sender chooses it. */
export function escapeMarked(marked: string, markup: Markup = "markdown"): string {
  const writer = new MarkdownWriter(markup);
  writeTo(writer, marked);
  return tidy(writer.text());
}

/** The same for a text message, whose only markup is `<@userid>`. */
export function escapeMarkedText(marked: string): string {
  const texts: string[] = [];
  let tail = "";
  const put = (text: string) => {
    texts.push(text);
    tail = tailOf(tail, text);
  };
  writeTo({ literal: put, data: (text) => put(escapeAfter(plainText(text), tail)) }, marked);
  return tidy(texts.join(""));
}

/** The last characters, which together with the next ones could be a mention. */
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

/** The body so far, and the position at its end. */
class MarkdownWriter implements Writer {
  readonly #texts: string[] = [];
  readonly #cursor = new MarkdownCursor();
  readonly #markup: Markup;
  #tail = "";

  constructor(markup: Markup) {
    this.#markup = markup;
  }

  literal(text: string): void {
    this.#cursor.literal(text);
    this.#put(text);
  }

  data(text: string, after: string): void {
    const { kind, lineStart } = this.#cursor;
    if (kind === "url") this.#putData(encodeInUrl(trimLines(cleanText(text))));
    else if (this.#markup === "markdown_v2" || needsCare.test(text) || (lineStart && isRowOfDashes(text)))
      this.#putCarefully(text, after);
    else this.#putData(escapeAfter(text, this.#tail));
  }

  #putCarefully(text: string, after: string): void {
    const cursor = this.#cursor;
    const clean = trimLines(cleanText(text));
    const lines = cursor.singleLine ? [asOneLine(clean)] : clean.replace(/\n{3,}/g, "\n\n").split("\n");
    for (const [index, line] of lines.entries()) {
      if (index > 0) this.#continueLine();
      const { kind, lineStart } = cursor;
      const last = index === lines.length - 1;
      const at = { kind, lineStart, before: this.#tail.slice(-1), after: last ? after : "" };
      const plain = this.#markup === "markdown" ? line : withoutV2Marks(line, at);
      this.#putData(escapeAfter(escapeLine(plain, at), this.#tail));
    }
  }

  /** A quote continues with its mark; a colour is closed and opened again, because a font tag ends with its line. */
  #continueLine(): void {
    const { font, quoted } = this.#cursor;
    this.literal(`${font === null ? "" : "</font>"}\n${quoted ? "> " : ""}${font ?? ""}`);
    // A tag does not count as the start of the line.
    this.#cursor.lineStart = true;
  }

  #putData(text: string): void {
    this.#cursor.data(text);
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

export function cleanLine(text: string): string {
  return asOneLine(cleanText(text)).trim();
}

/** Whether WeCom may take characters of the text for markup outside of code. */
export function needsCode(text: string): boolean {
  return /[_*]/.test(text);
}

/** Line feeds and the spaces around them become one space. */
export function asOneLine(text: string): string {
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

/** Percent-encodes what could end or break a link, but not `%`: a URL is encoded already. */
function encodeInUrl(url: string): string {
  return url.replace(/[\s()<>"'`\\[\]{}|^\u0080-\uFFFF]+/g, (text) =>
    encodeURIComponent(text).replace(/[()']/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  );
}

/** Templates leave blank lines where they print nothing. */
function tidy(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed();
  const lines = wellFormed.split("\n").map((line) => (/[ \u3000]$/.test(line) ? line.trimEnd() : line));
  return trimLines(lines.join("\n").replace(/\n{3,}/g, "\n\n"));
}

/** The position of one line of data. */
interface Neighbours {
  readonly kind: MarkdownPlace;
  readonly lineStart: boolean;
  readonly before: string;
  readonly after: string;
}

/** `<` stays where no tag and no mention can follow: before a number or a sign. */
function escapeLine(line: string, at: Neighbours): string {
  const text = line
    .replaceAll("`", "'")
    .replace(/<+(\s?[-+=.$\d])?/g, (signs, number) => (number === undefined ? signs.replaceAll("<", "＜") : signs))
    .replace(/\](?=\()/g, "］");
  const joined = text.startsWith("(") && at.before === "]" ? `（${text.slice(1)}` : text;
  if (at.kind === "code") return joined;
  const ends = fullWidthEnds(joined, at);
  const brackets =
    at.kind === "linkText" ? ends.replaceAll("[", "［").replaceAll("]", "］") : fullWidthUnpairedBrackets(ends);
  return fullWidthLineStart(fullWidthStars(brackets, at), at);
}

/**
 * Keeps a text that follows the template's own `<` from being a mention or a colour. After `<@` of the template a
 * mention is meant, but only the config can mention everyone.
 */
function escapeAfter(text: string, before: string): string {
  if (before === "<@") return text.replace(/^(\s*)a(?=ll(?![\w.-]))/i, "$1ａ");
  return before.endsWith("<") ? text.replace(/^@/, "＠").replace(/^(?=\/?font)/i, " ") : text;
}

/** Markup of markdown_v2 only: cells, emphasis by one star, struck text, lists, rules and underlined headings. */
function withoutV2Marks(line: string, { kind, lineStart }: Neighbours): string {
  const cell = line.replaceAll("|", "｜");
  if (kind === "code") return cell;
  const plain = cell.replaceAll("*", "＊").replace(/~{2,}/g, (signs) => "～".repeat(signs.length));
  if (!lineStart) return plain;
  return plain
    .replace(/^(\s*)([-+=_])/, (_, space: string, sign: string) => space + (fullWidthSigns[sign] ?? sign))
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, (_, number: string, sign: string) => number + (sign === "." ? "．" : "）"));
}

const fullWidthSigns: Readonly<Record<string, string>> = { "-": "－", "+": "＋", "=": "＝", _: "＿" };

/** `[` without its `]` could become part of the next link of the template. */
function fullWidthUnpairedBrackets(text: string): string {
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

function fullWidthStars(text: string, { before, after }: Neighbours): string {
  const wide = text.replace(/\*{2,}/g, (stars) => "＊".repeat(stars.length));
  const start = before === "*" && wide.startsWith("*") ? `＊${wide.slice(1)}` : wide;
  return after === "*" && start.endsWith("*") ? `${start.slice(0, -1)}＊` : start;
}

/** `]` before a `(` of the template would be a link, `!` before its `[` an image. */
function fullWidthEnds(text: string, { after }: Neighbours): string {
  if (after === "(" && text.endsWith("]")) return `${text.slice(0, -1)}］`;
  return after === "[" && text.endsWith("!") ? `${text.slice(0, -1)}！` : text;
}

/** It would make the line above it a table or a heading. */
function isRowOfDashes(line: string): boolean {
  return line.includes("-") && /^[\s|:-]*$/.test(line);
}

/** Signs that open a heading or a quote, and a row of dashes. */
function fullWidthLineStart(text: string, { lineStart }: Neighbours): string {
  if (!lineStart) return text;
  if (isRowOfDashes(text)) return text.replaceAll("|", "｜").replaceAll("-", "－");
  return text.replace(/^(\s*)([#>]+)/, (_, space: string, signs: string) => {
    return space + signs.replaceAll("#", "＃").replaceAll(">", "＞");
  });
}
