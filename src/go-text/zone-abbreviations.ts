// Zones whose abbreviation Intl does not know or spells otherwise than the IANA database, which is what Go prints.
// Found by comparing Intl (CLDR 46, locales en-US … en-CA) with tzdata 2025 for every zone in January and July 2026.

/** Abbreviation, offset from UTC in minutes, and the zones that use it. */
export const ABBREVIATIONS: readonly (readonly [name: string, minutes: number, zones: string])[] = [
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

/** Zones without letters in the IANA database, though Intl invents some. */
export const NUMERIC_ZONES: ReadonlySet<string> = new Set([
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
