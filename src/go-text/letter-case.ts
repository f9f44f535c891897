// Upper, lower and title case as Go has them: Unicode's simple mapping (one code point to one) for the first two, and
// golang.org/x/text/cases for title, which also lower-cases the rest of each word.

export function toUpper(text: string): string {
  return mapRunes(text, upperRune);
}

export function toLower(text: string): string {
  // İ is the only code point that JavaScript lowers to two; the simple mapping is the first of them.
  return mapRunes(text, (rune) => firstRune(rune.toLowerCase()));
}

function mapRunes(text: string, map: (rune: string) => string): string {
  return Array.from(text, map).join("");
}

function upperRune(rune: string): string {
  const simple = withIota(rune);
  if (simple !== null) return simple;
  const upper = rune.toUpperCase();
  return firstRune(upper) === upper ? upper : rune;
}

function firstRune(text: string): string {
  return String.fromCodePoint(text.codePointAt(0) ?? 0);
}

/** Greek letters with iota below have a capital of their own; JavaScript's full mapping takes them apart. */
function withIota(rune: string): string | null {
  const code = rune.codePointAt(0) ?? 0;
  if ((code >= 0x1f80 && code <= 0x1faf) || code === 0x1fbc || code === 0x1fcc || code === 0x1ffc) {
    return code <= 0x1faf ? String.fromCodePoint(code | 8) : rune;
  }
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? String.fromCodePoint(code + 9) : null;
}

/** Letters of two parts whose title form differs from the capital. */
const DIGRAPHS: Readonly<Record<string, string>> = {
  Ǆ: "ǅ",
  ǅ: "ǅ",
  ǆ: "ǅ",
  Ǉ: "ǈ",
  ǈ: "ǈ",
  ǉ: "ǈ",
  Ǌ: "ǋ",
  ǋ: "ǋ",
  ǌ: "ǋ",
  Ǳ: "ǲ",
  ǲ: "ǲ",
  ǳ: "ǲ",
};

function titleRune(rune: string): string {
  const own = DIGRAPHS[rune] ?? withIota(rune);
  if (own !== null && own !== undefined) return own;
  if (/[\u10d0-\u10ff]/.test(rune)) return rune; // Georgian has capitals only for whole words
  const upper = rune.toUpperCase();
  const first = firstRune(upper);
  const rest = upper.slice(first.length);
  return first + (CASED.test(first) ? rest.toLowerCase() : rest);
}

/** May stand inside a word, but only one at a time: don't, a.b */
const MID = /^[':.·\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a]$/u;
/** Goes on with the word. Ideographs, kana and the scripts without spaces do not. */
const WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Cf}\u202f]$/u;
const NO_WORD = /^[\u200b\p{Ideographic}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]$/u;
const CASED = /^\p{Cased}$/u;

export function title(text: string): string {
  const runes = Array.from(text);
  let isInWord = false;
  let wasMid = false;
  return runes
    .map((rune, index) => {
      const isMid = MID.test(rune);
      if (wasMid && isMid) isInWord = false;
      wasMid = isMid;
      if (CASED.test(rune)) {
        const result = isInWord ? lowerRune(runes, index) : titleRune(rune);
        isInWord = true;
        return result;
      }
      if (!isMid && (!WORD.test(rune) || NO_WORD.test(rune))) isInWord = false;
      return rune;
    })
    .join("");
}

/** Sigma has a form of its own at the end of a word. */
function lowerRune(runes: readonly string[], index: number): string {
  const rune = runes[index] ?? "";
  if (rune !== "Σ") return rune.toLowerCase();
  let next = index + 1;
  while (/^\p{Case_Ignorable}$/u.test(runes[next] ?? "")) next++;
  return CASED.test(runes[next] ?? "") ? "σ" : "ς";
}
