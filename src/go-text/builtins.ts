// What Go's text/template itself does with values: conditions, eq, lt, len, index and slice.
import { isDuration } from "./duration.ts";
import { goText } from "./print.ts";
import { compareText, sliceBytes, utf8Length } from "./strings.ts";
import { isMap, ownValue, wireOf } from "./template-values.ts";
import { isTimestamp } from "./timestamp.ts";

/** The condition of if, and, or and not: false is only the zero of each type. A time is always true, an empty map never. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isDuration(value)) return value.ns !== 0n;
  if (isMap(value)) return wireOf(value) !== null || Object.keys(value).length > 0;
  return Number.isNaN(value) || Boolean(value);
}

type Comparable =
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "number"; readonly value: number | bigint }
  | { readonly kind: "time"; readonly value: bigint }
  | { readonly kind: "boolean"; readonly value: boolean };

/** eq. Throws on values of different kinds, as in Go, but a missing value equals empty text. */
export function isEqual(a: unknown, b: unknown): boolean {
  const [left, right] = pairUp(a, b);
  // biome-ignore lint/suspicious/noDoubleEquals: a duration is a bigint and may meet a number
  return left.value == right.value;
}

/** lt, le, gt and ge: negative, zero or positive. Text is ordered by its bytes; throws on booleans and different kinds. */
export function compareValues(a: unknown, b: unknown): number {
  const [left, right] = pairUp(a, b);
  if (left.kind === "boolean" || right.kind === "boolean") throw new Error("invalid type for comparison");
  if (left.kind === "text" && right.kind === "text") return compareText(left.value, right.value);
  return left.value < right.value ? -1 : left.value > right.value ? 1 : 0;
}

function pairUp(a: unknown, b: unknown): readonly [Comparable, Comparable] {
  const left = comparable(a);
  const right = comparable(b);
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

/** len: of text in bytes, of lists and maps in elements. */
export function goLength(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "string") return utf8Length(value);
  if (Array.isArray(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  throw new Error(`len of type ${typeof value}`);
}

/** index, one step: into a map or a list; of a text it is the byte, a number. A missing value has no elements. */
export function elementOf(value: unknown, key: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value[indexIn(key, value.length - 1)];
  if (typeof value === "string") return Buffer.from(value, "utf8")[indexIn(key, utf8Length(value) - 1)];
  if (isMap(value)) return ownValue(value, goText(key));
  throw new Error(`can't index item of type ${typeof value}`);
}

/** slice. Throws on an index out of range. */
export function sliceOf(value: unknown, bounds: readonly unknown[]): unknown {
  const length = value === undefined || value === null ? 0 : goLength(value);
  const from = bounds.length > 0 ? indexIn(bounds[0], length) : 0;
  const to = bounds.length > 1 ? indexIn(bounds[1], length) : length;
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  if (Array.isArray(value)) return value.slice(from, to);
  if (typeof value === "string") return sliceBytes(value, from, to);
  if (value === undefined || value === null) return "";
  throw new Error(`can't slice item of type ${typeof value}`);
}

function indexIn(key: unknown, last: number): number {
  if (typeof key !== "number" || !Number.isInteger(key))
    throw new Error(`cannot index with ${goText(key) || "nothing"}`);
  if (key < 0 || key > last) throw new Error(`index out of range: ${key}`);
  return key;
}
