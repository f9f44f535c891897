// Any template value in, the text that Go prints for it out. Never throws; what is missing is empty text.
import { isDuration, printDuration } from "./duration.ts";
import { wireOf } from "./json.ts";
import { isMap, type TemplateMap } from "./maps.ts";
import { isPairs, type Pairs, sortedPairs } from "./pairs.ts";
import { printTime } from "./time-format.ts";
import { isTimestamp } from "./timestamp.ts";

export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return showNumber(value);
    case "object":
      return value === null ? "" : showObject(value);
    case "undefined":
    case "function":
      return "";
    default:
      return String(value);
  }
}

/** Plain digits where Go would write a large float with an exponent. */
export function showNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

function showObject(value: object): string {
  if (isTimestamp(value)) return printTime(value);
  if (isDuration(value)) return printDuration(value);
  if (isPairs(value)) return showPairs(value);
  if (Array.isArray(value)) return `[${value.map(show).join(" ")}]`;
  const shape = wireOf(value);
  if (shape !== null) return `{${Object.values(shape).map(show).join(" ")}}`;
  return isMap(value) ? showPairs(sortedPairs(value satisfies TemplateMap)) : "";
}

/** Since Alertmanager 0.26: a=b, c=d */
function showPairs(pairs: Pairs): string {
  return pairs.map((pair) => `${pair.name}=${show(pair.value)}`).join(", ");
}
