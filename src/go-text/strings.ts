// Text as Go handles it: measured, compared and cut by UTF-8 bytes and whole code points, where JavaScript counts UTF-16
// units; trimmed; and in upper, lower and title case.

export function utf8Length(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** The order of the UTF-8 bytes, which is the order of the code points. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above U+FFFF, so they come after U+E000-U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** From byte `from` to before byte `to`. Half a code point becomes U+FFFD, where Go would print the broken bytes. */
export function sliceBytes(text: string, from: number, to: number): string {
  return Buffer.from(text, "utf8").subarray(from, to).toString("utf8");
}

const CUT_MARK = "…";
const CUT_MARK_BYTES = 3;

/** Keeps at most `bytes` bytes of whole code points, with the mark of the cut; below 3 bytes the mark does not fit. */
export function truncateBytes(text: string, bytes: number): string {
  if (utf8Length(text) <= bytes) return text;
  const room = bytes >= CUT_MARK_BYTES ? bytes - CUT_MARK_BYTES : Math.max(0, bytes);
  let used = 0;
  let kept = "";
  for (const rune of text) {
    used += utf8Length(rune);
    if (used > room) break;
    kept += rune;
  }
  return bytes >= CUT_MARK_BYTES ? kept + CUT_MARK : kept;
}

const SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Removes Unicode white space from both ends, like Go's strings.TrimSpace. A loop, because a regexp takes quadratic time. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start++;
  while (end > start && SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Maps one code point to one, like strings.ToUpper. */
export function toUpper(text: string): string {
  return mapRunes(text, (rune) => {
    const upper = rune.toUpperCase();
    return firstRune(upper) === upper ? upper : rune;
  });
}

/** Maps one code point to one, like strings.ToLower. */
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

/** Like golang.org/x/text/cases: the first letter of each word is a capital, the rest of it is lower case. */
export function titleCase(text: string): string {
  return text.replace(WORD, (_, first: string, rest: string) => {
    const upper = first.toUpperCase();
    const head = firstRune(upper);
    return head + upper.slice(head.length).toLowerCase() + rest.toLowerCase();
  });
}
