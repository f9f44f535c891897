// One line of alert text in, the same without what WeCom would read as markup in its place out. Markup is broken with
// full-width twins, for WeCom documents no escape character.

import type { PlaceKind } from "./markdown-cursor.ts";

/** Where one line of data lands. */
export interface Neighbours {
  readonly kind: PlaceKind;
  readonly lineStart: boolean;
  readonly before: string;
  readonly after: string;
}

/** One line of data. `<` stays where no tag and no mention can follow: before a number or a sign. */
export function harmless(line: string, at: Neighbours): string {
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

/**
 * What the template's own `<` in front would make of it: a mention, or a colour. `<@` of the template is meant, but everyone is
 * rung by the config only.
 */
export function harmlessBehind(text: string, before: string): string {
  if (before === "<@") return text.replace(/^(\s*)a(?=ll(?![\w.-]))/i, "$1ａ");
  return before.endsWith("<") ? text.replace(/^@/, "＠").replace(/^(?=\/?font)/i, " ") : text;
}

export function harmlessInV2(line: string, at: Neighbours): string {
  return harmless(withoutV2Marks(line, at), at);
}

/** What only markdown_v2 reads: cells, emphasis by one star, struck text, lists, rules and underlined headings. */
function withoutV2Marks(line: string, { kind, lineStart }: Neighbours): string {
  const cell = line.replaceAll("|", "｜");
  if (kind === "code") return cell;
  const plain = cell.replaceAll("*", "＊").replace(/~{2,}/g, (signs) => "～".repeat(signs.length));
  if (!lineStart) return plain;
  return plain
    .replace(/^(\s*)([-+=_])/, (_, space: string, sign: string) => space + (wideSigns[sign] ?? sign))
    .replace(/^(\s*\d+)([.)])(?=\s|$)/, (_, number: string, sign: string) => number + (sign === "." ? "．" : "）"));
}

const wideSigns: Readonly<Record<string, string>> = { "-": "－", "+": "＋", "=": "＝", _: "＿" };

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

/** Signs that open a heading or a quote, and a row of dashes that would make a table of the line above it. */
function wideLineStart(text: string, { lineStart }: Neighbours): string {
  if (!lineStart) return text;
  if (text.includes("-") && /^[\s|:-]*$/.test(text)) return text.replaceAll("|", "｜").replaceAll("-", "－");
  return text.replace(/^(\s*)([#>]+)/, (_, space: string, signs: string) => {
    return space + signs.replaceAll("#", "＃").replaceAll(">", "＞");
  });
}
