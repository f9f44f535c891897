// Go's escapes of text: html, js, urlquery and its reverse, base64, and quoted string literals.

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

/** Go also replaces NUL. */
export function escapeHtmlAsGo(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => HTML[char] ?? char);
}

/** Printable code points and DEL stay, all others become \uXXXX. */
export function escapeJs(text: string): string {
  return Array.from(text, escapeJsRune).join("");
}

function escapeJsRune(rune: string): string {
  if (rune === "\\" || rune === "'" || rune === '"') return `\\${rune}`;
  if (/[<>&=]/.test(rune) || (rune !== "\x7f" && !isPrintable(rune))) {
    const hex = (rune.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `\\u${hex.padStart(4, "0")}`;
  }
  return rune;
}

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the plain space. */
function isPrintable(rune: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(rune);
}

/** For the query of a URL: a space becomes +. */
export function escapeQuery(text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed());
  return encoded
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/** Throws on a malformed escape. Bytes that are not UTF-8 become U+FFFD. */
export function unescapeQuery(text: string): string {
  const malformed = text.match(/%(?![0-9a-fA-F]{2}).{0,2}/su);
  if (malformed !== null) throw new Error(`invalid URL escape "${malformed[0]}"`);
  const plain = text.replaceAll("+", " ");
  return plain.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
}

/** With the URL-safe alphabet and padding, as in Alertmanager 0.34. */
export function encodeBase64(text: string): string {
  const encoded = Buffer.from(text, "utf8").toString("base64url");
  return encoded.padEnd(Math.ceil(encoded.length / 4) * 4, "=");
}

/** Throws on any other text; ignores line ends, as Go does. */
export function decodeBase64(text: string): string {
  const compact = text.replace(/[\r\n]/g, "");
  const isValid = /^(?:[\w-]{4})*(?:[\w-]{2}==|[\w-]{3}=)?$/.test(compact);
  if (!isValid) throw new Error("illegal base64 data: expected the URL-safe alphabet with padding");
  return Buffer.from(compact, "base64url").toString("utf8");
}

const QUOTED: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

/** A Go string literal, like strconv.Quote. */
export function goQuote(text: string): string {
  return `"${Array.from(text, quoted).join("")}"`;
}

function quoted(rune: string): string {
  const short = QUOTED[rune];
  if (short !== undefined) return short;
  if (isPrintable(rune)) return rune;
  const code = rune.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, "0")}`;
  return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
