// Alertmanager's KV and Pairs: a label set in; its pairs, names and values out, alertname first and the others in byte order.
import { isKind, kind } from "./kind.ts";
import { isMap, mapOf, sortedKeys, type TemplateMap } from "./maps.ts";

export interface Pair {
  readonly name: string;
  readonly value: unknown;
}

export type Pairs = readonly Pair[] & { readonly [kind]: "pairs" };

export function isPairs(value: unknown): value is Pairs {
  return Array.isArray(value) && isKind(value, "pairs");
}

function pairsOf(list: Pair[]): Pairs {
  return Object.assign(list, { [kind]: "pairs" as const });
}

/** Takes a map or pairs; what is missing has no pairs. */
export function sortedPairs(value: unknown): Pairs {
  if (isPairs(value)) return value;
  if (value === undefined || value === null) return pairsOf([]);
  if (!isMap(value)) throw new Error("expected a map");
  const keys = sortedKeys(value);
  const first = keys.filter((key) => key === "alertname");
  const others = keys.filter((key) => key !== "alertname");
  return pairsOf([...first, ...others].map((name) => ({ name, value: value[name] })));
}

export function namesOf(value: unknown): readonly string[] {
  return sortedPairs(value).map((pair) => pair.name);
}

export function valuesOf(value: unknown): readonly unknown[] {
  return sortedPairs(value).map((pair) => pair.value);
}

/** A copy without these names; the kind of collection stays. */
export function withoutNames(value: unknown, names: readonly string[]): TemplateMap | Pairs {
  const kept = sortedPairs(value).filter((pair) => !names.includes(pair.name));
  return isPairs(value) ? pairsOf(kept) : mapOf(kept.map((pair) => [pair.name, pair.value] as const));
}
