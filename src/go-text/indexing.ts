// Go's len, index and slice: text counts in bytes, lists and maps in elements. Out of range throws; what is missing is empty.
import { isMap, ownValue } from "./maps.ts";
import { show } from "./show.ts";
import { sliceBytes, utf8Length } from "./utf8.ts";

export function lengthOf(value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === "string") return utf8Length(value);
  if (Array.isArray(value)) return value.length;
  if (isMap(value)) return Object.keys(value).length;
  throw new Error(`len of type ${typeof value}`);
}

/** One step into a map, a list or a text; of a text it is the byte, a number. */
export function elementOf(value: unknown, key: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value[position(key, value.length - 1)];
  if (typeof value === "string") return Buffer.from(value, "utf8")[position(key, utf8Length(value) - 1)];
  if (isMap(value)) return ownValue(value, show(key));
  throw new Error(`can't index item of type ${typeof value}`);
}

export function sliceOf(value: unknown, bounds: readonly unknown[]): unknown {
  const length = value === undefined || value === null ? 0 : lengthOf(value);
  const from = bounds.length > 0 ? position(bounds[0], length) : 0;
  const to = bounds.length > 1 ? position(bounds[1], length) : length;
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  if (Array.isArray(value)) return value.slice(from, to);
  if (typeof value === "string") return sliceBytes(value, from, to);
  if (value === undefined || value === null) return "";
  throw new Error(`can't slice item of type ${typeof value}`);
}

function position(key: unknown, last: number): number {
  if (typeof key !== "number" || !Number.isInteger(key)) throw new Error(`cannot index with ${show(key) || "nothing"}`);
  if (key < 0 || key > last) throw new Error(`index out of range: ${key}`);
  return key;
}
