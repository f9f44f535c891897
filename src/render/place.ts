// Where in WeCom's markdown the end of a line stands: in code, in a link, in bold, in a quote, under a colour. In: the line so
// far, as it will be sent; out: what a text put there has to respect. Knows only the syntax the page documents.

export interface Place {
  readonly kind: "text" | "code" | "linkText" | "url";
  /** Nothing but quote marks and spaces stands before it. */
  readonly lineStart: boolean;
  readonly quoted: boolean;
  /** A line feed would break the markup that is open. */
  readonly oneLine: boolean;
  /** The tag of the colour that is open, or null. */
  readonly font: string | null;
}

export function placeAt(line: string, fontBefore: string | null): Place {
  const kind = kindAt(line);
  const bold = (line.match(/\*\*/g)?.length ?? 0) % 2 === 1;
  return {
    kind,
    lineStart: /^[\s>]*$/.test(line),
    quoted: line.startsWith(">"),
    oneLine: kind !== "text" || bold || /^#{1,6} /.test(line),
    font: openFont(line, fontBefore),
  };
}

/** Inline code ends with its line, so an odd number of backticks means inside. */
function kindAt(line: string): Place["kind"] {
  const runs = line.split("`");
  if (runs.length % 2 === 0) return "code";
  const shown = runs.filter((_, index) => index % 2 === 0).join("");
  if (shown.lastIndexOf("](") > shown.lastIndexOf(")")) return "url";
  return shown.lastIndexOf("[") > shown.lastIndexOf("]") ? "linkText" : "text";
}

export function openFont(line: string, fontBefore: string | null): string | null {
  if (!line.includes("font")) return fontBefore;
  let font = fontBefore;
  for (const [tag] of line.matchAll(/<font[^>]*>|<\/font>/g)) font = tag.startsWith("</") ? null : tag;
  return font;
}
