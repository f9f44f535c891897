// Go's time layouts: the text of a sample date (Mon Jan 2 15:04:05 MST 2006) in, its elements and the text between out.
// Rules: Go's time package, nextStdChunk.

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
