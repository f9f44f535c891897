// Time zones: their offset and abbreviation at an instant. The data is that of the runtime (Intl).

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

/** More than there are zones; only a template that spells one zone in thousands of ways gets there. */
const MAX_ZONES = 1000;

/** `load` throws on an unknown name. An empty name is UTC, as in Go. */
interface Zones {
  load(name: string): Zone;
}

/** Keeps the zones it loaded, because Intl takes long to make a formatter. */
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

function loadZone(name: string): Zone {
  if (name === "" || name === "UTC") return UTC;
  // Intl accepts bare offsets as names, Go does not.
  if (!/^[A-Za-z]/.test(name)) throw unknownZone(name);
  const offsetAt = offsetsIn(name);
  const letters = LOCALES.map((locale) => formatter(locale, name, "short"));
  return {
    offsetAt,
    abbreviationAt: (second) => abbreviation(name, offsetAt(second), () => letters.map((l) => l(second))),
  };
}

/** By epoch second. Throws on an unknown name; a bare offset like +08:00 is a name here. */
export function offsetsIn(name: string): Zone["offsetAt"] {
  const offset = formatter("en-US", name, "longOffset");
  return (second) => parseOffset(offset(second));
}

/** Each knows the abbreviations of its part of the world. Where they differ the first one counts. */
const LOCALES = ["en-US", "en-GB", "en-AU", "en-IN", "en-ZA", "en-NZ", "en-CA"];

function formatter(locale: string, timeZone: string, timeZoneName: "short" | "longOffset") {
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

function abbreviation(name: string, offset: number, intlNames: () => readonly string[]): string {
  const own = ABBREVIATIONS.find(([, minutes, zones]) => minutes * 60 === offset && zones.split(" ").includes(name));
  if (own !== undefined) return own[0];
  const letters = NUMERIC_ZONES.has(name) ? undefined : intlNames().find((text) => /^[A-Z]{3,5}$/.test(text));
  return letters ?? numericName(offset);
}

/** What the IANA database calls a zone without letters: +04, +0530. */
function numericName(offset: number): string {
  const minutes = Math.trunc(Math.abs(offset) / 60);
  const two = (number: number) => String(number).padStart(2, "0");
  return (offset < 0 ? "-" : "+") + two(Math.trunc(minutes / 60)) + (minutes % 60 === 0 ? "" : two(minutes % 60));
}

/**
 * Abbreviations that Intl does not know or spells otherwise than the IANA database, which is what Go prints; each with its
 * offset from UTC in minutes and its zones. Found by comparing Intl (CLDR 46, locales en-US to en-CA) with tzdata 2025 for
 * every zone in January and July 2026.
 */
const ABBREVIATIONS: readonly (readonly [name: string, minutes: number, zones: string])[] = [
  ["CST", 480, "Asia/Shanghai Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau Asia/Taipei PRC ROC"],
  ["HKT", 480, "Asia/Hong_Kong Hongkong"],
  ["JST", 540, "Asia/Tokyo Japan"],
  ["KST", 540, "Asia/Seoul Asia/Pyongyang ROK"],
  ["PST", 480, "Asia/Manila"],
  ["PKT", 300, "Asia/Karachi"],
  ["WIB", 420, "Asia/Jakarta Asia/Pontianak"],
  ["WITA", 480, "Asia/Makassar Asia/Ujung_Pandang"],
  ["WIT", 540, "Asia/Jayapura"],
  ["IST", 120, "Asia/Jerusalem Asia/Tel_Aviv Israel"],
  ["IDT", 180, "Asia/Jerusalem Asia/Tel_Aviv Israel"],
  ["MSK", 180, "Europe/Moscow Europe/Kirov Europe/Simferopol Europe/Volgograd W-SU"],
  ["IST", 60, "Europe/Dublin Eire"],
  ["BST", 60, "Europe/Guernsey Europe/Isle_of_Man Europe/Jersey"],
  ["ChST", 600, "Pacific/Guam Pacific/Saipan"],
  ["SST", -660, "Pacific/Midway Pacific/Pago_Pago Pacific/Samoa US/Samoa"],
  ["MST", -420, "America/Dawson America/Hermosillo America/Mazatlan America/Whitehorse Canada/Yukon Mexico/BajaSur"],
  ["CST", -300, "America/Havana Cuba"],
  ["CDT", -240, "America/Havana Cuba"],
  ["HST", -600, "America/Adak America/Atka US/Aleutian"],
  ["HDT", -540, "America/Adak America/Atka US/Aleutian"],
  ["GMT", 0, "GMT Etc/GMT GMT+0 GMT-0 GMT0"],
  ["MET", 60, "MET"],
  ["MEST", 120, "MET"],
];

/** Zones that have no letters in the IANA database, but have some in Intl. */
const NUMERIC_ZONES: ReadonlySet<string> = new Set([
  "America/Miquelon",
  "Antarctica/Casey",
  "Antarctica/Troll",
  "Asia/Colombo",
  "Asia/Dubai",
  "Asia/Muscat",
  "Australia/Eucla",
  "Australia/LHI",
  "Australia/Lord_Howe",
  "NZ-CHAT",
  "Pacific/Chatham",
]);
