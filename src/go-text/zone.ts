// Time zones: a name in, the offset and the abbreviation at an instant out. Zone data is the runtime's own (Intl).
import { ABBREVIATIONS, NUMERIC_ZONES } from "./zone-abbreviations.ts";

/** Instants are epoch seconds, offsets are seconds east of UTC. */
export interface Zone {
  offsetAt(second: number): number;
  /** Empty for a bare offset. */
  abbreviationAt(second: number): string;
}

export const UTC: Zone = { offsetAt: () => 0, abbreviationAt: () => "UTC" };

export function fixedZone(name: string, offset: number): Zone {
  return { offsetAt: () => offset, abbreviationAt: () => name };
}

/** The bound only matters to someone who spells one zone in thousands of ways. */
const MAX_ZONES = 1000;

/** `load` throws on an unknown name. An empty name is UTC, as in Go. */
export interface Zones {
  load(name: string): Zone;
}

/** Remembers zones, because making Intl's formatters is slow. */
export function createZones(): Zones {
  const zones = new Map<string, Zone>();
  return {
    load(name) {
      const known = zones.get(name);
      if (known !== undefined) return known;
      const zone = loadZone(name);
      if (zones.size >= MAX_ZONES) zones.clear();
      zones.set(name, zone);
      return zone;
    },
  };
}

export function loadZone(name: string): Zone {
  if (name === "" || name === "UTC") return UTC;
  const offset = formatter("en-US", name, "longOffset");
  const letters = LOCALES.map((locale) => formatter(locale, name, "short"));
  const offsetAt = (second: number) => parseOffset(offset(second));
  return {
    offsetAt,
    abbreviationAt: (second) => abbreviation(name, offsetAt(second), () => letters.map((l) => l(second))),
  };
}

/** Each knows the abbreviations of its own part of the world; the order settles where they disagree. */
const LOCALES = ["en-US", "en-GB", "en-AU", "en-IN", "en-ZA", "en-NZ", "en-CA"];

function formatter(locale: string, timeZone: string, timeZoneName: "short" | "longOffset") {
  // Intl also takes bare offsets, Go does not.
  if (!/^[A-Za-z]/.test(timeZone)) throw unknownZone(timeZone);
  try {
    const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName });
    return (second: number) =>
      format.formatToParts(second * 1000).find((part) => part.type === "timeZoneName")?.value ?? "";
  } catch {
    throw unknownZone(timeZone);
  }
}

function unknownZone(name: string): Error {
  return new Error(`unknown time zone ${name}`);
}

/** "GMT", "GMT+08:00", "GMT-04:56:02" */
function parseOffset(text: string): number {
  const [, sign, hours, minutes, seconds] = text.match(/([+-])(\d+):(\d+)(?::(\d+))?/) ?? [];
  const size = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return sign === "-" ? -size : size;
}

function abbreviation(name: string, offset: number, ask: () => readonly string[]): string {
  const own = ABBREVIATIONS.find(([, minutes, zones]) => minutes * 60 === offset && zones.split(" ").includes(name));
  if (own !== undefined) return own[0];
  const letters = NUMERIC_ZONES.has(name) ? undefined : ask().find((text) => /^[A-Z]{3,5}$/.test(text));
  return letters ?? numericName(offset);
}

/** The IANA database's name for a zone without letters: +04, +0530. */
function numericName(offset: number): string {
  const minutes = Math.trunc(Math.abs(offset) / 60);
  const two = (number: number) => String(number).padStart(2, "0");
  return (offset < 0 ? "-" : "+") + two(Math.trunc(minutes / 60)) + (minutes % 60 === 0 ? "" : two(minutes % 60));
}
