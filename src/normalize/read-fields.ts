// Lenient readers of single fields: each accepts any JSON value and returns the type we need, or its absence.
// Maps are made with Object.fromEntries, so that a label named `__proto__` is an ordinary label.

import type { AlertStatus, LabelSet } from "../domain/alert.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A number or boolean becomes text; anything else that is not text is empty. */
export function readStringField(value: unknown): string {
  return typeof value === "object" ? "" : (asText(value) ?? "");
}

/** Null and empty values are left out: to a matcher an empty label and a missing one are the same. */
export function readLabelSet(value: unknown): LabelSet {
  return readTexts(value, (text) => text !== "");
}

/** Null values are left out; empty ones stay, as Alertmanager keeps them. */
export function readAnnotations(value: unknown): LabelSet {
  return readTexts(value, () => true);
}

/** A whole number of zero or more, also as text; anything else is 0. */
export function readCount(value: unknown): number {
  const count = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(count) && Number(count) > 0 ? Number(count) : 0;
}

/** The finite numbers of a map; null when there are none. */
export function readNumbers(value: unknown): Readonly<Record<string, number>> | null {
  const numbers = isObject(value) ? Object.entries(value).filter(isFiniteNumber) : [];
  return numbers.length === 0 ? null : Object.fromEntries(numbers);
}

/** Null when it is not a status. `alerting` and `ok` are Grafana's (`state`). */
export function readStatus(value: unknown): AlertStatus | null {
  switch (readStringField(value).toLowerCase()) {
    case "firing":
    case "alerting":
      return "firing";
    case "resolved":
    case "ok":
      return "resolved";
    default:
      return null;
  }
}

/** What is complete as it was parsed is not copied. */
function readTexts(value: unknown, wanted: (text: string) => boolean): LabelSet {
  if (!isObject(value)) return {};
  const isWhole = Object.values(value).every((text) => typeof text === "string" && wanted(text));
  return isWhole ? (value as LabelSet) : Object.fromEntries(readPairs(value, wanted));
}

/** A loop instead of filter and map: each webhook calls this about ten times. */
function readPairs(value: JsonObject, wanted: (text: string) => boolean): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (const name of Object.keys(value)) {
    const text = asText(value[name]);
    if (text !== null && wanted(text)) pairs.push([name, text]);
  }
  return pairs;
}

/** Null for null and undefined. */
export function asText(value: unknown): string | null {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
      return String(value);
    default:
      return isObject(value) || Array.isArray(value) ? jsonText(value) : null;
  }
}

/** Null for a value nested so deeply that JSON.stringify runs out of stack; JSON.parse does not. */
function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

function isFiniteNumber(pair: [string, unknown]): pair is [string, number] {
  return Number.isFinite(pair[1]);
}

/**
 * An absolute http(s) URL that a reader may open; null for anything else. Keeps the sender's spelling, except with white space,
 * control characters or backslashes in it: then as a browser reads it. Grafana's test alerts carry a bare query (`?orgId=1`),
 * which is relative to `base`. Other relative forms are rejected, because people write host names without a scheme there.
 */
export function readLink(value: unknown, base: string | null = null): string | null {
  if (typeof value !== "string" || value === "") return null;

  const isBareQuery = value.startsWith("?");
  const url = isBareQuery ? URL.parse(value, base ?? undefined) : URL.parse(value);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) return null;

  return plainUrl.test(value) ? value : url.href;
}

const plainUrl = /^https?:\/\/[^\s\p{Cc}\\]+$/iu;
