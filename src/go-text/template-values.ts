// The values that templates hold: maps, the sorted pairs of Alertmanager's label sets, and the mark of our own types.
import { compareText } from "./strings.ts";

/** Marks times, durations and pairs. It is a symbol, because a label may have any text as its name. */
export const valueKind: unique symbol = Symbol("kind");

export function isOfKind(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && Reflect.get(value, valueKind) === name;
}

type TemplateMap = Readonly<Record<string, unknown>>;

/** Maps are read by their own keys only: `__proto__` and `constructor` are names like any other. */
export function isMap(value: unknown): value is TemplateMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !Object.hasOwn(value, valueKind);
}

/** In the order in which Go ranges over a map and writes it as JSON. */
export function sortedKeys(map: object): string[] {
  return Object.keys(map).sort(compareText);
}

export function ownValue(map: object, key: string): unknown {
  return Object.hasOwn(map, key) ? Reflect.get(map, key) : undefined;
}

/** The map has no prototype, so that any key can be set. */
export function mapOf(entries: Iterable<readonly [string, unknown]>): TemplateMap {
  const map: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) map[key] = value;
  return map;
}

/** Under this key a view has a function from itself to what is printed: the sender's own fields, in the sender's order. */
export const wire: unique symbol = Symbol.for("alertmanager-wecom.wire");

export function wireOf(value: object): object | null {
  const shapeOf: unknown = Object.hasOwn(value, wire) ? Reflect.get(value, wire) : null;
  return typeof shapeOf === "function" ? shapeOf(value) : null;
}

interface Pair {
  readonly name: string;
  readonly value: unknown;
}

/** Alertmanager's Pairs. */
export type Pairs = readonly Pair[] & { readonly [valueKind]: "pairs" };

export function isPairs(value: unknown): value is Pairs {
  return Array.isArray(value) && isOfKind(value, "pairs");
}

function markAsPairs(list: Pair[]): Pairs {
  return Object.assign(list, { [valueKind]: "pairs" as const });
}

/** alertname first, then by the bytes of the names. Takes a map or pairs; a missing value has no pairs. */
export function toSortedPairs(value: unknown): Pairs {
  if (isPairs(value)) return value;
  if (value === undefined || value === null) return markAsPairs([]);
  if (!isMap(value)) throw new Error("expected a map");
  const keys = sortedKeys(value);
  const first = keys.filter((key) => key === "alertname");
  const others = keys.filter((key) => key !== "alertname");
  return markAsPairs([...first, ...others].map((name) => ({ name, value: value[name] })));
}

export function pairNames(value: unknown): readonly string[] {
  return toSortedPairs(value).map((pair) => pair.name);
}

export function pairValues(value: unknown): readonly unknown[] {
  return toSortedPairs(value).map((pair) => pair.value);
}

/** A copy without these names: of a map a map, of pairs pairs. */
export function withoutNames(value: unknown, names: readonly string[]): TemplateMap | Pairs {
  const kept = toSortedPairs(value).filter((pair) => !names.includes(pair.name));
  return isPairs(value) ? markAsPairs(kept) : mapOf(kept.map((pair) => [pair.name, pair.value] as const));
}
