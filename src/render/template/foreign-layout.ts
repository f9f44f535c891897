// Layouts of times as Java and strftime write them, which Go's functions would print as they stand.

const goElements: Readonly<Record<string, string>> = {
  yyyy: "2006",
  YYYY: "2006",
  "%Y": "2006",
  yy: "06",
  "%y": "06",
  MM: "01",
  "%m": "01",
  dd: "02",
  DD: "02",
  "%d": "02",
  HH: "15",
  "%H": "15",
  hh: "03",
  "%I": "03",
  mm: "04",
  "%M": "04",
  ss: "05",
  "%S": "05",
  SSS: "000",
};

const element = Object.keys(goElements).join("|");

/** No part of a word. */
const elements = new RegExp(`(?<![A-Za-z0-9%])(?:${element}|T(?=HH|%H)|Z$)+(?![A-Za-z0-9])`, "g");

/** The same as a layout of Go; null when it has nothing of another language. */
export function asGoLayout(layout: string): string | null {
  const go = layout.replace(elements, (run) => run.replace(new RegExp(element, "g"), (one) => goElements[one] ?? one));
  return go === layout ? null : go;
}
