// Lenient readers of single fields: whatever JSON a sender put there comes out as the type we need, or as its absence.
// Maps are built with Object.fromEntries, so that a label called `__proto__` is a label and nothing else.

import type { AlertStatus, LabelSet } from "../domain/alert.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Text as it is, a number or boolean as text, anything else as no text. */
export function readText(value: unknown): string {
  return typeof value === "object" ? "" : (asText(value) ?? "");
}

/** Null and empty values are left out: to a matcher an empty label and a missing one are the same. */
export function readLabels(value: unknown): LabelSet {
  return Object.fromEntries(readPairs(value, (text) => text !== ""));
}

/** Null values are left out; empty ones stay, as Alertmanager keeps them. */
export function readAnnotations(value: unknown): LabelSet {
  return Object.fromEntries(readPairs(value, () => true));
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

/** A sender's word for a state; null when it is none. `alerting` and `ok` are Grafana's (`state`). */
export function readStatus(value: unknown): AlertStatus | null {
  switch (readText(value).toLowerCase()) {
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

/** A loop, because every webhook comes through here some ten times. */
function readPairs(value: unknown, wanted: (text: string) => boolean): readonly (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  if (!isObject(value)) return pairs;

  for (const name of Object.keys(value)) {
    const text = asText(value[name]);
    if (text !== null && wanted(text)) pairs.push([name, text]);
  }
  return pairs;
}

function asText(value: unknown): string | null {
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
