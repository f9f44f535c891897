// Label sets and other objects of template data, read by their own keys only: `__proto__` and `constructor` are names like any other.
import { kind } from "./kind.ts";
import { compareText } from "./utf8.ts";

export type TemplateMap = Readonly<Record<string, unknown>>;

export function isMap(value: unknown): value is TemplateMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !Object.hasOwn(value, kind);
}

/** Go's order for range over a map, and for JSON. */
export function sortedKeys(map: object): string[] {
  return Object.keys(map).sort(compareText);
}

export function ownValue(map: object, key: string): unknown {
  return Object.hasOwn(map, key) ? Reflect.get(map, key) : undefined;
}

/** Without a prototype, so that any key can be set. */
export function mapOf(entries: Iterable<readonly [string, unknown]>): TemplateMap {
  const map: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) map[key] = value;
  return map;
}
