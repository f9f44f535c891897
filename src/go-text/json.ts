// Template values as Go's JSON encoder writes them: keys in byte order; <, >, & and U+2028/9 escaped.
import { isDuration } from "./duration.ts";
import { isMap, isPairs, sortedKeys, wireOf } from "./template-values.ts";
import { timeText } from "./time-format.ts";
import { isTimestamp } from "./timestamp.ts";

/** Throws on NaN and the infinities, which JSON does not have. */
export function toJson(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`json: unsupported value: ${value}`);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object") return quoteJson(value);
  if (isTimestamp(value)) return quoteJson(timeText(value));
  if (isDuration(value)) return value.ns.toString();
  if (isPairs(value)) return toJsonList(value.map((pair) => toJson({ Name: pair.name, Value: pair.value })));
  if (Array.isArray(value)) return toJsonList(value.map(toJson));
  const shape = wireOf(value);
  if (shape !== null) return toJsonObject(Object.entries(shape));
  return isMap(value) ? toJsonObject(sortedKeys(value).map((key) => [key, value[key]] as const)) : "null";
}

function toJsonList(items: readonly string[]): string {
  return `[${items.join(",")}]`;
}

function toJsonObject(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${quoteJson(key)}:${toJson(value)}`).join(",")}}`;
}

function quoteJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
