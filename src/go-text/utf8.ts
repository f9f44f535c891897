// Text measured, compared and cut as Go sees it: by UTF-8 bytes and whole code points, where JavaScript counts UTF-16 units.

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

/** Bytes `from` to `to`. Half a code point becomes U+FFFD, where Go would print the broken bytes. */
export function sliceBytes(text: string, from: number, to: number): string {
  return Buffer.from(text, "utf8").subarray(from, to).toString("utf8");
}

const CUT_MARK = "…";
const CUT_MARK_BYTES = 3;

/** At most `bytes` bytes of whole code points, the mark of the cut included; below 3 bytes there is no room for the mark. */
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
