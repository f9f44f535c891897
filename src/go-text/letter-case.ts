// Upper, lower and title case as Go has them. The first two map one code point to one; title case is that of
// golang.org/x/text/cases, which also lowers the rest of each word.

export function toUpper(text: string): string {
  return mapRunes(text, (rune) => {
    const upper = rune.toUpperCase();
    return firstRune(upper) === upper ? upper : rune;
  });
}

export function toLower(text: string): string {
  // İ is the only code point that JavaScript lowers to two; Go takes the first of them.
  return mapRunes(text, (rune) => firstRune(rune.toLowerCase()));
}

function mapRunes(text: string, map: (rune: string) => string): string {
  return Array.from(text, map).join("");
}

function firstRune(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}

/** Ends a word: ideographs, kana and the scripts without spaces. */
const BREAKS = String.raw`[\u200b\p{Ideographic}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]`;
const LETTERS = String.raw`[[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Cf}\u202f]--${BREAKS}]`;
/** Joins two letters, but only one at a time: don't, a.b */
const JOINERS = "[':.·‘’]";
const WORD = new RegExp(String.raw`(\p{Cased})((?:${LETTERS}|${JOINERS}(?!${JOINERS}))*)`, "gv");

export function title(text: string): string {
  return text.replace(WORD, (_, first: string, rest: string) => {
    const upper = first.toUpperCase();
    const head = firstRune(upper);
    return head + upper.slice(head.length).toLowerCase() + rest.toLowerCase();
  });
}
