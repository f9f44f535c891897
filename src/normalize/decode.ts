// The text of a body. JSON is UTF-8 (RFC 8259), but programs on Chinese Windows post GBK, and few of them say so.

export interface Decoding {
  readonly text: string;
  /** Some of its characters are U+FFFD in place of bytes that mean nothing in the encoding. */
  readonly lossy: boolean;
}

/**
 * The texts that the bytes may be, the likeliest first: as declared, UTF-8, GB18030 (which includes GBK and GB2312), each without
 * losses; then with losses. Bytes that nearly are UTF-8, such as a text that a sender cut inside a character, are no GB18030,
 * although many decode as such without an error.
 */
export function* decodings(bytes: Uint8Array, charset: string | null): Generator<Decoding> {
  const declared = encodingOf(charset, bytes);
  // What libraries declare without being asked. Every byte is a character in it, so it fits a text of any encoding.
  const isDefault = declared === "windows-1252";
  for (const encoding of isDefault ? ["utf-8", declared] : [declared, "utf-8"]) {
    const text = encoding === null ? null : wholeText(bytes, encoding);
    if (text !== null) yield { text, lossy: false };
    if (text !== null && encoding === "utf-8") return;
  }

  const damaged = new TextDecoder("utf-8").decode(bytes);
  // Two bytes of GBK often are a character of UTF-8 below U+0800.
  if (!isMostlyWhole(damaged, 0x800)) {
    const text = wholeText(bytes, "gb18030");
    if (text !== null) yield { text, lossy: false };
    const damagedGb = text ?? new TextDecoder("gb18030").decode(bytes);
    if (text === null && isMostlyWhole(damagedGb, 0x80)) yield { text: damagedGb, lossy: true };
  }
  yield { text: damaged, lossy: true };
}

/** The decoder's own name; null when the charset is unknown. */
function encodingOf(charset: string | null, bytes: Uint8Array): string | null {
  const encoding = charset === null ? null : knownEncoding(charset);
  if (encoding === "gbk") return "gb18030";
  // Plain `utf-16` leaves the order of bytes to the byte order mark (RFC 2781).
  return encoding === "utf-16le" && bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : encoding;
}

function knownEncoding(charset: string): string | null {
  try {
    return new TextDecoder(charset).encoding;
  } catch {
    return null;
  }
}

const exactUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Without a byte order mark; null when a byte means nothing in the encoding. */
function wholeText(bytes: Uint8Array, encoding: string): string | null {
  try {
    return (encoding === "utf-8" ? exactUtf8 : new TextDecoder(encoding, { fatal: true })).decode(bytes);
  } catch {
    return null;
  }
}

/** Whether more characters from `first` on are whole than are damaged. */
function isMostlyWhole(text: string, first: number): boolean {
  let balance = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0xfffd) balance -= 1;
    else if (unit >= first) balance += 1;
  }
  return balance > 0;
}
