// Go's time layouts, which are written as a sample date (Mon Jan 2 15:04:05 MST 2006), and times formatted by them.
// Rules: Go's time package, nextStdChunk and Time.AppendFormat.
import { type ShownTime, type Timestamp, toCivil } from "./timestamp.ts";

export interface LayoutPart {
  /** `literal` is printed as it is; the others are elements of the date. */
  readonly type: "literal" | "element";
  readonly text: string;
}

export const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);
export const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

const ELEMENT = new RegExp(
  [
    "January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|PM|pm",
    "002|0[1-6]|15|1|2006|2|__2|_2(?!006)|3|4|5",
    "[-Z]07:00:00|[-Z]070000|[-Z]07:00|[-Z]0700|[-Z]07",
    "[.,]0+(?!\\d)|[.,]9+(?!\\d)",
  ].join("|"),
  "g",
);

export function parseLayout(layout: string): readonly LayoutPart[] {
  const parts: LayoutPart[] = [];
  let end = 0;
  for (const match of layout.matchAll(ELEMENT)) {
    if (match.index > end) parts.push({ type: "literal", text: layout.slice(end, match.index) });
    parts.push({ type: "element", text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < layout.length) parts.push({ type: "literal", text: layout.slice(end) });
  return parts;
}

export function isFraction(text: string): boolean {
  return /^[.,][09]/.test(text);
}

export function formatTime(time: Timestamp, layout: string): string {
  const shown = toCivil(time);
  const parts = parseLayout(layout);
  return parts.map(({ type, text }) => (type === "literal" ? text : formatElement(shown, text))).join("");
}

/** Like Go's Time.String: 2026-11-22 16:00:00.123456789 +0800 +0800 */
export function printTime(time: Timestamp): string {
  return formatTime(time, "2006-01-02 15:04:05.999999999 -0700 MST");
}

/** RFC 3339 with nanoseconds, as in Alertmanager's JSON. */
export function timeText(time: Timestamp): string {
  return formatTime(time, "2006-01-02T15:04:05.999999999Z07:00");
}

type FormatElement = (shown: ShownTime) => string;

const FORMATS: Readonly<Record<string, FormatElement>> = {
  "2006": ({ year }) => (year < 0 ? "-" : "") + padded(Math.abs(year), 4),
  "06": ({ year }) => padded(((year % 100) + 100) % 100, 2),
  January: ({ month }) => MONTHS[month - 1] ?? "",
  Jan: ({ month }) => (MONTHS[month - 1] ?? "").slice(0, 3),
  "01": ({ month }) => padded(month, 2),
  "1": ({ month }) => String(month),
  Monday: ({ weekday }) => DAYS[weekday] ?? "",
  Mon: ({ weekday }) => (DAYS[weekday] ?? "").slice(0, 3),
  "02": ({ day }) => padded(day, 2),
  _2: ({ day }) => padded(day, 2, " "),
  "2": ({ day }) => String(day),
  "002": ({ yearDay }) => padded(yearDay, 3),
  __2: ({ yearDay }) => padded(yearDay, 3, " "),
  "15": ({ hour }) => padded(hour, 2),
  "03": ({ hour }) => padded(hour % 12 || 12, 2),
  "3": ({ hour }) => String(hour % 12 || 12),
  "04": ({ minute }) => padded(minute, 2),
  "4": ({ minute }) => String(minute),
  "05": ({ second }) => padded(second, 2),
  "5": ({ second }) => String(second),
  PM: ({ hour }) => (hour >= 12 ? "PM" : "AM"),
  pm: ({ hour }) => (hour >= 12 ? "pm" : "am"),
  MST: ({ abbreviation, offset }) => abbreviation || formatOffset(offset, "-0700"),
};

function formatElement(shown: ShownTime, element: string): string {
  const format = Object.hasOwn(FORMATS, element) ? FORMATS[element] : undefined;
  if (format !== undefined) return format(shown);
  return isFraction(element) ? formatFraction(shown, element) : formatOffset(shown.offset, element);
}

/** `.000` keeps its zeros, `.999` drops them and the point with them. */
function formatFraction(shown: ShownTime, element: string): string {
  const digits = padded(shown.nanosecond, 9)
    .slice(0, element.length - 1)
    .padEnd(element.length - 1, "0");
  const kept = element.includes("9") ? digits.replace(/0+$/, "") : digits;
  return kept === "" ? "" : element.slice(0, 1) + kept;
}

/** `element` is -07, -0700, -07:00, -070000, -07:00:00, or the same with Z, which prints Z for UTC. */
function formatOffset(offset: number, element: string): string {
  if (element.startsWith("Z") && offset === 0) return "Z";
  const size = Math.abs(offset);
  const numbers = [Math.trunc(size / 3600), Math.trunc(size / 60) % 60, size % 60].map((number) => padded(number, 2));
  const count = element.replace(/\D/g, "").length / 2;
  return (offset < 0 ? "-" : "+") + numbers.slice(0, count).join(element.includes(":") ? ":" : "");
}

function padded(number: number, width: number, filler = "0"): string {
  return String(number).padStart(width, filler);
}
