// Reads a double-quoted Go string literal, as Go's strconv.Unquote does, into text; null when it is none or its bytes are not UTF-8.

const pieces =
  /\\(?:([abfnrtv\\"])|x([0-9a-fA-F]{2})|([0-3][0-7]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|([^\\"\n]+)|([\s\S])/g;

const letters: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function unquoteGo(literal: string): string | null {
  if (literal.length < 2 || !literal.startsWith('"') || !literal.endsWith('"')) return null;
  const bytes: Uint8Array[] = [];
  for (const piece of literal.slice(1, -1).matchAll(pieces)) {
    const read = readPiece(piece);
    if (read === null) return null;
    bytes.push(read);
  }
  try {
    return utf8.decode(Buffer.concat(bytes));
  } catch {
    return null;
  }
}

/** `\x` and octal escapes give bytes, not characters: several of them may make one. */
function readPiece(piece: RegExpExecArray): Uint8Array | null {
  const [, letter, hexByte, octalByte, shortCode, longCode, plain] = piece;
  if (plain !== undefined) return Buffer.from(plain);
  if (letter !== undefined) return Buffer.from(letters[letter] ?? "");
  if (hexByte !== undefined) return Uint8Array.of(Number.parseInt(hexByte, 16));
  if (octalByte !== undefined) return Uint8Array.of(Number.parseInt(octalByte, 8));
  const code = shortCode ?? longCode;
  return code === undefined ? null : encodeCodePoint(Number.parseInt(code, 16));
}

/** Go refuses surrogates and what lies beyond Unicode. */
function encodeCodePoint(code: number): Uint8Array | null {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return null;
  return Buffer.from(String.fromCodePoint(code));
}
