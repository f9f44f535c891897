// Go's eq and lt for template values: numbers, text by bytes, booleans, durations and times. Values of different kinds
// are an error, as in Go, except that what is missing equals empty text.
import { isDuration } from "./duration.ts";
import { isTimestamp } from "./timestamp.ts";
import { compareText } from "./utf8.ts";

type Comparable =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "number"; readonly value: number | bigint }
  | { readonly kind: "time"; readonly value: bigint }
  | { readonly kind: "boolean"; readonly value: boolean };

export function isEqual(a: unknown, b: unknown): boolean {
  const [left, right] = pairUp(a, b);
  // biome-ignore lint/suspicious/noDoubleEquals: a duration is a bigint and may meet a number
  return left.value == right.value;
}

/** Negative, zero or positive; booleans have no order. */
export function order(a: unknown, b: unknown): number {
  const [left, right] = pairUp(a, b);
  if (left.kind === "boolean" || right.kind === "boolean") throw new Error("invalid type for comparison");
  if (left.kind === "text" && right.kind === "text") return compareText(left.value, right.value);
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0;
}

function pairUp(a: unknown, b: unknown): readonly [Comparable, Comparable] {
  const [left, right] = [comparable(a), comparable(b)];
  if (left.kind !== right.kind) throw new Error("incompatible types for comparison");
  return [left, right];
}

function comparable(value: unknown): Comparable {
  if (value === undefined || value === null) return { kind: "text", value: "" };
  if (typeof value === "string") return { kind: "text", value };
  if (typeof value === "number" || typeof value === "bigint") return { kind: "number", value };
  if (typeof value === "boolean") return { kind: "boolean", value };
  if (isDuration(value)) return { kind: "number", value: value.ns };
  if (isTimestamp(value)) return { kind: "time", value: value.ns };
  throw new Error("non-comparable type");
}
