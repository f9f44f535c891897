// Template values as Go prints them.
import { isDuration, printDuration } from "./duration.ts";
import { printNumber } from "./number.ts";
import { isMap, isPairs, type Pairs, toSortedPairs, wireOf } from "./template-values.ts";
import { printTime } from "./time-format.ts";
import { isTimestamp } from "./timestamp.ts";

/** Never throws; a missing value is empty text. */
export function goText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return printNumber(value);
    case "object":
      return value === null ? "" : objectText(value);
    case "undefined":
    case "function":
      return "";
    default:
      return String(value);
  }
}

function objectText(value: object): string {
  if (isTimestamp(value)) return printTime(value);
  if (isDuration(value)) return printDuration(value);
  if (isPairs(value)) return pairsText(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  const shape = wireOf(value);
  if (shape !== null) return `{${Object.values(shape).map(goText).join(" ")}}`;
  return isMap(value) ? pairsText(toSortedPairs(value)) : "";
}

/** Since Alertmanager 0.26: a=b, c=d */
function pairsText(pairs: Pairs): string {
  return pairs.map((pair) => `${pair.name}=${goText(pair.value)}`).join(", ");
}

/** Like fmt.Sprint: a space only between two values of which neither is text. */
export function sprint(values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const isSpaced = index > 0 && !isText(value) && !isText(values[index - 1]);
      return (isSpaced ? " " : "") + goText(value);
    })
    .join("");
}

/** Like fmt.Sprintln. */
export function sprintln(values: readonly unknown[]): string {
  return `${values.map(goText).join(" ")}\n`;
}

/** A missing value is empty text, as a missing label is in Go. */
function isText(value: unknown): boolean {
  return typeof value === "string" || value === undefined || value === null;
}
