// Go's text escapes: html, js, urlquery, and query unescaping. Text in, text out.

const SPACE = /[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Unicode white space, as Go's strings.TrimSpace takes it. */
export function trimSpace(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && SPACE.test(text.charAt(start))) start++;
  while (end > start && SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

const HTML: Readonly<Record<string, string>> = {
  "\0": "\ufffd",
  '"': "&#34;",
  "'": "&#39;",
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (char) => HTML[char] ?? char);
}

/** Printable code points and DEL pass, all others become \uXXXX. */
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
export function isPrintable(rune: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(rune);
}

/** For a URL's query: a space becomes +. */
export function escapeQuery(text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed());
  return encoded
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/** Throws on a malformed escape. Bytes that are no UTF-8 become U+FFFD. */
export function unescapeQuery(text: string): string {
  const malformed = text.match(/%(?![0-9a-fA-F]{2}).{0,2}/su);
  if (malformed !== null) throw new Error(`invalid URL escape "${malformed[0]}"`);
  const plain = text.replaceAll("+", " ");
  return plain.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
}
