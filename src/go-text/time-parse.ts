// Times read by a Go layout. Rules: Go's time package, ParseInLocation(layout, text, time.UTC).
import { DAYS, isFraction, type LayoutPart, MONTHS, parseLayout } from "./time-format.ts";
import { daysIn, fromCivil, type Timestamp } from "./timestamp.ts";
import { fixedZone, UTC, type Zone } from "./zone.ts";

/** The text that is left and the values read so far. An element that the layout does not have keeps its first value. */
interface Reading {
  rest: string;
  year: number;
  month: number | null;
  day: number | null;
  yearDay: number | null;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half: "am" | "pm" | null;
  offset: number | null;
  zoneName: string;
}

const START: Reading = {
  rest: "",
  year: 0,
  month: null,
  day: null,
  yearDay: null,
  hour: 0,
  minute: 0,
  second: 0,
  nanosecond: 0,
  half: null,
  offset: null,
  zoneName: "",
};

/** UTC when the text has no zone. Throws on text that does not fit the layout. */
export function parseTime(layout: string, text: string): Timestamp {
  const reading = { ...START, rest: text };
  const parts = parseLayout(layout);
  parts.forEach((part, index) => {
    const isRead =
      part.type === "literal" ? readLiteral(reading, part.text) : readElement(reading, part, parts[index + 1]);
    if (!isRead)
      throw new Error(`parsing time "${text}" as "${layout}": cannot parse "${reading.rest}" as "${part.text}"`);
  });
  if (reading.rest !== "") throw new Error(`parsing time "${text}": extra text: "${reading.rest}"`);
  const time = assemble(reading);
  if (time === null) throw new Error(`parsing time "${text}": day out of range`);
  return time;
}

/** Spaces in the layout match any number of spaces. */
function readLiteral(reading: Reading, literal: string): boolean {
  const source = literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ +/g, " *");
  return take(reading, new RegExp(`^${source}`)) !== null;
}

function take(reading: Reading, pattern: RegExp): string | null {
  const match = reading.rest.match(pattern);
  if (match === null) return null;
  reading.rest = reading.rest.slice(match[0].length);
  return match[0];
}

type Field = "year" | "month" | "day" | "yearDay" | "hour" | "minute" | "second";

/** The digits of an element, the field they fill, and the range of its value. */
const NUMBERS: Readonly<Record<string, readonly [Field, RegExp, number, number]>> = {
  "2006": ["year", /^\d{4}/, 0, 9999],
  "06": ["year", /^\d{2}/, 0, 99],
  "01": ["month", /^\d{2}/, 1, 12],
  "1": ["month", /^\d{1,2}/, 1, 12],
  "02": ["day", /^\d{2}/, 0, 99],
  _2: ["day", /^ ?\d{1,2}/, 0, 99],
  "2": ["day", /^\d{1,2}/, 0, 99],
  "002": ["yearDay", /^\d{3}/, 1, 366],
  __2: ["yearDay", /^ {0,2}\d{1,3}/, 1, 366],
  "15": ["hour", /^\d{1,2}/, 0, 23],
  "03": ["hour", /^\d{2}/, 0, 12],
  "3": ["hour", /^\d{1,2}/, 0, 12],
  "04": ["minute", /^\d{2}/, 0, 59],
  "4": ["minute", /^\d{1,2}/, 0, 59],
  "05": ["second", /^\d{2}/, 0, 59],
  "5": ["second", /^\d{1,2}/, 0, 59],
};

function readElement(reading: Reading, part: LayoutPart, next: LayoutPart | undefined): boolean {
  const { text } = part;
  const number = Object.hasOwn(NUMBERS, text) ? NUMBERS[text] : undefined;
  if (number !== undefined) {
    const [field, pattern, low, high] = number;
    const value = Number(take(reading, pattern) ?? Number.NaN);
    reading[field] = text === "06" ? value + (value >= 69 ? 1900 : 2000) : value;
    const hasFraction = next?.type === "element" && isFraction(next.text);
    if (field === "second" && !hasFraction) readFraction(reading, ".9");
    return value >= low && value <= high;
  }
  if (isFraction(text)) return readFraction(reading, text);
  return readName(reading, text) || readZone(reading, text);
}

/** `.9` takes any number of digits or none, `.000` exactly three. */
function readFraction(reading: Reading, element: string): boolean {
  const isFree = element.includes("9");
  const digits = take(reading, isFree ? /^[.,]\d+/ : new RegExp(`^[.,]\\d{${element.length - 1}}`));
  if (digits === null) return isFree;
  reading.nanosecond = Number(digits.slice(1, 10).padEnd(9, "0"));
  return true;
}

function readName(reading: Reading, element: string): boolean {
  if (element === "PM" || element === "pm") {
    const half = take(reading, element === "PM" ? /^[AP]M/ : /^[ap]m/);
    reading.half = half?.toLowerCase() === "am" ? "am" : half === null ? null : "pm";
    return half !== null;
  }
  const isMonth = element === "January" || element === "Jan";
  if (!isMonth && element !== "Monday" && element !== "Mon") return false;
  const names = (isMonth ? MONTHS : DAYS).map((name) => (element.length === 3 ? name.slice(0, 3) : name));
  const index = names.findIndex((name) => reading.rest.toLowerCase().startsWith(name.toLowerCase()));
  if (index === -1) return false;
  reading.rest = reading.rest.slice(names[index]?.length);
  if (isMonth) reading.month = index + 1;
  return true;
}

function readZone(reading: Reading, element: string): boolean {
  if (element === "MST") {
    const name = take(
      reading,
      /^(?:UTC|GMT[+-]\d{1,2}|ChST|MeST|[A-Z]{3}T|[A-Z]{4}T|WITA|[A-Z]{3}|[+-]\d{2}(?!\d))(?![A-Z])/,
    );
    if (name === null) return false;
    const hours = name.match(/^GMT([+-]\d+)$/)?.[1];
    reading.zoneName = name;
    reading.offset = name === "UTC" ? 0 : Number(hours ?? 0) * 3600;
    return true;
  }
  if (element.startsWith("Z") && take(reading, /^Z/) !== null) {
    reading.offset = 0;
    return true;
  }
  const source = `[+-]${element.slice(1).replace(/\d\d/g, "\\d\\d")}`;
  const text = take(reading, new RegExp(`^${source}`));
  if (text === null) return false;
  const [hours = 0, minutes = 0, seconds = 0] = (text.slice(1).replaceAll(":", "").match(/../g) ?? []).map(Number);
  reading.offset = (text.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
  return hours <= 24 && minutes < 60 && seconds < 60;
}

function assemble(reading: Reading): Timestamp | null {
  const { year, yearDay, half, hour, minute, second, nanosecond } = reading;
  const fromYearDay = yearDay === null ? null : new Date(new Date(0).setUTCFullYear(year, 0, yearDay));
  const month = reading.month ?? (fromYearDay === null ? 1 : fromYearDay.getUTCMonth() + 1);
  const day = reading.day ?? fromYearDay?.getUTCDate() ?? 1;
  if (day < 1 || day > daysIn(year, month)) return null;
  const hour24 = half === "pm" && hour < 12 ? hour + 12 : half === "am" && hour === 12 ? 0 : hour;
  const civil = { year, month, day, hour: hour24, minute, second, nanosecond };
  return fromCivil(civil, zoneOf(reading));
}

function zoneOf(reading: Reading): Zone {
  if (reading.offset === null || (reading.offset === 0 && /^(?:UTC)?$/.test(reading.zoneName))) return UTC;
  return fixedZone(reading.zoneName, reading.offset);
}
