// In: the bytes of a request. Out: the JSON value in them, or a refusal that says where they stop being JSON without quoting them.

import { findJsonFault } from "./json-fault.ts";
import { maxValues } from "./limits.ts";
import { isObject } from "./read-fields.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { holdsMoreValuesThan } from "./value-count.ts";

const utf8 = new TextDecoder("utf-8");

export type ParsedBody = { readonly kind: "parsed"; readonly body: unknown } | Refusal;

/** A byte order mark is skipped. Invalid UTF-8 becomes U+FFFD: a damaged character is better than a refused alert. */
export function parseBody(bytes: Uint8Array): ParsedBody {
  if (holdsMoreValuesThan(maxValues, bytes)) return refuse("too_many_values");
  const text = utf8.decode(bytes);
  if (text.trim() === "") return refuse("empty_body");

  try {
    return { kind: "parsed", body: withExactGroupKey(JSON.parse(text), text) };
  } catch {
    return refuseText(text);
  }
}

function refuseText(text: string): Refusal {
  const refusal = refuse("not_json");
  const fault = findJsonFault(text);
  if (fault === null) return refusal;

  const place = fault.atEnd ? "it ends too early, at" : "it stops being JSON at";
  return { ...refusal, message: `${refusal.message}; ${place} line ${fault.line}, column ${fault.column}` };
}

/** Alertmanager of 2017 sent the key as a number beyond 2^53, where neighbours would become one group. */
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
