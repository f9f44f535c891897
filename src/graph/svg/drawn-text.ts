// Texts inside a picture: what the font can draw, no wider than their place.

/** Whether a font has a character. */
export type HasCharacter = (codePoint: number) => boolean;

const missing = "□";
const ellipsis = "…";

/** More has no place in any picture. */
const longestChars = 400;

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/** In place of what cannot be drawn is a box, one for an emoji of several characters. Control characters are blanks. */
export function drawnText(text: string, has: HasCharacter): string {
  const half = longestChars / 2;
  const cut = text.length > longestChars ? text.slice(0, half) + ellipsis + text.slice(-half) : text;
  const parts = Array.from(graphemes.segment(cut), ({ segment }) => {
    const visible = segment.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").replace(/\p{Cf}/gu, "");
    const isDrawn = !/[\p{Cs}\p{Co}\p{Cn}]/u.test(visible) && [...visible].every((one) => has(one.codePointAt(0) ?? 0));
    return isDrawn ? visible : missing;
  });
  return parts.join("").replace(/\s+/gu, " ").trim();
}

/**
 * Advances of the ASCII characters from space to `~` in Noto Sans SC, in thousandths of the font size (its tables `cmap` and
 * `hmtx`). Han is 1000; other letters are at most about 700.
 */
const asciiAdvances = [
  224, 323, 474, 555, 555, 921, 680, 278, 338, 338, 467, 555, 278, 347, 278, 392, 555, 555, 555, 555, 555, 555, 555,
  555, 555, 555, 278, 278, 555, 555, 555, 474, 946, 608, 657, 638, 688, 589, 552, 689, 728, 293, 535, 646, 543, 812,
  723, 742, 633, 742, 635, 596, 599, 721, 575, 878, 573, 531, 603, 338, 392, 338, 555, 559, 606, 563, 618, 510, 620,
  554, 325, 564, 607, 275, 275, 552, 284, 926, 610, 606, 620, 620, 388, 468, 377, 607, 521, 802, 498, 521, 475, 338,
  270, 338, 555,
];

const firstAscii = 0x20;
const letterAdvance = 700;
/** From Armenian on, scripts of unlike widths; from the general punctuation on, most are as wide as Han. */
const firstWide = 0x530;
const wideAdvance = 1000;

function advanceOf(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  return asciiAdvances[codePoint - firstAscii] ?? (codePoint < firstWide ? letterAdvance : wideAdvance);
}

export function textWidth(text: string, size: number): number {
  let sum = 0;
  for (const character of text) sum += advanceOf(character);
  return (sum * size) / 1000;
}

/** The start of the text, if not all of it. */
export function fitted(text: string, size: number, width: number): string {
  return textWidth(text, size) <= width ? text : startOf([...text], size, width) + ellipsis;
}

/** Start and end of the text: names of series often differ in their ends. */
export function fittedInMiddle(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  const half = (width - textWidth(ellipsis, size)) / 2 + textWidth(ellipsis, size);
  const end = [...startOf(characters.toReversed(), size, half)].toReversed().join("");
  return startOf(characters, size, half) + ellipsis + end;
}

/** So many characters that an ellipsis fits behind them. */
function startOf(characters: readonly string[], size: number, width: number): string {
  let left = width - textWidth(ellipsis, size);
  const count = characters.findIndex((character) => {
    left -= textWidth(character, size);
    return left < 0;
  });
  return characters.slice(0, count === -1 ? characters.length : count).join("");
}
