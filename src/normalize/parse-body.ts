// Parses the bytes of a request as JSON. The rejection of a text that is not JSON says what the text looks like and does not quote it.

import { isObject } from "./read-fields.ts";
import { type BodyRejection, bodyLimits, rejectBody } from "./rejection.ts";

const utf8 = new TextDecoder("utf-8");

export type ParsedBody = { readonly kind: "parsed"; readonly body: unknown } | BodyRejection;

/** A byte order mark is skipped. Invalid UTF-8 becomes U+FFFD: a damaged character is better than a rejected alert. */
export function parseBody(bytes: Uint8Array): ParsedBody {
  if (holdsMoreValuesThan(bodyLimits.values, bytes)) return rejectBody("too_many_values");
  const text = utf8.decode(bytes);
  if (text.trim() === "") return rejectBody("empty_body");

  try {
    return { kind: "parsed", body: withExactGroupKey(JSON.parse(text), text) };
  } catch {
    const rejection = rejectBody("not_json");
    return { ...rejection, message: `${rejection.message}; received ${describeText(text)} (${bytes.length} bytes)` };
  }
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

const [quote, backslash, comma, bracket, brace] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/**
 * Counted before parsing: a body of 10 MB may hold three million objects, which take 360 MB. Each value but the first follows a
 * comma or opens its list or object; an empty list counts twice.
 */
export function holdsMoreValuesThan(most: number, bytes: Uint8Array): boolean {
  return bytes.length >= most && startsOfValues(bytes) >= most;
}

/** In a text that is not JSON the count means nothing; such a text is rejected by the parser. */
function startsOfValues(bytes: Uint8Array): number {
  let starts = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === comma || byte === bracket || byte === brace) starts += 1;
    else if (byte === quote) at = endOfString(bytes, at + 1);
  }
  return starts;
}

function endOfString(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

/** Alertmanager of 2017 sent the key as a number beyond 2^53. As a rounded number, the keys of different groups would be equal. */
function withExactGroupKey(body: unknown, text: string): unknown {
  if (!isObject(body) || typeof body.groupKey !== "number" || Number.isSafeInteger(body.groupKey)) return body;

  const groupKey = groupKeySource(text);
  return groupKey === null ? body : { ...body, groupKey };
}

type SourceReviver = (this: unknown, name: string, value: unknown, context: { readonly source?: string }) => unknown;

/** TypeScript's JSON.parse does not know the third argument of a reviver yet (ECMAScript 2026, JSON.parse source text access). */
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/** The digits of the outermost groupKey; null when the body is nested too deeply for a reviver. */
function groupKeySource(text: string): string | null {
  const sources = new Map<unknown, string>();
  try {
    const body = parseWithSource(text, function (name, value, { source }) {
      if (name === "groupKey" && source !== undefined) sources.set(this, source);
      return value;
    });
    return sources.get(body) ?? null;
  } catch {
    return null;
  }
}
