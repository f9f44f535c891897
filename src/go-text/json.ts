// Any template value in, the JSON that Go's encoder writes for it out: keys in byte order, <, >, & and U+2028/9 escaped.
import { isDuration } from "./duration.ts";
import { isMap, sortedKeys } from "./maps.ts";
import { isPairs } from "./pairs.ts";
import { timeText } from "./time-format.ts";
import { isTimestamp } from "./timestamp.ts";

/** The key under which a view object holds what is printed in its place: the sender's own fields, in the order of the wire. */
export const wire: unique symbol = Symbol.for("alertmanager-wecom.wire");

export function wireOf(value: object): object | null {
  const shape: unknown = Object.hasOwn(value, wire) ? Reflect.get(value, wire) : null;
  return typeof shape === "object" ? shape : null;
}

/** Throws on NaN and the infinities, which JSON does not have. */
export function toJson(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`json: unsupported value: ${value}`);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object") return quoteJson(value);
  if (isTimestamp(value)) return quoteJson(timeText(value));
  if (isDuration(value)) return value.ns.toString();
  if (isPairs(value))
    return toJsonList(
      value
        .map(
          (pair) =>
            [
              ["Name", pair.name],
              ["Value", pair.value],
            ] as const,
        )
        .map(object),
    );
  if (Array.isArray(value)) return toJsonList(value.map(toJson));
  const shape = wireOf(value);
  if (shape !== null) return object(Object.entries(shape));
  return isMap(value) ? object(sortedKeys(value).map((key) => [key, value[key]] as const)) : "null";
}

function toJsonList(items: readonly string[]): string {
  return `[${items.join(",")}]`;
}

function object(entries: readonly (readonly [string, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${quoteJson(key)}:${toJson(value)}`).join(",")}}`;
}

function quoteJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
