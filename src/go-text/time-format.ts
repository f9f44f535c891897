// A time and a Go layout in, text out. Rules: Go's time package, Time.AppendFormat.
import { DAYS, isFraction, MONTHS, parseLayout } from "./time-layout.ts";
import { type Shown, type Timestamp, toCivil } from "./timestamp.ts";

export function formatTime(time: Timestamp, layout: string): string {
  const shown = toCivil(time);
  const parts = parseLayout(layout);
  return parts.map(({ type, text }) => (type === "literal" ? text : formatElement(shown, text))).join("");
}

/** As Go prints a time: 2026-11-22 16:00:00.123456789 +0800 +0800 */
export function printTime(time: Timestamp): string {
  return formatTime(time, "2006-01-02 15:04:05.999999999 -0700 MST");
}

/** RFC 3339 with nanoseconds, as in Alertmanager's JSON. */
export function timeText(time: Timestamp): string {
  return formatTime(time, "2006-01-02T15:04:05.999999999Z07:00");
}

type Element = (shown: Shown) => string;

const ELEMENTS: Readonly<Record<string, Element>> = {
  "2006": ({ year }) => (year < 0 ? "-" : "") + pad(Math.abs(year), 4),
  "06": ({ year }) => pad(((year % 100) + 100) % 100, 2),
  January: ({ month }) => MONTHS[month - 1] ?? "",
  Jan: ({ month }) => (MONTHS[month - 1] ?? "").slice(0, 3),
  "01": ({ month }) => pad(month, 2),
  "1": ({ month }) => String(month),
  Monday: ({ weekday }) => DAYS[weekday] ?? "",
  Mon: ({ weekday }) => (DAYS[weekday] ?? "").slice(0, 3),
  "02": ({ day }) => pad(day, 2),
  _2: ({ day }) => pad(day, 2, " "),
  "2": ({ day }) => String(day),
  "002": ({ yearDay }) => pad(yearDay, 3),
  __2: ({ yearDay }) => pad(yearDay, 3, " "),
  "15": ({ hour }) => pad(hour, 2),
  "03": ({ hour }) => pad(hour % 12 || 12, 2),
  "3": ({ hour }) => String(hour % 12 || 12),
  "04": ({ minute }) => pad(minute, 2),
  "4": ({ minute }) => String(minute),
  "05": ({ second }) => pad(second, 2),
  "5": ({ second }) => String(second),
  PM: ({ hour }) => (hour >= 12 ? "PM" : "AM"),
  pm: ({ hour }) => (hour >= 12 ? "pm" : "am"),
  MST: ({ abbreviation, offset }) => abbreviation || formatOffset(offset, "-0700"),
};

function formatElement(shown: Shown, element: string): string {
  const format = Object.hasOwn(ELEMENTS, element) ? ELEMENTS[element] : undefined;
  if (format !== undefined) return format(shown);
  return isFraction(element) ? formatFraction(shown, element) : formatOffset(shown.offset, element);
}

/** `.000` keeps its zeros, `.999` drops them and the point with them. */
function formatFraction(shown: Shown, element: string): string {
  const digits = pad(shown.nanosecond, 9)
    .slice(0, element.length - 1)
    .padEnd(element.length - 1, "0");
  const kept = element.includes("9") ? digits.replace(/0+$/, "") : digits;
  return kept === "" ? "" : element.slice(0, 1) + kept;
}

/** `element` is -07, -0700, -07:00, -070000, -07:00:00, or the same with Z, which prints Z for UTC. */
function formatOffset(offset: number, element: string): string {
  if (element.startsWith("Z") && offset === 0) return "Z";
  const size = Math.abs(offset);
  const numbers = [Math.trunc(size / 3600), Math.trunc(size / 60) % 60, size % 60].map((number) => pad(number, 2));
  const count = element.replace(/\D/g, "").length / 2;
  return (offset < 0 ? "-" : "+") + numbers.slice(0, count).join(element.includes(":") ? ":" : "");
}

function pad(number: number, width: number, filler = "0"): string {
  return String(number).padStart(width, filler);
}
