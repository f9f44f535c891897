// Parses the bytes of a request as JSON. The rejection of a text that is not JSON says what the text looks like and does not quote it.

import { hash } from "node:crypto";
import { decodings } from "./decode.ts";
import { isObject } from "./read-fields.ts";
import { type BodyRejection, bodyLimits, rejectBody } from "./rejection.ts";

export interface ParsedBody {
  readonly kind: "parsed";
  readonly body: unknown;
  /** Hash of the bytes when their text was decoded with losses, else null. */
  readonly lossyBody: string | null;
}

/**
 * The first decoding that is JSON counts: a damaged character is better than a rejected alert, which its sender does not repeat.
 * @param charset as the sender declared it
 */
export function parseBody(bytes: Uint8Array, charset: string | null = null): ParsedBody | BodyRejection {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return rejectBody("gzip_body");

  let likeliest: string | null = null;
  for (const { text, lossy } of decodings(bytes, charset)) {
    if (holdsMoreValuesThan(bodyLimits.values, text)) return rejectBody("too_many_values");
    const body = parsedJson(text);
    if (body !== undefined)
      return { kind: "parsed", body, lossyBody: lossy ? hash("sha256", bytes, "base64url") : null };
    likeliest ??= text;
  }
  return rejectText(likeliest ?? "", bytes);
}

/** Undefined for a text that is not JSON. */
function parsedJson(text: string): unknown {
  try {
    return withExactGroupKey(JSON.parse(text), text);
  } catch {
    return undefined;
  }
}

function rejectText(text: string, bytes: Uint8Array): BodyRejection {
  if (text.trim() === "") return rejectBody("empty_body");
  if (text.includes("\0") && looksLikeUtf16(bytes)) return rejectBody("utf16_body");

  const rejection = rejectBody("not_json");
  return { ...rejection, message: `${rejection.message}; received ${describeText(text)} (${bytes.length} bytes)` };
}

/** A byte order mark, or an ASCII character in two bytes, with which every JSON text begins. */
function looksLikeUtf16([first, second]: Uint8Array): boolean {
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return isMarked || (first === 0 && second !== 0) || (first !== 0 && second === 0);
}

/** HTML usually comes from a proxy or a login page. */
function describeText(text: string): string {
  const trimmed = text.trim();
  if (trimmed.startsWith("<")) return "HTML or XML";
  if (/^[\w.%+-]+=/.test(trimmed)) return "a form";
  if (!/^[[{]/.test(trimmed)) return "text of another format";
  if (trimmed.endsWith("}") || trimmed.endsWith("]")) return "JSON with a syntax error";
  return "JSON that is cut off or followed by other text";
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [bracket, closingBracket, brace, closingBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Counted before parsing: a body of 10 MB may hold three million objects, which take 360 MB. Each value but the first follows a
 * comma or opens its list or object; an empty list counts twice.
 */
export function holdsMoreValuesThan(most: number, text: string): boolean {
  return text.length >= most && startsOfValues(text) >= most;
}

/** In a text that is not JSON the count means nothing; such a text is rejected by the parser. */
function startsOfValues(text: string): number {
  let starts = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === comma || unit === bracket || unit === brace) starts += 1;
    else if (unit === quote) at = endOfString(text, at + 1);
  }
  return starts;
}

function endOfString(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

/**
 * Alertmanager of 2017 sent the key as a number beyond 2^53. As a rounded number, the keys of different groups would be equal. Found
 * in the text: parsing a body once more, with a reviver that gets the digits, takes ten times the memory.
 */
function withExactGroupKey(body: unknown, text: string): unknown {
  if (!isObject(body) || typeof body.groupKey !== "number" || Number.isSafeInteger(body.groupKey)) return body;

  // The object is new and nobody else has it; a copy of one with a million names would double its memory.
  return Object.assign(body, { groupKey: numberOfName("groupKey", text) });
}

/** As the text of a JSON object has it; of several with one name, the last, as JSON.parse has it. */
function numberOfName(name: string, text: string): string | undefined {
  const number = /\s*:\s*(-?\d[\d.eE+-]*)/y;
  let depth = 0;
  let found: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === brace || unit === bracket) depth += 1;
    else if (unit === closingBrace || unit === closingBracket) depth -= 1;
    else if (unit === quote) {
      const start = at;
      at = endOfString(text, at + 1);
      number.lastIndex = at + 1;
      const match = depth === 1 ? number.exec(text) : null;
      if (match !== null && JSON.parse(text.slice(start, at + 1)) === name) found = match[1];
    }
  }
  return found;
}
